"""The shapes that a year puts on a household's use, day by day, and their means over rows of a series.

No temperature is known, only the day of the year, so what weather does is drawn as it is in a usual year on the
northern half: coldest on 20 January, warmest half a year later. A place without winter has no cold bump to find.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from calibration.household.days import days_of_week
from calibration.household.series import Series

DAYS_OF_A_YEAR = 365.2425
_COLDEST_DAY = 19
"""Since the first of January, of which the number 0 (1970-01-01) is one."""
HARMONICS = 3
_COLD_FROM, _WARM_FROM = 1 / 6, 0.5
"""Of the cosine of the year: from where on somebody heats or cools. With a yearly mean of 16 degrees C and 12 degrees
to each side these are 14 and 22 degrees as the mean of a day."""

Floats: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


def _phase(days: Floats) -> Floats:
    return 2 * np.pi * (days - _COLDEST_DAY) / DAYS_OF_A_YEAR


def usual(days: Floats, with_weekend: bool) -> Floats:
    """Columns of the logarithm of a usual day's use: level, harmonics of the year and, for daily rows, the weekend."""
    phase = _phase(days)
    columns = [np.ones(len(days))]
    for order in range(1, HARMONICS + 1):
        columns += [np.cos(order * phase), np.sin(order * phase)]
    if with_weekend:
        columns.append((days_of_week(days) >= 5).astype(float))
    return np.column_stack(columns)


def cold(days: Floats) -> Floats:
    """How much there is to heat, 0 to 1."""
    bump: Floats = np.clip(np.cos(_phase(days)) - _COLD_FROM, 0, None) / (1 - _COLD_FROM)
    return bump


def warm(days: Floats) -> Floats:
    """How much there is to cool, 0 to 1."""
    bump: Floats = np.clip(-np.cos(_phase(days)) - _WARM_FROM, 0, None) / (1 - _WARM_FROM)
    return bump


class RowMeans:
    """Means over each row of a series, of values that are given day by day (days along the first axis)."""

    def __init__(self, series: Series) -> None:
        self.days: Floats = np.arange(series.first, series.end)
        self._begin = np.array([row.first for row in series.rows]) - series.first
        self._length = np.array([row.days for row in series.rows])
        self._are_days = bool(np.all(self._length == 1))

    def __call__(self, daily: Floats) -> Floats:
        if self._are_days:
            of_rows: Floats = daily[self._begin]
            return of_rows
        sums = np.concatenate([np.zeros((1, *daily.shape[1:])), np.cumsum(daily, axis=0)])
        length = self._length.reshape(-1, *([1] * (daily.ndim - 1)))
        means: Floats = (sums[self._begin + self._length] - sums[self._begin]) / length
        return means
