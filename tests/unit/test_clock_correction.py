"""The bench clock's own rate in the daily error of a meter's clock, by hand: 1 ppm is 0.0864 s/d."""

from __future__ import annotations

import pytest

from calibration.clock_correction import bench_rate
from calibration.clock_rate import ClockRate

MEASURED = ClockRate(10.0, 0.3, 600, 601, 0, 0, 1, 0.0)


def test_a_fast_bench_clock_makes_a_true_meter_look_slow_and_that_is_taken_out() -> None:
    rate = bench_rate(MEASURED, 0.4, None)
    assert rate is not None
    assert rate.daily_error_s(1.0 + 10e-6) == pytest.approx(0.0, abs=1e-9)
    assert rate.daily_error_s(1.0) == pytest.approx(0.864, rel=1e-4)


def test_the_pulses_own_uncertainty_is_added_in_quadrature() -> None:
    rate = bench_rate(MEASURED, 0.4, 99.0)
    assert rate is not None
    assert rate.U_ppm == pytest.approx(0.5)


def test_without_a_measured_rate_the_configured_uncertainty_of_a_right_clock_counts() -> None:
    for rate in (bench_rate(None, 0.4, 2.0), bench_rate(MEASURED, None, 2.0)):
        assert rate is not None
        assert (rate.rate_ppm, rate.U_ppm) == (0.0, 2.0)


def test_a_rate_that_nobody_knows_is_none() -> None:
    assert bench_rate(None, 0.4, None) is None
    assert bench_rate(MEASURED, None, None) is None
