"""The end of a command that has carried out a run: its verdict, said and as exit status."""

from __future__ import annotations

import sys

from bench.commands.words import word
from bench.process import RunSummary
from bench.terminal.cli_options import EXIT_STATUS, tell, tell_json
from bench.terminal.result_json import as_json


def finish(summary: RunSummary, lang: str, wants_json: bool) -> None:
    """Does not return."""
    if wants_json:
        tell_json(as_json(summary.state))
    else:
        tell(f"{summary.run_id}: {word(summary.verdict.value, lang)} ({word(summary.kind.value, lang)})")
    sys.exit(EXIT_STATUS[summary.verdict])
