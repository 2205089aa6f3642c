"""The set of admissible lines, against brute force and against a simulated truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.set_membership import slope_between_bounds, upper_hull


def admissible_slopes(x, lower, upper, count=400_000, seed=0):
    """Slopes of lines drawn uniformly from a box around the polygon that pass all gates."""
    rng = np.random.default_rng(seed)
    reach = 2.0 * float((upper - lower).max()) / float(x[-1] - x[0])
    slopes = rng.uniform(1.0 - reach, 1.0 + reach, count)
    offsets = rng.uniform(-3.0, 3.0, count)
    inside = np.ones(count, bool)
    for at, low, high in zip(x, lower, upper, strict=True):
        value = offsets + slopes * at
        inside &= (value >= low) & (value <= high)
    return slopes[inside]


def test_mean_and_deviation_equal_a_brute_force_draw_of_admissible_lines():
    x = np.array([0.0, 0.7, 1.9, 3.1, 4.0])
    true = 0.3 + x
    lower = true - np.array([0.4, 0.1, 0.5, 0.3, 0.2])
    upper = lower + 0.7
    found = slope_between_bounds(x, lower, upper)
    drawn = admissible_slopes(x, lower, upper)
    assert len(drawn) > 5_000
    assert found.slope == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(len(drawn)))
    assert found.standard_uncertainty == pytest.approx(drawn.std(), rel=0.04)


def test_gates_that_no_line_passes_give_none():
    x = np.arange(5.0)
    lower = np.array([0.0, 0.0, 5.0, 0.0, 0.0])
    assert slope_between_bounds(x, lower, lower + 1.0) is None


@given(
    st.integers(3, 60),
    st.floats(-5.0, 5.0),
    st.floats(0.5, 2.0),
    st.floats(1e-3, 10.0),
    st.integers(0, 2**32 - 1),
)
def test_the_true_line_is_never_excluded_and_the_slope_lies_among_the_admissible(n, a, b, width, seed):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.1, 1.0, n))
    lower = a + b * x - rng.uniform(0.0, width, n)
    found = slope_between_bounds(x, lower, lower + width)
    assert found is not None
    reach = 2.0 * width / (x[-1] - x[0])
    assert abs(found.slope - b) <= reach
    assert 0.0 < found.standard_uncertainty <= reach


def test_a_quantised_line_is_recovered_with_an_honest_deviation():
    rng = np.random.default_rng(20261123)
    ratios = []
    for _ in range(400):
        x = np.cumsum(rng.uniform(0.5, 0.7, 200))
        slope = 1.0 + rng.normal(0.0, 1e-3)
        shown = np.floor(rng.uniform() + slope * x)
        found = slope_between_bounds(x, shown, shown + 1.0)
        ratios.append((found.slope - slope) / found.standard_uncertainty)
    assert np.mean(np.abs(ratios) < 2.0) > 0.95
    assert 0.8 < np.sqrt(np.mean(np.square(ratios))) < 1.2


def test_the_intercept_belongs_to_the_slope():
    x = np.linspace(100.0, 140.0, 30)
    true = 7.0 + 0.5 * x
    found = slope_between_bounds(x, true - 1e-6, true + 1e-6)
    assert found.intercept + found.slope * 120.0 == pytest.approx(67.0, abs=2e-6)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=40))
def test_no_point_lies_above_the_upper_hull(values):
    x = np.arange(float(len(values)))
    hull_x, hull_y = upper_hull(x, np.array(values))
    assert np.all(np.array(values) <= np.interp(x, hull_x, hull_y) + 1e-9)
