"""The daily error of a clock against the worked cases, and its budget."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np
import pytest

from calibration.clock_error import (
    S_PER_DAY_PER_PPM,
    clock_error,
    error_from_frequency_s_per_day,
    error_from_period_s_per_day,
)
from tests.unit.worked_cases import items

Case = dict[str, Any]


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C16") if "s_per_day" in c[1]])
def test_daily_errors_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    if "period_s" in given:
        found = error_from_period_s_per_day(float(given["period_s"]))
    else:
        found = error_from_frequency_s_per_day(float(given["freq_hz"]), given["f0"])
    assert found == pytest.approx(expected["s_per_day"], abs=5e-7)


def test_a_period_that_is_too_long_loses_and_agrees_with_its_frequency() -> None:
    assert error_from_period_s_per_day(1.00001) < 0
    assert error_from_period_s_per_day(1.00001) == pytest.approx(
        error_from_frequency_s_per_day(1 / 1.00001, 1.0), abs=1e-9
    )
    assert error_from_period_s_per_day(2.0 / 1.000001, 2.0) == pytest.approx(S_PER_DAY_PER_PPM)


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C16") if "readings" in c[0]])
def test_the_mean_of_windows_agrees_with_the_worked_case(given: Case, expected: Case) -> None:
    readings = [float(r) for r in given["readings"]]
    found = clock_error(readings, window_s=60.0, frequency_U_ppm=0.2, stamp_sd_s=1e-6)
    assert found.error_s_per_day == pytest.approx(expected["mean"])
    # Readings 0.01 apart: s = 0.0158, over sqrt(5) 0.00707; the bench clock 0.1 ppm: 0.00864.
    assert found.standard_uncertainty_s_per_day == pytest.approx(sqrt(5e-5 + 0.00864**2), rel=1e-3)
    assert 4.0 < found.degrees_of_freedom < 100.0


def test_the_rate_of_the_bench_clock_does_not_average_out() -> None:
    one = clock_error([0.4], window_s=60.0, frequency_U_ppm=2.0, stamp_sd_s=0.0)
    many = clock_error([0.4] * 100, window_s=60.0, frequency_U_ppm=2.0, stamp_sd_s=0.0)
    assert one.standard_uncertainty_s_per_day == pytest.approx(0.0864)
    assert many.standard_uncertainty_s_per_day == pytest.approx(0.0864)
    assert one.degrees_of_freedom == inf


def test_the_interval_holds_the_truth_of_simulated_clocks() -> None:
    """2,000 clocks, five windows of 60 s, stamps of 20 us, a bench clock of U = 0.5 ppm."""
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(2000):
        true_s_per_day = rng.uniform(-1.0, 1.0)
        bench_ppm = rng.normal(0.0, 0.25)
        period = 1.0 / (1.0 + true_s_per_day / 86400.0) * (1.0 + 1e-6 * bench_ppm)
        stamps = np.arange(0.0, 301.0, 60.0) * period + rng.normal(0.0, 20e-6, 6)
        windows = [error_from_period_s_per_day(float(w) / 60.0) for w in np.diff(stamps)]
        found = clock_error(windows, window_s=60.0, frequency_U_ppm=0.5, stamp_sd_s=20e-6)
        inside += abs(found.error_s_per_day - true_s_per_day) <= found.expanded_uncertainty_s_per_day
    assert 0.95 <= inside / 2000 < 1.0


@pytest.mark.parametrize(
    ("windows", "window_s", "U_ppm"),
    [([], 60.0, 1.0), ([float("nan")], 60.0, 1.0), ([1.0], 0.0, 1.0), ([1.0], 1.0, -1.0)],
)
def test_nonsense_is_refused(windows: list[float], window_s: float, U_ppm: float) -> None:
    with pytest.raises(ValueError, match=r"needs the daily errors|no uncertainty"):
        clock_error(windows, window_s=window_s, frequency_U_ppm=U_ppm, stamp_sd_s=0.0)
    with pytest.raises(ValueError, match="above 0"):
        error_from_period_s_per_day(0.0)
