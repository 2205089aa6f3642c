"""`bench admin text`: the free texts that records refer to, and their deletion."""

from __future__ import annotations

from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bench.admin.acting import Change, changing, now
from bench.admin.words import word
from bench.configuration.config import load_config
from bench.registry import kept_texts
from bench.registry.kept_texts import KeptText, all_texts
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json

_SHORT = 17
"""Characters of a reference that are shown: `text:` and twelve digits, enough to name it by."""


@click.group()
def text() -> None:
    """Titles of plans, reasons and remarks: records have only a salted hash of them, so they can be deleted."""


@text.command("list")
@click.option(
    "--run", "run_id", default=None, metavar="RUN", help="Only the texts of this run, such as run-000001."
)
@config_option
@lang_option
@json_option
def list_texts(run_id: str | None, config_path: Path, lang: str, wants_json: bool) -> None:
    """The texts that are kept, by the run whose records refer to them."""
    found = all_texts(load_config(config_path).state_dir, run_id)
    if wants_json:
        tell_json(found)
        return
    table = Table(box=box.SIMPLE)
    for column in ("text_run", "text_reference", "text_what", "text_said"):
        table.add_column(word(column, lang), overflow="fold")
    for kept in found:
        said = kept.text if kept.is_whole else word("text_not_whole", lang, text=kept.text)
        table.add_row(kept.run_id, kept.reference[:_SHORT], word(f"text_{kept.what}", lang), said)
    Console().print(table)


@text.command()
@click.argument("named", metavar="RUN|REFERENCE")
@changing
def forget(named: str, change: Change) -> None:
    """Delete all texts of a RUN, or the one of a REFERENCE, for good. The records stay, and still verify.

    Copies that were made of the registry before, such as back-ups, keep the texts: delete these, too. A bench that is
    running shows the texts of its last run until the next one begins.
    """
    by = change.by()
    gone = kept_texts.forget(change.state_dir, by, named, now())
    tell(word("texts_forgotten", change.lang, texts=", ".join(map(_short, gone))))


def _short(kept: KeptText) -> str:
    return f"{kept.reference[:_SHORT]} ({kept.run_id})"
