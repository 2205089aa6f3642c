"""The table of the ways that check each other: only the ways this run has a figure of. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from web.customer.points import WAYS, PointRow
from web.texts import text

NO_FIGURE = "—"
FEWEST = 2
"""A single way checks nothing."""


@dataclass(frozen=True, slots=True)
class WaysTable:
    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Name of the step, and its figures in the order of `names`; a dash where a way was not used."""


def ways_table(rows: list[PointRow], language: str) -> WaysTable | None:
    """The ways side by side; None while fewer than two of them have a figure at any step."""
    with_ways = [(row, row.ways) for row in rows if row.ways is not None and any(row.ways)]
    used = [n for n in range(len(WAYS)) if any(ways[n] is not None for _, ways in with_ways)]
    if len(used) < FEWEST:
        return None
    return WaysTable(
        names=tuple(text(f"ways.{WAYS[n]}", language) for n in used),
        rows=tuple(
            (f"{row.number}. {row.phrase}", tuple(ways[n] or NO_FIGURE for n in used))
            for row, ways in with_ways
        ),
    )
