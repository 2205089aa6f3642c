"""Instants, and the reference standard's own refresh clock.

Three of the bench's four clocks have names here and are nowhere mixed (the fourth, the wall clock, measures nothing):

  bench time      CLOCK_MONOTONIC of the bench, integers in ns; what every stamp is in
  run time        bench time as float seconds since the first instant of a run; what the arithmetic is in
  refresh index   j, counting the refreshes of the reference standard: u_j = phase + j period in run time

A reference standard computes a new set of values every refresh interval T. A poll sees a change only as "between
this reply and the next", a bracket as wide as the poll interval. But the refreshes are periodic, so one straight line
through the middles of all brackets recovers phase and period far better than any bracket (docs/metrology.md, "Refresh
clock"). Least squares may be believed while the middles scatter independently, which the bench sees to by dithering
its polls. Polls that keep step with the refreshes bend the line without showing it. Where the polls' phases say so, or
the residuals are correlated or smaller than brackets can be, the line comes from `set_membership.py`, which stays
honestly wide. A residual much larger than brackets explain means that the refreshes are not periodic, and the
estimators that lean on the clock decline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.line import least_squares, sum_of_products
from calibration.quantities import FloatArray, IntArray, PolledRegister, seconds_between
from calibration.set_membership import SlopeSet, slope_between_bounds

PERIODICITY_LIMIT = 1.3
"""Allowed ratio of the residual to what the brackets alone explain (docs/metrology.md, "Refresh clock")."""

MIN_CHANGES = 8
"""Fewer bracketed changes make no refresh clock."""

_CORRELATION_LIMIT = 3.0
_STEP_LIMIT = 0.3
"""Strength of the polls' phases against the refreshes (0: spread evenly, 1: in step) above which lines are bounded."""
_SMALLEST_RESIDUAL = 0.85
"""Ratio of the residual to what uniformly placed brackets give, below which polls keep step with the refreshes."""


def run_seconds(at_ns: IntArray, origin_ns: int) -> FloatArray:
    """Bench time (ns) to run time: seconds since origin_ns."""
    return seconds_between(origin_ns, at_ns)


@dataclass(frozen=True, slots=True)
class RunRegister:
    """A polled register in run time (s); shapes (n,).

    asked_s: the request had been sent; answered_s: the reply had come; at_s: half way, where the value is taken to
    have been true (what the two ways may differ by is part of `AlignedRun.lag_u_s`).
    """

    asked_s: FloatArray
    at_s: FloatArray
    answered_s: FloatArray
    value: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @staticmethod
    def of(register: PolledRegister, origin_ns: int) -> RunRegister:
        """The one place where the stamps of polls (ns) become run time."""
        asked_s = run_seconds(register.request_ns, origin_ns)
        answered_s = run_seconds(register.reply_ns, origin_ns)
        return RunRegister(asked_s, 0.5 * (asked_s + answered_s), answered_s, register.value)


