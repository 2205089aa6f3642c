"""`bench serve`: the measuring process."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from bench import logs
from bench.app import open_bench
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.sd_notify import Watched, service_manager
from bench.service import Service, ending_on_signals
from bench.terminal.cli_options import config_option, lang_option, tell
from bench.terminal.questions import QuestionTeller


@click.command()
@config_option
@lang_option
def serve(config_path: Path, lang: str) -> None:
    """The measuring process: commands and live state on the control socket, until SIGTERM."""
    logs.start()
    config = load_config(config_path)
    with (
        open_bench(config, tell, lang) as process,
        Service(process) as service,
        ending_on_signals(service.end),
        QuestionTeller(process.live, tell, lang, f"--config {shlex.quote(str(config_path))}"),
        Watched(
            service_manager(),
            process.equipment.disk_clock,
            process.silent,
            f"listening on {config.socket_path}",
        ),
    ):
        tell(word("listening", lang, socket=config.socket_path, config=config_path))
        service.serve()
