"""Days as whole numbers and as ISO text. No clock, no zone: a day is what the customer's list says."""

from __future__ import annotations

import re

import numpy as np

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1990, 2100


def day_number(day: str) -> int:
    """Days since 1970-01-01 of `2025-01-31`. Errors: ValueError for what is no day, or of no year we expect."""
    if not _DAY.fullmatch(day) or not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR:
        raise ValueError(f"{day!r} is no day")
    return int(np.datetime64(day, "D").astype(int))


def day_text(number: int) -> str:
    """`2025-01-31` of its number."""
    return str(np.datetime64(number, "D"))


def days_of_month(month: str) -> tuple[int, int]:
    """(number of the first day, how many days) of `2025-01`. Errors: ValueError for what is no month."""
    first = day_number(f"{month}-01")
    after = (np.datetime64(month, "M") + np.timedelta64(1, "M")).astype("datetime64[D]")
    return first, int(after.astype(int)) - first


def days_of_week(numbers: np.ndarray) -> np.ndarray:
    """0 is Monday, for day numbers."""
    return (numbers + 3) % 7


def same_day_last_year(number: int) -> int:
    """The day with the same name a year before; of 29 February the 28th."""
    year, rest = day_text(number).split("-", 1)
    # Also of the first year that a list may have.
    return int(np.datetime64(f"{int(year) - 1}-{'02-28' if rest == '02-29' else rest}", "D").astype(int))
