"""What the bench clock's rate does to the daily error of a meter's clock: taken out where it was measured meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from calibration.clock_error import error_from_period_s_per_day
from calibration.clock_rate import ClockRate


@dataclass(frozen=True, slots=True)
class BenchRate:
    """By how much (ppm) the bench clock was fast, and the expanded uncertainty (k = 2) of that."""

    rate_ppm: float
    U_ppm: float

    def daily_error_s(self, period_s: float) -> float:
        """Daily error (s/d) of a 1 Hz output whose mean period on the bench clock is period_s."""
        return error_from_period_s_per_day(period_s / (1.0 + self.rate_ppm * 1e-6))


def bench_rate(
    measured: ClockRate | None, pulses_U_ppm: float | None, configured_U_ppm: float | None
) -> BenchRate | None:
    """The rate as it was measured by the pulses of each second, else as it is configured; None where neither is known.

    pulses_U_ppm: expanded uncertainty of those pulses themselves; configured_U_ppm: of a clock that is taken as right.
    """
    if measured is not None and pulses_U_ppm is not None:
        return BenchRate(measured.rate_ppm, hypot(measured.expanded_uncertainty_ppm, pulses_U_ppm))
    return None if configured_U_ppm is None else BenchRate(0.0, configured_U_ppm)