@dataclass(frozen=True, slots=True)
class Brackets:
    """Changes of a register, run times in s, shapes (n,).

    before_s, after_s: instants (half way between request and reply) of the samples before and after the change;
    earliest_s: request of the sample before; latest_s: reply of the sample after. The change certainly lies between
    earliest and latest.
    """

    earliest_s: FloatArray
    before_s: FloatArray
    after_s: FloatArray
    latest_s: FloatArray

    def __len__(self) -> int:
        return len(self.before_s)

    @property
    def middle_s(self) -> FloatArray:
        return 0.5 * (self.before_s + self.after_s)

    @property
    def width_s(self) -> FloatArray:
        return self.after_s - self.before_s

    def narrower_than(self, width_s: float) -> Brackets:
        """Without those that a late poll made so wide that they may hold two refreshes."""
        return self._chosen(self.width_s < width_s)

    def merged(self, other: Brackets) -> Brackets:
        """Both together, in the order of their middles."""
        both = Brackets(*(np.concatenate(pair) for pair in zip(self._parts, other._parts, strict=True)))
        return both._chosen(np.argsort(both.middle_s, kind="stable"))

    @property
    def _parts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        return self.earliest_s, self.before_s, self.after_s, self.latest_s

    def _chosen(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Brackets:
        return Brackets(*(part[which] for part in self._parts))


def changes(register: RunRegister) -> Brackets:
    """Where the register's value changed, bracketed by the sample before and the sample after."""
    moved = np.flatnonzero(register.value[1:] != register.value[:-1])
    return Brackets(
        register.asked_s[moved],
        register.at_s[moved],
        register.at_s[moved + 1],
        register.answered_s[moved + 1],
    )


@dataclass(frozen=True, slots=True)
class RefreshClock:
    """u_j = phase_s + j period_s, recovered from `count` bracketed changes.

    residual_s: RMS deviation of the bracket middles from the best line; bracket_s: RMS of bracket / sqrt(12), what
    the brackets alone explain.
    """

    phase_s: float
    period_s: float
    period_relative_uncertainty: float
    residual_s: float
    bracket_s: float
    count: int

    @property
    def jitter_s(self) -> float:
        """sigma_j: the part of the residual that the brackets do not explain."""
        return float(np.sqrt(max(self.residual_s**2 - self.bracket_s**2, 0.0)))

    @property
    def is_periodic(self) -> bool:
        return self.residual_s <= PERIODICITY_LIMIT * self.bracket_s

    def instant_s(self, index: FloatArray | IntArray) -> FloatArray:
        return np.asarray(self.phase_s + self.period_s * index, dtype=np.float64)

    def index_before(self, at_s: FloatArray) -> IntArray:
        """Index of the last refresh at or before each instant."""
        return np.floor((at_s - self.phase_s) / self.period_s).astype(np.int64)


def recover_refresh_clock(energy: RunRegister, power: RunRegister, nominal_s: float) -> RefreshClock | None:
    """Fit the refresh clock to every change of two registers that refresh together.

    nominal_s is only used to count refreshes between neighbouring changes, never over the whole run: a nominal
    period that is 0.1 % off would ruin a long one. None with fewer than 8 changes, or where no period within a
    tenth of nominal_s fits.
    """
    found = changes(energy).merged(changes(power)).narrower_than(0.5 * nominal_s)
    if len(found) < MIN_CHANGES:
        return None
    middle = found.middle_s
    period_s = nominal_s
    for _ in range(2):  # the second time long gaps are counted with the fitted period
        index = np.concatenate([[0.0], np.cumsum(np.rint(np.diff(middle) / period_s))])
        line = least_squares(index, middle)
        period_s = line.slope
        if not 0.9 * nominal_s < period_s < 1.1 * nominal_s:
            return None
    residual = middle - line.at(index)
    residual_s = float(np.sqrt(np.mean(residual**2)))
    bracket_s = float(np.sqrt(np.mean(found.width_s**2) / 12.0))
    correlation = correlation_factor(residual)
    phase_s, u_period_s = line.intercept, residual_s * float(np.sqrt(correlation / line.spread))
    if (
        _in_step(energy.at_s, period_s) > _STEP_LIMIT
        or correlation > _CORRELATION_LIMIT
        or residual_s < _SMALLEST_RESIDUAL * bracket_s
    ):
        lines = _through_brackets(index, found)
        if lines is not None:
            phase_s, period_s, u_period_s = lines.intercept, lines.slope, lines.standard_uncertainty
    return RefreshClock(phase_s, period_s, u_period_s / period_s, residual_s, bracket_s, len(found))


def _through_brackets(index: FloatArray, found: Brackets) -> SlopeSet | None:
    """All lines through the certain bounds of every change; changes of one refresh are one gate."""
    at, first = np.unique(index, return_index=True)
    return slope_between_bounds(
        at, np.maximum.reduceat(found.earliest_s, first), np.minimum.reduceat(found.latest_s, first)
    )


def _in_step(poll_s: FloatArray, period_s: float) -> float:
    """How much the polls keep step with refreshes of period_s: |mean exp(2 pi i k t/T)|, k the polls a refresh."""
    polls = max(1.0, float(np.rint(period_s / np.median(np.diff(poll_s)))))
    return float(np.abs(np.mean(np.exp(2j * np.pi * polls * poll_s / period_s))))


def correlation_factor(residual: FloatArray) -> float:
    """1 + 2 sum of the autocorrelations up to the first that is not positive: by how much the variance of a mean
    exceeds that of independent values. Not summed further once it is beyond the limit."""
    variance = sum_of_products(residual, residual)
    factor = 1.0
    for lag in range(1, len(residual) // 2):
        covariance = sum_of_products(residual[lag:], residual[:-lag])
        if covariance <= 0.0 or factor > _CORRELATION_LIMIT:
            break
        factor += 2.0 * covariance / variance
    return factor
