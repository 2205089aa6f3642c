"""`bench ...` on a card, as a technician types it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bench.commands.cli import cli
from bench.errors import BenchError


def typed(card: Path, *words: str, answers: str | None = None, lang: str = "en") -> str:
    """What is said. Errors: BenchError with what is refused."""
    # Options first: what follows `--` are names alone.
    options = ["--root", str(card), "--lang", lang]
    ran = CliRunner().invoke(cli, [*words[:2], *options, *words[2:]], input=answers)
    if isinstance(ran.exception, BenchError):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output
