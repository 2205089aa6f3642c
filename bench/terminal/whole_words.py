"""Tables on a narrow terminal: names wrap between their words, and what was measured is never cut."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

_ROOM = 10_000
"""More than any table takes: what is measured is cut to the room that is given."""
_LEAST = 4


def keep_words_whole(table: Table, console: Console) -> None:
    """For a table that has all its rows. Where there is no room, the space between its columns goes first, then the
    words of the columns that wrap, the last of them first.
    """
    for column in table.columns:
        column.min_width = _longest(column)
    if _lacks(table, console) > 0:
        table.padding = (0, 0)
    for column in reversed(table.columns):
        lacks = _lacks(table, console)
        if lacks > 0 and not column.no_wrap and column.min_width is not None:
            column.width = column.min_width = max(_LEAST, column.min_width - lacks)


def _lacks(table: Table, console: Console) -> int:
    needed = Measurement.get(console, console.options.update(width=_ROOM), table).minimum
    return needed - console.width


def _longest(column: Column) -> int:
    """Cell of a column, or word of one that wraps."""
    cells = [cell.plain if isinstance(cell, Text) else str(cell) for cell in (column.header, *column.cells)]
    parts = cells if column.no_wrap else [word for cell in cells for word in cell.split()]
    return max((cell_len(part) for part in parts), default=0)
