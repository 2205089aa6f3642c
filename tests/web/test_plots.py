import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web import canned
from web.plots import MOST_POINTS, Corner, funnel_plot, half_range_pct, round_steps, scale_mark

ROWS = st.lists(
    st.tuples(st.floats(0.5, 600), st.floats(-20, 20), st.floats(0.001, 50)), min_size=1, max_size=400
).map(lambda rows: [[f"{t:.2f}", f"{e:.4f}", f"{U:.4f}"] for t, e, U in sorted(rows)])


def test_the_axis_ends_at_one_and_a_half_limits_until_something_is_outside() -> None:
    assert half_range_pct([1.0], [0.3, -1.4]) == 1.5
    assert half_range_pct([1.0], [0.3, -2.0]) == pytest.approx(2.2)
    assert half_range_pct([], [0.4]) == pytest.approx(0.44)


def test_limits_and_estimate_lie_where_they_belong() -> None:
    plot = funnel_plot([["30", "0.0", "0.5"]], limit_pct=1.0, window_s=60)
    assert (plot.last_x, plot.last_y) == ("50.0", "50.0")
    assert (plot.upper_limit, plot.lower_limit) == ("16.7", "83.3")


def test_a_higher_error_is_drawn_higher() -> None:
    high, low = (funnel_plot([["30", error, "0.1"]], 1.0, 60) for error in ("0.5", "-0.5"))
    assert float(high.last_y) < 50 < float(low.last_y)


@given(ROWS)
def test_the_estimate_is_always_on_the_drawing(rows: list[list[str]]) -> None:
    plot = funnel_plot(rows, limit_pct=1.0, window_s=60)
    numbers = [float(n) for n in re.findall(r"[-\d.]+", plot.line)]
    assert all(0 <= n <= 1000 for n in numbers)
    assert len(numbers) <= 2 * (MOST_POINTS + 1)
    assert 0 <= float(plot.last_x) <= 100


def test_before_the_first_estimate_there_is_no_drawing() -> None:
    assert funnel_plot([], 1.0, 60) is None


def test_the_last_point_is_kept_when_there_are_too_many() -> None:
    plot = funnel_plot(canned.funnel(300), 1.0, 300)
    assert plot.last_x == "100.0"


def test_of_points_with_the_same_time_only_the_last_is_drawn() -> None:
    plot = funnel_plot([["20", "0.9", "0.1"], ["30", "0.5", "0.1"], ["30", "0.0", "0.1"]], 1.0, 60)
    assert plot.line.count("L") == 1
    assert plot.last_y == "50.0"


@pytest.mark.parametrize(
    ("rows", "corner"),
    [
        (canned.funnel(20), Corner(is_left=False, is_low=False)),
        ([["10", "1.3", "0.1"], ["50", "1.3", "0.1"]], Corner(is_left=False, is_low=True)),
        ([["50", "0.1", "2.0"]], Corner(is_left=True, is_low=False)),
        ([["10", "0.0", "2.0"], ["50", "-1.3", "0.1"]], Corner(is_left=False, is_low=False)),
    ],
)
def test_the_name_of_the_zone_lies_where_the_band_is_not(rows: list[list[str]], corner: Corner) -> None:
    assert funnel_plot(rows, 1.0, 60).zone_name == corner


@given(st.floats(0.5, 100_000))
def test_the_time_axis_has_a_few_round_steps(end: float) -> None:
    steps = round_steps(end)
    assert 3 <= len(steps) <= 8
    assert steps[-1] <= end * 1.000001


def test_a_mark_far_outside_stays_on_the_scale() -> None:
    mark = scale_mark(error_pct=9.0, U_pct=0.1, limit_pct=1.0, half_pct=1.5)
    assert mark.mark == mark.upper_end == "100.0"
    assert mark.zone_width == "16.7"
