"""`bench serve`: the measuring process."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bench import logs
from bench.app import open_bench
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.errors import BenchError
from bench.replay.interrupted_run import InterruptedRun
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
    said = logs.teller("bench.serve", tell)
    try:
        _serve(config_path, lang, said)
    except BenchError as error:
        if said is tell:
            raise
        logging.getLogger("bench.serve").error("%s", error)
        sys.exit(error.exit_status)


def cut_off(run: InterruptedRun, config_path: Path, lang: str) -> str:
    """Which run it was, and how to go on."""
    if run.case:
        return word("cut_off_case", lang, run=run.run_id, case=run.case)
    by = f" --by {run.verifier}" if run.verifier else ""
    return word("cut_off", lang, run=run.run_id, config=config_path, by=by)


def _serve(config_path: Path, lang: str, said: Callable[[str], None]) -> None:
    config = load_config(config_path)
    with (
        open_bench(config, said, lang) as process,
        Service(process) as service,
        ending_on_signals(service.end),
        QuestionTeller(process.live, said, lang, f"--config {shlex.quote(str(config_path))}"),
        Watched(
            service_manager(),
            process.equipment.disk_clock,
            service.silent,
            f"listening on {config.socket_path}",
        ),
    ):
        said(word("listening", lang, socket=config.socket_path, config=config_path))
        if process.interrupted is not None:
            said(cut_off(process.interrupted, config_path, lang))
        service.serve()
