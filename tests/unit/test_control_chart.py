"""Control charts against published constants, a published regression, and an independent count."""

from __future__ import annotations

from itertools import groupby
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calibration.control_chart import Base, Signal, base_of, c4, drift_of, is_warned, signals

BASE = Base(10, 0.0, 1.0)


@pytest.mark.parametrize(
    ("n", "published"), [(2, 0.7979), (3, 0.8862), (5, 0.9400), (10, 0.9727), (15, 0.9823), (25, 0.9896)]
)
def test_c4_is_that_of_the_published_tables(n: int, published: float) -> None:
    """ASTM MNL 7, table of factors for control charts."""
    assert c4(n) == pytest.approx(published, abs=5e-5)


def test_a_base_of_ten_has_the_limits_that_its_figures_give() -> None:
    """NIST e-Handbook 6.3.2.2: flow rates of 10 batches, mean 50.81; s by numpy, c4(10) by the table."""
    rates = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    base = base_of(rates)
    assert (base.results, base.mean_pct) == (10, pytest.approx(50.81))
    assert base.sigma_pct == pytest.approx(np.std(rates, ddof=1) / 0.9727, rel=1e-4)
    low, high = base.limits_pct(3.0)
    assert (low + high) / 2 == pytest.approx(50.81)
    assert (high - low) / 6 == pytest.approx(base.sigma_pct)


@pytest.mark.parametrize("errors", [[0.1 * i for i in range(9)], []])
def test_a_base_needs_ten_results(errors: list[float]) -> None:
    with pytest.raises(ValueError, match=f"needs 10 results, and there are {len(errors)}"):
        base_of(errors)


def test_a_base_that_does_not_scatter_is_none() -> None:
    with pytest.raises(ValueError, match="all the same"):
        base_of([0.25] * 12)


@pytest.mark.parametrize(
    ("error_pct", "is_out", "is_near"),
    [
        (2.9, False, True), (-3.0, False, True), (3.01, True, True), (-3.01, True, True),
        (2.0, False, False), (-2.1, False, True),
    ],
)  # fmt: skip
def test_a_result_is_held_against_the_limits(error_pct: float, is_out: bool, is_near: bool) -> None:
    (found,) = signals(BASE, [error_pct])
    assert (Signal.BEYOND_LIMIT in found, is_warned(BASE, error_pct)) == (is_out, is_near)


@given(st.lists(st.tuples(st.sampled_from([-0.5, 0.0, 0.5]), st.integers(1, 10)), max_size=8))
@example([(0.5, 8)])
@example([(-0.5, 8)])
def test_eight_in_a_row_on_one_side_are_out_and_seven_are_not(stretches: list[tuple[float, int]]) -> None:
    errors = [error for error, times in stretches for _ in range(times)]
    expected: list[bool] = []
    for side, group in groupby(errors, key=lambda e: (e > 0) - (e < 0)):
        expected += [side != 0 and place >= 8 for place, _ in enumerate(group, 1)]
    assert [Signal.ON_ONE_SIDE in found for found in signals(BASE, errors)] == expected


def test_a_bench_that_has_not_changed_is_called_out_as_often_as_normal_results_are() -> None:
    errors = np.random.default_rng(5).standard_normal(200_000).tolist()
    share = sum(Signal.BEYOND_LIMIT in found for found in signals(BASE, errors)) / len(errors)
    assert share == pytest.approx(2 * NormalDist().cdf(-3.0), rel=0.1)


def test_the_slope_is_that_of_a_published_regression() -> None:
    """GUM (JCGM 100:2008) H.3, calibration of a thermometer: slope 0.00218(67), 9 degrees of freedom."""
    temperatures = [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511]
    corrections = [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160]
    drift = drift_of(temperatures, corrections)
    assert drift is not None
    assert drift.slope_pct_per_day == pytest.approx(0.00218, abs=5e-6)
    assert drift.standard_uncertainty_pct_per_day == pytest.approx(0.00067, abs=5e-6)
    # t of 95.45 % and 9 degrees of freedom: 2.32 (GUM table G.2).
    assert drift.expanded_uncertainty_pct_per_day == pytest.approx(2.32 * 0.000667, rel=0.01)
    assert drift.is_seen


@pytest.mark.parametrize("days", [[], [1.0, 2.0], [3.0, 3.0, 3.0, 3.0], [3.0, 3.1, 3.2, 3.9]])
def test_no_slope_follows_from_too_little(days: list[float]) -> None:
    assert drift_of(days, [0.1] * len(days)) is None


def test_scatter_alone_is_seldom_a_drift() -> None:
    generator = np.random.default_rng(3)
    days = np.arange(30.0)
    found = [drift_of(days.tolist(), generator.standard_normal(30).tolist()) for _ in range(2000)]
    share = sum(drift is not None and drift.is_seen for drift in found) / len(found)
    assert share == pytest.approx(0.0455, abs=0.015)


def test_a_base_of_hundredths_of_a_per_cent_is_a_base_and_three_results_have_a_drift() -> None:
    assert base_of([0.01, 0.02] * 6).sigma_pct == pytest.approx(0.0053, abs=0.0002)
    assert drift_of([0.0, 1.0], [0.1, 0.2]) is None
    found = drift_of([0.0, 1.0, 2.0], [0.1, 0.2, 0.3])
    assert found is not None
    assert found.slope_pct_per_day == pytest.approx(0.1)
