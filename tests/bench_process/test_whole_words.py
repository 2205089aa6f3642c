"""Tables at 80 columns: no word of a name is broken, and nothing that was measured is cut."""

from __future__ import annotations

import io

import pytest
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.terminal.whole_words import keep_words_whole

MEASURED = ["s = 0.01523 %", "0.0408", "≤ 409.1 s", "174"]


def shown(names: list[str], verdict: str, width: int, **kwargs: bool) -> str:
    console = Console(width=width, file=io.StringIO())
    table = Table(box=box.SIMPLE, **kwargs)  # type: ignore[arg-type]
    for title in ("pos.", "test point"):
        table.add_column(title, overflow="fold")
    for title in ("error %", "U %", "limit %", "pulses", "verdict"):
        table.add_column(title, no_wrap=True)
    table.add_row(*names, *MEASURED, Text(verdict))
    keep_words_whole(table, console)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize(("names", "words"), [
    (["1 SIM-000001", "repeatability Ib 1.0"], ["SIM-000001", "repeatability"]),
    (["1 SIM-000001", "测量重复性 Ib 1.0"], ["SIM-000001", "测量重复性"]),
])  # fmt: skip
def test_at_80_columns_every_word_and_figure_is_whole(
    names: list[str], words: list[str], close: bool
) -> None:
    said = shown(names, "NOT JUDGED", 80, collapse_padding=close, pad_edge=not close)
    assert all(each in said for each in [*words, *MEASURED, "NOT JUDGED"])
    assert max(len(line) for line in said.splitlines()) <= 80


def test_where_there_is_no_room_for_its_words_a_name_is_broken_and_no_figure() -> None:
    said = shown(["1 SIM-000001", "repeatability Ib 1.0"], "NOT JUDGED", 72)
    assert "repeatability" not in said
    assert all(each in said for each in ["SIM-000001", *MEASURED, "NOT JUDGED"])
