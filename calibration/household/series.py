"""What a household has used, day by day, month by month or from one reading to the next: checked, in the order of time.

Each row has its first day, how many days it covers and its energy. Rows may leave days out (gaps), never cover a day
twice. Energies are decimal, as they were given; the analysis makes floats of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from statistics import median

from calibration.household.days import day_number, day_text, days_of_month

MOST_ROWS = 4000
"""Ten years of days."""
MOST_DAYS_OF_A_ROW = 400
MOST_KWH_A_DAY = Decimal(10_000)
"""A household uses ten; whoever uses more than this has no meter of this bench."""
LONGEST_SPAN_DAYS = 12 * 366


class Trouble(StrEnum):
    """Why rows are no series."""

    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    NEGATIVE = "negative"
    TOO_MUCH = "too_much"
    ROW_TOO_LONG = "row_too_long"
    OVERLAP = "overlap"
    SPAN_TOO_LONG = "span_too_long"


class SeriesError(ValueError):
    """Why rows are no series; `row` is the index of the row in the order that was given, None where it is no row's."""

    def __init__(self, trouble: Trouble, row: int | None = None) -> None:
        super().__init__(f"{trouble} at row {row}")
        self.trouble = trouble
        self.row = row


@dataclass(frozen=True, slots=True)
class Row:
    """An energy (kWh) that was used in some days, from `first`, a day number (`days.py`)."""

    first: int
    days: int
    energy_kWh: Decimal

    @property
    def end(self) -> int:
        """The day after the last one."""
        return self.first + self.days

    @property
    def date(self) -> str:
        return day_text(self.first)

    @property
    def kWh_a_day(self) -> float:
        return float(self.energy_kWh) / self.days


def of_day(day: str, energy_kWh: Decimal) -> Row:
    """Errors: ValueError for what is no day."""
    return Row(day_number(day), 1, energy_kWh)


def of_month(month: str, energy_kWh: Decimal) -> Row:
    """Errors: ValueError for what is no month."""
    first, days = days_of_month(month)
    return Row(first, days, energy_kWh)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days of which nothing is known."""

    first: int
    days: int


@dataclass(frozen=True, slots=True)
class Series:
    """Rows by rising day, made by `series`."""

    rows: tuple[Row, ...]

    @property
    def is_daily(self) -> bool:
        return median(row.days for row in self.rows) <= 1

    @property
    def first(self) -> int:
        return self.rows[0].first

    @property
    def end(self) -> int:
        return self.rows[-1].end

    @property
    def days(self) -> int:
        """Days that something is known of."""
        return sum(row.days for row in self.rows)

    @property
    def energy_kWh(self) -> Decimal:
        return sum((row.energy_kWh for row in self.rows), Decimal(0))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(
            Gap(before.end, after.first - before.end)
            for before, after in pairwise(self.rows)
            if after.first > before.end
        )

    @property
    def dated(self) -> tuple[tuple[str, Decimal], ...]:
        """(ISO day, kWh) of each row, for a tariff (`tiers.py`). A row that lasts into the next period is of its
        first day."""
        return tuple((row.date, row.energy_kWh) for row in self.rows)


def series(rows: Iterable[Row]) -> Series:
    """The series of rows in any order. Errors: SeriesError."""
    given: Sequence[Row] = tuple(rows)
    if not given:
        raise SeriesError(Trouble.NO_ROWS)
    if len(given) > MOST_ROWS:
        raise SeriesError(Trouble.TOO_MANY_ROWS)
    for index, row in enumerate(given):
        if not (row.energy_kWh.is_finite() and row.energy_kWh >= 0):
            raise SeriesError(Trouble.NEGATIVE, index)
        if not 1 <= row.days <= MOST_DAYS_OF_A_ROW:
            raise SeriesError(Trouble.ROW_TOO_LONG, index)
        if row.energy_kWh > MOST_KWH_A_DAY * row.days:
            raise SeriesError(Trouble.TOO_MUCH, index)
    order = sorted(range(len(given)), key=lambda index: given[index].first)
    for before, after in pairwise(order):
        if given[after].first < given[before].end:
            raise SeriesError(Trouble.OVERLAP, max(before, after))
    made = Series(tuple(given[index] for index in order))
    if made.end - made.first > LONGEST_SPAN_DAYS:
        raise SeriesError(Trouble.SPAN_TOO_LONG)
    return made


def used_between(series: Series, first: int, end: int) -> tuple[float, int]:
    """(kWh, days that are known) from a day to before another; of a row that reaches beyond, its share."""
    energy, known = 0.0, 0
    for row in series.rows:
        days = min(row.end, end) - max(row.first, first)
        if days > 0:
            energy += row.kWh_a_day * days
            known += days
    return energy, known
