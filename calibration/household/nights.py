"""What runs at night, from energies of hours or quarters of hours: the mean power between two and five in the morning.

A day's figure has everything in it; three hours in which a household sleeps have hardly more than what always runs. Of
many nights the middle half is taken, since in single ones somebody was up or a car was charged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.household.days import same_day_last_year

FIRST_HOUR, END_HOUR = 2, 5
LOOKED_AT_DAYS = 30
LEAST_NIGHTS = 5


@dataclass(frozen=True, slots=True)
class Night:
    """The mean power (W) of one night; day: the number of its day (`days.py`)."""

    day: int
    power_W: float


@dataclass(frozen=True, slots=True)
class NightUse:
    """The power (W) of the last nights, how many they are, and the same of a year before; None where not known."""

    power_W: float
    nights: int
    before_W: float | None


def night_use(nights: Sequence[Night], end: int) -> NightUse | None:
    """Of the LOOKED_AT_DAYS before a day; None with fewer than LEAST_NIGHTS."""
    first = end - LOOKED_AT_DAYS
    now = power_between(nights, first, end)
    if now is None:
        return None
    before = power_between(nights, same_day_last_year(first), same_day_last_year(end))
    return NightUse(now, sum(first <= night.day < end for night in nights), before)


def power_between(nights: Sequence[Night], first: int, end: int) -> float | None:
    """Mean (W) of the middle half of the nights from a day to before another; None with fewer than LEAST_NIGHTS."""
    powers = np.sort([night.power_W for night in nights if first <= night.day < end])
    if len(powers) < LEAST_NIGHTS:
        return None
    quarter = len(powers) // 4
    return float(np.mean(powers[quarter : len(powers) - quarter]))
