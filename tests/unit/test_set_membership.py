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


def test_two_gates_leave_a_triangle_of_slopes():
    """Each end known to +-h over a span s: the slope is triangular, +-2 h/s, so u = 2 h/(s sqrt 6)."""
    x = np.array([100.0, 104.0])
    true = 3.0 + 0.25 * x
    found = slope_between_bounds(x, true - 0.5, true + 0.5)
    assert found.slope == pytest.approx(0.25, abs=1e-12)
    assert found.standard_uncertainty == pytest.approx(2 * 0.5 / (4.0 * 6**0.5), rel=2e-3)
    assert found.intercept == pytest.approx(3.0, abs=1e-9)


def test_a_narrow_gate_in_the_middle_leaves_a_rectangle_of_slopes():
    """All lines turn about one point, so every slope within +-2 h/s is as likely: u = 2 h/(s sqrt 3)."""
    x = np.array([0.0, 2.0, 4.0])
    half = np.array([0.5, 1e-9, 0.5])
    found = slope_between_bounds(x, x - half, x + half)
    assert found.slope == pytest.approx(1.0, abs=1e-9)
    assert found.standard_uncertainty == pytest.approx(2 * 0.5 / (4.0 * 3**0.5), rel=0.02)


def test_a_gate_that_is_wide_open_says_nothing():
    x = np.linspace(0.0, 10.0, 11)
    half = np.where((x == 0.0) | (x == 10.0), 0.5, 1e5)
    found = slope_between_bounds(x, 2.0 * x - half, 2.0 * x + half)
    assert found.slope == pytest.approx(2.0, abs=1e-9)
    assert found.standard_uncertainty == pytest.approx(2 * 0.5 / (10.0 * 6**0.5), rel=2e-3)
    one_sided = slope_between_bounds(x, 2.0 * x - np.minimum(half, 0.5), 2.0 * x + half)
    assert one_sided.slope == pytest.approx(2.0, abs=0.05)


def test_an_open_gate_far_from_the_others_does_not_hide_them():
    """The middle of a one-sided gate draws the first guess far away; the lines are found all the same."""
    x = np.array([0.0, 1.0, 1.1, 50.0])
    true = 5.0 - 0.3 * x
    high = np.array([0.1, 0.1, 4000.0, 0.1])
    found = slope_between_bounds(x, true - 0.1, true + high)
    assert abs(found.slope + 0.3) <= 0.2 / 50.0
    assert 0.0 < found.standard_uncertainty <= 0.2 / 50.0


@given(st.floats(-50.0, 50.0), st.floats(-9.0, 9.0), st.floats(0.01, 100.0), st.floats(-500.0, 500.0))
def test_what_is_known_of_a_slope_does_not_depend_on_units_and_origins(offset, tilt, unit, moved):
    rng = np.random.default_rng(17)
    x = np.cumsum(rng.uniform(0.5, 1.5, 12))
    lower = 0.7 * x - rng.uniform(0.0, 1.0, 12)
    plain = slope_between_bounds(x, lower, lower + 1.0)
    other = slope_between_bounds(
        x + moved, unit * (lower + offset + tilt * x), unit * (lower + 1.0 + offset + tilt * x)
    )
    assert other.slope == pytest.approx(unit * (plain.slope + tilt), rel=1e-6, abs=unit * 1e-6)
    assert other.standard_uncertainty == pytest.approx(unit * plain.standard_uncertainty, rel=1e-5)
    at_zero = plain.intercept + offset - (plain.slope + tilt) * moved
    assert other.intercept == pytest.approx(unit * at_zero, rel=1e-6, abs=unit * 1e-3)


def test_the_lines_intercept_is_the_middle_of_those_that_its_slope_may_have():
    x = np.array([-1.0, 0.0, 1.0])
    found = slope_between_bounds(x, np.array([-1.0, -1.0, -1.0]), np.array([1.0, 0.5, 1.0]))
    assert found.slope == pytest.approx(0.0, abs=1e-9)
    assert found.intercept == pytest.approx(-0.25, abs=1e-9)


def test_gates_that_touch_in_one_line_are_passed_by_none_that_has_a_width():
    x = np.array([0.0, 1.0, 2.0])
    low = np.array([0.0, 1.0, 0.0])
    assert slope_between_bounds(x, low - 1e-12, low - 1e-12 + 0.999) is None
    assert slope_between_bounds(x, low, low + 1.001) is not None


def test_the_upper_hull_keeps_corners_and_drops_what_lies_on_or_below_a_chord():
    x = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 6.0])
    y = np.array([0.0, 2.0, 2.5, 3.0, 1.0, 1.0])
    hull_x, hull_y = upper_hull(x, y)
    assert hull_x.tolist() == [0.0, 1.0, 3.0, 6.0]
    assert hull_y.tolist() == [0.0, 2.0, 3.0, 1.0]
    assert upper_hull(x[:2], y[:2])[0].tolist() == [0.0, 1.0]
    assert upper_hull(x[:3], np.array([0.0, 0.0, 0.0]))[0].tolist() == [0.0, 2.0]


def test_an_intercept_far_from_the_points_follows_the_mean_slope():
    """The mean slope is not that of the middles, and x = 0 is far away: the line passes all gates there too."""
    x = np.array([100.0, 101.0, 102.0, 103.0])
    true = 2.0 * x + 1.0
    lower, upper = true - np.array([0.1, 0.9, 0.9, 0.1]), true + np.array([0.9, 0.1, 0.9, 0.2])
    found = slope_between_bounds(x, lower, upper)
    middle = np.polyfit(x, 0.5 * (lower + upper), 1)[0]
    assert abs(found.slope - middle) > 1e-3
    at = found.intercept + found.slope * x
    assert np.all(at >= lower)
    assert np.all(at <= upper)
