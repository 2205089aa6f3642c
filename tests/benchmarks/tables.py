"""A table of the comparison page, and how its figures are written."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

Cells = list[str]
"""Of a row, behind what it is."""
_WIDTH = 120


class Place(Enum):
    """Where a part is measured: what disturbs it."""

    VIRTUAL_MACHINE = auto()
    CPU_TIME = auto()
    CLOCK = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """says: what is beside what, and what the figures cannot say. closer: the command that looks closer. rows: what
    each row is. measure: the cells of each row."""

    name: str
    title: str
    says: str
    closer: str
    heads: tuple[str, ...]
    rows: tuple[str, ...]
    measure: Callable[[], list[Cells]]
    place: Place = Place.CPU_TIME

    def text(self, cells: Sequence[Cells]) -> str:
        """Its section of the page. Errors: ValueError where a row has not as many cells as the head."""
        table = [list(self.heads), ["---"] * len(self.heads)]
        table += [[row, *of_row] for row, of_row in zip(self.rows, cells, strict=True)]
        if any(len(line) != len(self.heads) for line in table):
            raise ValueError(f"{self.name}: rows of {[len(line) for line in table]} cells")
        lines = (f"| {' | '.join(line)} |" for line in table)
        again = f"Again: `./dev bench performance --only {self.name}`; closer: `{self.closer}`."
        return "\n".join([f"## {self.title}", "", filled(self.says), "", *lines, "", again])


def filled(text: str) -> str:
    """A paragraph, whatever its lines were."""
    return textwrap.fill(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def times(ratio: float) -> str:
    """A ratio with two figures, or whole from 100 on."""
    return f"{ratio:.2g} x" if ratio < 99.5 else f"{ratio:,.0f} x"


def ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms"


def of_a_core(share: float) -> str:
    return f"{100 * share:.1f} %"
