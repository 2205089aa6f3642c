"""The daily error of a meter's clock, from its 1 Hz output against the bench clock. A clock that gains is positive.

A period that is too long is a clock that loses. 0.0864 s/d are 1 ppm, so a limit of 0.5 s/d is 5.8 ppm: the rate of
the bench clock must be known far better than a free running quartz's, and its uncertainty is a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite, sqrt
from statistics import stdev

from calibration.uncertainty import combine, normal_row

S_PER_DAY = 86_400.0
S_PER_DAY_PER_PPM = S_PER_DAY * 1e-6


@dataclass(frozen=True, slots=True)
class ClockError:
    """The mean daily error (s/d) over several windows, with its uncertainty (s/d)."""

    windows_s_per_day: tuple[float, ...]
    error_s_per_day: float
    standard_uncertainty_s_per_day: float
    degrees_of_freedom: float
    coverage_factor: float
    expanded_uncertainty_s_per_day: float


def error_from_period_s_per_day(period_s: float, nominal_period_s: float = 1.0) -> float:
    """Daily error (s/d) of an output of the given mean period: (T0 - T)/T * 86,400 (JJG 596-2012).

    The denominator is the measured period, so that this is the same as from the frequency 1/T.
    """
    _require_positive(period_s, nominal_period_s)
    return (nominal_period_s - period_s) / period_s * S_PER_DAY


def error_from_frequency_s_per_day(frequency_Hz: float, nominal_Hz: float) -> float:
    """Daily error (s/d) of an oscillator: (f/f0 - 1) * 86,400."""
    _require_positive(frequency_Hz, nominal_Hz)
    return (frequency_Hz - nominal_Hz) / nominal_Hz * S_PER_DAY


def clock_error(
    windows_s_per_day: Sequence[float], *, window_s: float, frequency_U_ppm: float, stamp_sd_s: float
) -> ClockError:
    """The mean of windows with its budget.

    window_s: length of one window. frequency_U_ppm: expanded uncertainty (k = 2) of the bench clock's rate; common to
    all windows, so it does not average out. stamp_sd_s: standard uncertainty of one time stamp. Stamps are what the
    windows scatter by, so of the two figures for it, foreseen and observed, the larger counts, once.
    Errors: ValueError without windows, or for figures that are none.
    """
    windows = tuple(float(w) for w in windows_s_per_day)
    if not windows or not all(map(isfinite, windows)):
        raise ValueError("a clock error needs the daily errors of one window or more")
    if not (window_s > 0.0 and frequency_U_ppm >= 0.0 and stamp_sd_s >= 0.0):
        raise ValueError("a window must be longer than 0 s, and no uncertainty may be below 0")
    n = len(windows)
    foreseen = sqrt(2.0) * stamp_sd_s / window_s * S_PER_DAY / sqrt(n)
    observed = stdev(windows) / sqrt(n) if n > 1 else 0.0
    scatter = (
        normal_row("repeatability", observed, n - 1.0)
        if observed > foreseen
        else normal_row("pulse_timing", foreseen, inf)
    )
    rate = normal_row("bench_clock_rate", 0.5 * frequency_U_ppm * S_PER_DAY_PER_PPM)
    combined = combine((scatter, rate))
    return ClockError(
        windows,
        fsum(windows) / n,
        combined.standard_uncertainty,
        combined.degrees_of_freedom,
        combined.coverage_factor,
        combined.expanded_uncertainty,
    )


def _require_positive(*values: float) -> None:
    if not all(value > 0.0 and isfinite(value) for value in values):
        raise ValueError("a period or frequency must be a number above 0")
