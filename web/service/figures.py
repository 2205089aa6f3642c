"""A figure with the number of what it is made of, which no page leaves out.

A median of fewer than `LEAST` is no figure: the page says how many there were, and that they are too few. A count is
never too small. What cannot be known at all is None with n None.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from statistics import median

LEAST = 5
"""Answers or meters below which nothing is said about them: a person could be told from the others."""


class Unit(StrEnum):
    COUNT = "count"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"
    PERCENT = "percent"
    SCORE = "score"
    """Of five, and of ten for what was expected and experienced."""


@dataclass(frozen=True, slots=True)
class Figure:
    """value: None where there is none to say. n: of how many it is made; None where that, too, is not known."""

    value: Decimal | None
    n: int | None
    unit: Unit


def count(number: int) -> Figure:
    return Figure(Decimal(number), number, Unit.COUNT)


def unknown(unit: Unit) -> Figure:
    return Figure(None, None, unit)


def middle(values: Iterable[float | int | Decimal], unit: Unit, least: int = LEAST) -> Figure:
    """The median to one decimal, of at least so many."""
    found = [Decimal(str(value)) for value in values]
    if len(found) < max(least, 1):
        return Figure(None, len(found), unit)
    return Figure(_rounded(median(found)), len(found), unit)


def share(kept: Collection[bool], least: int = 1) -> Figure:
    """How many per cent of them are true, to one decimal."""
    if len(kept) < max(least, 1):
        return Figure(None, len(kept), Unit.PERCENT)
    return Figure(_rounded(Decimal(100 * sum(kept)) / len(kept)), len(kept), Unit.PERCENT)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
