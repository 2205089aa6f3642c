"""How fast the bench clock runs, from a pulse each true second (PPS of a satellite receiver, 1 Hz of a laboratory).

Each pulse is stamped by the bench clock when its interrupt is served, so a stamp is late, never early: by some
microseconds, now and then by many more. Pulses may be missing and foreign ones may come. So nothing here rests on all
stamps, or on any one of them:

1. Pulses are chained: the next one lies a whole number of seconds after the last, within what a disciplined or free
   clock can be off (600 ppm) and half a millisecond. What does not is foreign. The chain that has most of the stamps
   counts, whichever pulse it begins with.
2. The rate is the median over pairs of pulses half the span apart (a Theil-Sen line by its long pairs; Sen, JASA 63
   (1968) 1379). A constant latency cancels in a pair; up to a quarter of the stamps may be late by anything.
3. Its uncertainty is the larger of two: from the scatter of the pairs, outliers included (for the median of m pairs
   sqrt(pi/2) s / sqrt(m)), and from how the rates of four parts of the span differ, which sees a rate that moves.

How far a part's rate departs from the whole is told, too: a clock that is being slewed meanwhile has no one rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from statistics import stdev

import numpy as np

from calibration.quantities import NS_PER_S, FloatArray, IntArray
from calibration.student_t import coverage_factor
from calibration.uncertainty import COVERAGE_PROBABILITY

SHORTEST_S = 60
"""A shorter span tells less than a quartz's own data sheet."""
_FASTEST = 600e-6
_LATEST_S = 500e-6
_BEGINNINGS = 8
"""Stamps that a chain may begin with: so many foreign ones at the start do no harm."""
_PARTS = 4


@dataclass(frozen=True, slots=True)
class ClockRate:
    """rate_ppm: by how much the bench clock is fast. expanded_uncertainty_ppm: with k for 95.45 %, of its stamps alone.

    seconds: from the first pulse to the last. missing, foreign: pulses that did not come, and that were none.
    longest_gap_s: between two pulses. departure_ppm: of a quarter's rate from the whole, at most.
    """

    rate_ppm: float
    expanded_uncertainty_ppm: float
    seconds: int
    pulses: int
    missing: int
    foreign: int
    longest_gap_s: int
    departure_ppm: float


def clock_rate(stamp_ns: IntArray) -> ClockRate | None:
    """From the stamps (ns of the bench clock) of a pulse each second; None where too few of them fit each other."""
    stamp_s = (stamp_ns - (stamp_ns[0] if len(stamp_ns) else 0)) / NS_PER_S
    at, second = _chain(stamp_s)
    if len(at) < SHORTEST_S // 2 or second[-1] < SHORTEST_S:
        return None
    clock_s = stamp_s[at]
    rates_ppm = _pair_rates_ppm(clock_s, second)
    rate_ppm = float(np.median(rates_ppm))
    parts_ppm = [
        float(np.median(_pair_rates_ppm(clock_s[some], second[some])))
        for some in np.array_split(np.arange(len(at)), _PARTS)
    ]
    of_pairs = sqrt(pi / 2.0) * float(np.sqrt(np.mean((rates_ppm - rate_ppm) ** 2))) / sqrt(len(rates_ppm))
    of_parts = stdev(parts_ppm) / sqrt(_PARTS)
    return ClockRate(
        rate_ppm,
        max(
            coverage_factor(float("inf"), COVERAGE_PROBABILITY) * of_pairs,
            coverage_factor(_PARTS - 1.0, COVERAGE_PROBABILITY) * of_parts,
        ),
        seconds=int(second[-1]),
        pulses=len(at),
        missing=int(second[-1]) + 1 - len(at),
        foreign=len(stamp_ns) - len(at),
        longest_gap_s=int(np.diff(second).max()),
        departure_ppm=max(abs(part_ppm - rate_ppm) for part_ppm in parts_ppm),
    )


def _chain(stamp_s: FloatArray) -> tuple[IntArray, IntArray]:
    """Indices of the stamps that belong together, and the whole second of each from the first of them."""
    best: tuple[list[int], list[int]] = ([], [])
    for first in range(min(_BEGINNINGS, len(stamp_s))):
        at, second = [first], [0]
        for k in range(first + 1, len(stamp_s)):
            step_s = stamp_s[k] - stamp_s[at[-1]]
            whole = round(step_s)
            if whole >= 1 and abs(step_s - whole) <= _LATEST_S + _FASTEST * whole:
                at.append(k)
                second.append(second[-1] + whole)
        if len(at) > len(best[0]):
            best = at, second
        if 2 * len(at) > len(stamp_s):  # no other chain can have more
            break
    return np.array(best[0], np.int64), np.array(best[1], np.int64)


def _pair_rates_ppm(clock_s: FloatArray, second: IntArray) -> FloatArray:
    """By how much the clock is fast between each pulse and the one half as many pulses later as there are."""
    half = len(clock_s) // 2
    rates: FloatArray = (clock_s[half:] - clock_s[:-half]) / (second[half:] - second[:-half])
    return (rates - 1.0) * 1e6
