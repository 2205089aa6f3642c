"""`bench start`: a plan to the bench that `bench serve` runs."""

from __future__ import annotations

import click

from bench.commands.starting import Wanted, starting
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.control.client import ControlClient
from bench.terminal.cli_options import tell, tell_json


@click.command()
@starting
def start(wanted: Wanted) -> None:
    """Start a run on the bench that `bench serve` runs; the page shows it."""
    config = load_config(wanted.config_path)
    wanted.checked(config)  # for messages that name the file
    password = wanted.password()
    who = None if wanted.verifier is None or password is None else (wanted.verifier, password)
    # An earlier run is recomputed before anything is taken over from it, which takes its time.
    resumed_id, socket_path = wanted.resumed_id, config.socket_path
    client = ControlClient(socket_path, None) if resumed_id else ControlClient(socket_path)
    with client:
        run_id = client.start(wanted.plan_path.read_text(encoding="utf-8"), resumed_id, who)
    if wanted.wants_json:
        tell_json({"run": run_id})
    else:
        tell(word("run_starts", wanted.lang, run=run_id, config=wanted.config_path))
