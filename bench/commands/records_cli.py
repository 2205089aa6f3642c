"""Commands that read the journal and write nothing; a bench may have it open meanwhile."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from bench.app import replay_run
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.records.journal_reading import JournalReader
from bench.replay.recorded_run import recorded_state
from bench.replay.replay import Replay
from bench.terminal.cli_options import (
    EXIT_STATUS,
    config_option,
    json_option,
    lang_option,
    state_dir_option,
    tell,
    tell_json,
)
from bench.terminal.result_json import as_json
from bench.terminal.run_list import list_runs, runs_table
from bench.terminal.state_view import StateView
from calibration.quantities import Outcome

T = TypeVar("T")


@click.command("replay")
@click.argument("run_id", metavar="RUN")
@config_option
@state_dir_option
@lang_option
@json_option
def replay_command(
    run_id: str, config_path: Path, state_dir: Path | None, lang: str, wants_json: bool
) -> None:
    """Recompute a run (run-000002, or 2) from its raw files; the same digits or exit status 4.

    Also 4 where nothing can be recomputed, and where the run has no end in the journal: what is missing there cannot be
    told. The bench may be running meanwhile.
    """
    found = replay_run(state_dir or load_config(config_path).state_dir, run_id)
    if wants_json:
        tell_json(found)
    else:
        for line in _replay_lines(found, lang):
            tell(line)
    holds = found.results and found.has_ended and not found.differences
    sys.exit(0 if holds else EXIT_STATUS[Outcome.INVALID])


@click.command()
@config_option
@state_dir_option
@lang_option
@json_option
def runs(config_path: Path, state_dir: Path | None, lang: str, wants_json: bool) -> None:
    """List the runs of the journal. The bench may be running meanwhile."""
    found = _read(config_path, state_dir, list_runs)
    if wants_json:
        tell_json(found)
    else:
        Console().print(runs_table(found, lang))


@click.command()
@click.argument("run_id", metavar="RUN")
@config_option
@state_dir_option
@lang_option
@json_option
def show(run_id: str, config_path: Path, state_dir: Path | None, lang: str, wants_json: bool) -> None:
    """Show the results of a recorded RUN (run-000002, or 2) as at its end. The bench may be running meanwhile.

    Exit status 0 whatever the verdict is. What is shown is what was recorded; bench replay says whether it holds.
    """
    state = _read(
        config_path, state_dir, lambda journal: recorded_state(journal, journal.run(journal.known(run_id)))
    )
    if wants_json:
        tell_json(as_json(state))
    else:
        console = Console()
        console.print(StateView(console, lang).render(state))


def _read(config_path: Path, state_dir: Path | None, read: Callable[[JournalReader], T]) -> T:
    journal = JournalReader(state_dir or load_config(config_path).state_dir)
    try:
        return read(journal)
    finally:
        journal.close()


def _replay_lines(found: Replay, lang: str) -> list[str]:
    lines = [word("differs", lang, **dataclasses.asdict(difference)) for difference in found.differences]
    results = word.counted("results", lang, found.results)
    differ = word.counted("figures_differ", lang, len(found.differences))
    lines.append(word("replayed", lang, run=found.run_id, results=results, differ=differ))
    if found.was_interrupted or not found.has_ended:
        lines.append(word("was_interrupted" if found.was_interrupted else "no_end_yet", lang))
    if not found.results:
        lines.append(word("nothing_recomputed", lang))
    return lines
