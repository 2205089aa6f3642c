"""`bench run`: a plan without a page, on the terminal."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click
from rich.console import Console

from bench.app import open_bench
from bench.before_run.plan_check import asks_people
from bench.commands.starting import Wanted, starting
from bench.commands.summary import finish
from bench.configuration.config import Config, load_config
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan
from bench.service import ending_on_signals
from bench.terminal.answering import TerminalDesk
from bench.terminal.cli_options import tell
from bench.terminal.terminal import RunProgress

_stderr = Console(stderr=True)


@click.command()
@starting
def run(wanted: Wanted) -> None:
    """Carry out a plan without a page, with progress on the terminal, where questions are answered, too."""
    config, lang = load_config(wanted.config_path), wanted.lang
    checked = wanted.checked(config)
    can_type = sys.stdin.isatty()
    if not can_type:
        _require_nobody(checked, config, str(wanted.plan_path))
    password = wanted.password()
    with open_bench(config, tell, lang) as process:
        who = "" if wanted.verifier is None or password is None else process.let_in(wanted.verifier, password)
        desk = process.equipment.desk
        with (
            ending_on_signals(process.stop_run),
            RunProgress(process.live, _stderr, lang, can_type=can_type),
            TerminalDesk(desk, process.skip, process.presses, sys.stdin, tell, lang)
            if can_type
            else nullcontext(),
        ):
            summary = process.run(checked, wanted.resumed_id, who)
    finish(summary, lang, wanted.wants_json)


def _require_nobody(checked: CheckedPlan, config: Config, where: str) -> None:
    """Errors: OperatorError for a plan that asks people, or for a load that one sets: nobody is at a terminal."""
    asking = asks_people(checked, config) if config.desk.driver == "open" else ()
    if asking:
        raise OperatorError(
            f"{where}: nobody is here to answer for {', '.join(asking)}; run it on a terminal, or with "
            "bench serve and bench answer"
        )
    if config.load_source.driver == "manual" and not config.panel.start_button:
        raise OperatorError(
            f"{where}: nobody is here to say when a load is set; run it on a terminal, or with bench serve and "
            "bench confirm"
        )
