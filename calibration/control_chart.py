"""Shewhart control charts for a check meter: is the bench still what it was?

A check meter is measured at the same load point again and again. Its error has a mean and a scatter, found once, in a
base period; every later result is held against them (NIST/SEMATECH e-Handbook of Statistical Methods, 2.2.2, control of
bias and variability with a check standard). The scatter of a base of n results is

    sigma = s / c4(n),   c4(n) = sqrt(2/(n - 1)) Gamma(n/2) / Gamma((n - 1)/2)

since the sample standard deviation s of normal results is too small by c4 on average. Limits lie 3 sigma from the
mean, warning limits 2 sigma. A chart is out of control where a result lies beyond a limit (0.3 % of the results of a
bench that has not changed), or eight in a row lie on one side of the mean (0.8 % of all eights).

A drift is told apart from scatter by the slope of all results over time, by least squares, with the uncertainty that
their residuals give it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, fsum, lgamma, sqrt
from statistics import fmean, stdev

from calibration.student_t import coverage_factor
from calibration.uncertainty import COVERAGE_PROBABILITY

FEWEST_IN_BASE = 10
LIMIT_SIGMAS, WARNING_SIGMAS = 3.0, 2.0
LONGEST_SIDE = 8
"""So many results in a row on one side of the mean are out of control."""
_FEWEST_FOR_DRIFT = 3


@dataclass(frozen=True, slots=True)
class Base:
    """What the results of a check meter at one load point were in the base period (%)."""

    results: int
    mean_pct: float
    sigma_pct: float

    def limits_pct(self, sigmas: float) -> tuple[float, float]:
        return self.mean_pct - sigmas * self.sigma_pct, self.mean_pct + sigmas * self.sigma_pct

    def sigmas_off(self, error_pct: float) -> float:
        """How far a result lies from the mean, in sigmas, with its sign."""
        return (error_pct - self.mean_pct) / self.sigma_pct


class Signal(StrEnum):
    BEYOND_LIMIT = "beyond_limit"
    ON_ONE_SIDE = "on_one_side"


@dataclass(frozen=True, slots=True)
class Drift:
    """Slope of the results over time in % a day, its standard and its expanded uncertainty (95.45 %)."""

    slope_pct_per_day: float
    standard_uncertainty_pct_per_day: float
    expanded_uncertainty_pct_per_day: float

    @property
    def is_seen(self) -> bool:
        return abs(self.slope_pct_per_day) > self.expanded_uncertainty_pct_per_day


def c4(results: int) -> float:
    """Mean of the sample standard deviation of so many normal results of standard deviation 1."""
    return sqrt(2.0 / (results - 1)) * exp(lgamma(results / 2.0) - lgamma((results - 1) / 2.0))


def base_of(errors_pct: Sequence[float]) -> Base:
    """Errors: ValueError for fewer than FEWEST_IN_BASE results, or such as do not scatter at all."""
    n = len(errors_pct)
    if n < FEWEST_IN_BASE:
        raise ValueError(f"a base period needs {FEWEST_IN_BASE} results, and there are {n}")
    sigma_pct = stdev(errors_pct) / c4(n)
    if sigma_pct <= 0.0:
        raise ValueError("the results of the base period are all the same; no limits follow from them")
    return Base(n, fmean(errors_pct), sigma_pct)


def signals(base: Base, errors_pct: Sequence[float]) -> tuple[frozenset[Signal], ...]:
    """Of each result, in their order, what is out of control there. A result on the mean is on neither side."""
    found = []
    side, in_a_row = 0, 0
    for error_pct in errors_pct:
        off = base.sigmas_off(error_pct)
        now = (off > 0.0) - (off < 0.0)
        in_a_row = in_a_row + 1 if now == side and now else abs(now)
        side = now
        here = set()
        if abs(off) > LIMIT_SIGMAS:
            here.add(Signal.BEYOND_LIMIT)
        if in_a_row >= LONGEST_SIDE:
            here.add(Signal.ON_ONE_SIDE)
        found.append(frozenset(here))
    return tuple(found)


def is_warned(base: Base, error_pct: float) -> bool:
    """Beyond a warning limit, on whichever side of the limit."""
    return abs(base.sigmas_off(error_pct)) > WARNING_SIGMAS


def drift_of(days: Sequence[float], errors_pct: Sequence[float]) -> Drift | None:
    """The slope by least squares. days: since any instant.

    None with fewer than three results, or with less than a day between the first and the last: a slope a day that
    follows from minutes is a figure without a meaning.
    """
    n = len(days)
    if n < _FEWEST_FOR_DRIFT or max(days) - min(days) < 1.0:
        return None
    mean_day, mean_pct = fmean(days), fmean(errors_pct)
    spread = fsum((day - mean_day) ** 2 for day in days)
    pairs = list(zip(days, errors_pct, strict=True))
    slope = fsum((day - mean_day) * (error - mean_pct) for day, error in pairs) / spread
    residual = fsum((error - mean_pct - slope * (day - mean_day)) ** 2 for day, error in pairs)
    standard = sqrt(residual / (n - 2) / spread)
    return Drift(slope, standard, coverage_factor(n - 2, COVERAGE_PROBABILITY) * standard)
