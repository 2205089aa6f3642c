"""How unevenly a reference standard refreshes, from polls that see each refresh only as "between these two".

A refresh at u_j + x, x normal with standard deviation s, is seen to lie between two samples. Only samples that come
within a few s of u_j say anything of s: those that find the new values already before u_j, or the old ones still after
it. So the likelihood is

    L(s, d) = product over refreshes of  Phi((b_j - u_j - d)/t) - Phi((a_j - u_j - d)/t) ,   t^2 = s^2 + e^2

with a_j and b_j the samples around the change, d a common shift of the clock's phase. e: the registers were read at
some instant between request and reply, and half way between is what a_j and b_j take. Where both ways of a poll
scatter alike (assumed: nothing shows it) and independently, half their difference has the standard deviation
e = sd(latency)/2. The residual of a line through the middles of the brackets, which is what recovers the clock,
would do as well for s as large as a bracket, but it drowns a small s in the brackets' own width/sqrt(12).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf

import numpy as np

from calibration.quantities import FloatArray
from calibration.timebase import Brackets, RefreshClock

_SMALLEST_S, _STEPS = 1e-5, 60
_SHIFTS = np.linspace(-3.0, 3.0, 13)
"""Of the phase, in its standard uncertainties."""
_LEAST_LIKELY = 1e-9
"""What a single refresh may count at least: one that was told late by a stalled poll must not decide alone."""

_TABLE_AT = np.linspace(-8.0, 8.0, 8001)
_TABLE = np.array([0.5 * (1.0 + erf(x / 2.0**0.5)) for x in _TABLE_AT])


@dataclass(frozen=True, slots=True)
class RefreshJitter:
    """Standard deviation of the refreshes against their clock, its standard uncertainty, and what it surely is below
    (97.5 %), in s. is_seen: whether it differs from none at all."""

    jitter_s: float
    standard_uncertainty_s: float
    at_most_s: float

    @property
    def is_seen(self) -> bool:
        return self.jitter_s > 2.0 * self.standard_uncertainty_s


def refresh_jitter(found: Brackets, clock: RefreshClock, latency_sd_s: float) -> RefreshJitter | None:
    """The jitter of refreshes that lie on `clock`. None with fewer than 8 of them."""
    before_s, after_s = _once_each(found, clock)
    if len(before_s) < 8:
        return None
    largest_s = float(min(np.max(np.maximum(-before_s, after_s)), 0.3 * clock.period_s))
    shift_s = _SHIFTS * clock.residual_s / np.sqrt(len(before_s))
    first_look_s = np.geomspace(_SMALLEST_S, max(largest_s, 10 * _SMALLEST_S), _STEPS)
    # Evenly in the jitter itself, not in its logarithm, else none at all would have all the weight.
    weight = _likelihood(first_look_s, shift_s, before_s, after_s, 0.5 * latency_sd_s) * np.gradient(
        first_look_s
    )
    likely_s = first_look_s[weight > 1e-4 * weight.max()]
    spacing = first_look_s[1] / first_look_s[0]
    jitter_s = np.linspace(likely_s[0] / spacing, likely_s[-1] * spacing, _STEPS)
    weight = _likelihood(jitter_s, shift_s, before_s, after_s, 0.5 * latency_sd_s)
    weight /= weight.sum()
    mean_s = float(weight @ jitter_s)
    spread_s = float(np.sqrt(weight @ (jitter_s - mean_s) ** 2))
    at_most_s = float(np.interp(0.975, np.cumsum(weight), jitter_s))
    return RefreshJitter(mean_s, spread_s, at_most_s)


def _likelihood(
    jitter_s: FloatArray, shift_s: FloatArray, before_s: FloatArray, after_s: FloatArray, halfway_u_s: float
) -> FloatArray:
    """L of each jitter, summed over the shifts, relative to its largest; halfway_u_s: e."""
    total_s = np.hypot(jitter_s, halfway_u_s)[:, None]
    logarithm = np.empty((len(jitter_s), len(shift_s)))
    for column, d in enumerate(shift_s):
        inside = _normal((after_s - d) / total_s) - _normal((before_s - d) / total_s)
        logarithm[:, column] = np.log(np.maximum(inside, _LEAST_LIKELY)).sum(axis=1)
    return np.asarray(np.exp(logarithm - logarithm.max()).sum(axis=1), dtype=np.float64)


def _once_each(found: Brackets, clock: RefreshClock) -> tuple[FloatArray, FloatArray]:
    """Samples before and after each refresh, relative to its instant; two registers' changes of one are one."""
    index = np.rint((found.middle_s - clock.phase_s) / clock.period_s)
    at, first = np.unique(index, return_index=True)
    instant_s = clock.phase_s + clock.period_s * at
    return found.before_s[first] - instant_s, found.after_s[first] - instant_s


def _normal(x: FloatArray) -> FloatArray:
    """Standard normal distribution function."""
    return np.asarray(np.interp(x, _TABLE_AT, _TABLE), dtype=np.float64)
