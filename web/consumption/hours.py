"""Energies of hours, half hours and quarters of hours in a list: a line with all of a day beside its date, and nights.

A line may have 24, 48 or 96 figures of one day, from midnight on. Where each figure has a line of its own, its time is
beside its date, in the same cell or in the next one. Which of the two a supplier writes, `00:00` to `23:00` or `01:00`
to `24:00`, is seen by the last one; everything is counted from the beginning of an hour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median

from calibration.household.days import day_number
from calibration.household.nights import END_HOUR, FIRST_HOUR, Night

_MINUTES = 24 * 60
OF_A_DAY = (24, 48, 96)
_HEADING = re.compile(
    r"(h|hour|t|p|v|点|时段|第)?[ _]?\d{1,2}([:：]\d{2}(:\d{2})?)?([-~至].*)?\s*(h|时|点|小时)?", re.I
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(:\d{2})?", re.ASCII)


def hour_columns(numeric: Sequence[int], heading: Sequence[str]) -> list[int]:
    """The columns that are the hours of a day, in their order; empty where there are none."""
    named = [column for column in numeric if column < len(heading) and _HEADING.fullmatch(heading[column])]
    columns = named if heading else list(numeric)
    return columns if len(columns) in OF_A_DAY else []


def time_of(number: int, count: int) -> str:
    """When one of so many parts of a day begins, `02:15`."""
    return _text(number * _MINUTES // count)


def is_time(cell: str) -> bool:
    return _TIME.fullmatch(cell) is not None and _minutes(cell) <= _MINUTES


def from_beginnings(moments: Sequence[tuple[str, str]]) -> list[str]:
    """The times of (day, time) by when each begins. Where a day has 24:00, times are those of ends."""
    times = [time for _, time in moments]
    if not any(time and _minutes(time) == _MINUTES for time in times):
        return times
    step = step_minutes(moments)
    return [_text(max(0, _minutes(time) - step)) if time else time for time in times]


def step_minutes(moments: Sequence[tuple[str, str]]) -> int:
    """How far the times of a day are apart, usually; a day where they are not."""
    by_day: dict[str, list[int]] = {}
    for day, time in moments:
        if time:
            by_day.setdefault(day, []).append(_minutes(time))
    apart = [
        after - before
        for times in by_day.values()
        for before, after in pairwise(sorted(times))
        if after > before
    ]
    return int(median(apart)) if apart else _MINUTES


def nights_of(used: Mapping[tuple[str, str], Decimal], is_register: bool) -> tuple[Night, ...]:
    """The nights of energies (kWh) or readings by (day, time); those with an hour that is missing are left out."""
    step = step_minutes(list(used))
    if step > 60 or (END_HOUR - FIRST_HOUR) * 60 % step:
        return ()
    times = [_text(minute) for minute in range(FIRST_HOUR * 60, END_HOUR * 60, step)]
    nights = []
    for day in sorted({day for day, _ in used}):
        if is_register:
            last, first = used.get((day, _text(END_HOUR * 60))), used.get((day, times[0]))
            energy = None if last is None or first is None else last - first
        else:
            parts = [used.get((day, time)) for time in times]
            known = [part for part in parts if part is not None]
            energy = sum(known, Decimal(0)) if len(known) == len(times) else None
        if energy is not None:
            nights.append(Night(day_number(day), float(energy) * 1000 / (END_HOUR - FIRST_HOUR)))
    return tuple(nights)


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
