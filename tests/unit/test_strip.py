"""The narrowest strip: exact on figures whose width is known by geometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.strip import narrowest_strip, strip_without_highest


@given(st.floats(-0.9, 0.9), st.floats(-1e3, 1e3))
def test_points_on_a_line_fill_no_width(slope: float, offset: float) -> None:
    x = np.arange(20.0)[None, :]
    assert narrowest_strip(x, offset + slope * x, steepest=1.0)[0] == pytest.approx(0.0, abs=1e-8)


def test_a_step_in_the_middle_is_not_soaked_up_by_any_slope() -> None:
    x = np.arange(1000.0)[None, :]
    width = narrowest_strip(x, (x >= 500.0).astype(np.float64), steepest=1.0)[0]
    # A line that climbs 1/500 a point gains one on the way to the step and has lost it again after it.
    assert width == pytest.approx(1.0, abs=0.003)


def test_rows_are_independent() -> None:
    x = np.tile(np.arange(10.0), (2, 1))
    y = np.zeros((2, 10))
    y[1, 5] = 1.0
    assert narrowest_strip(x, y, steepest=1.0) == pytest.approx([0.0, 1.0], abs=0.2)


def test_without_its_highest_point_a_line_is_a_line() -> None:
    x = np.arange(10.0)
    y = 0.3 * x
    y[4] += 2.0
    assert strip_without_highest(x, y) == (pytest.approx(0.0, abs=1e-9), 4)


def test_the_narrowest_strip_is_that_of_every_slope_tried() -> None:
    """Rows whose x lie elsewhere and are spaced otherwise, against each slope through two of the points."""
    rng = np.random.default_rng(3)
    x = np.stack((np.sort(rng.uniform(0.0, 1.0, 12)), 1e4 + np.sort(rng.uniform(0.0, 50.0, 12))))
    y = rng.uniform(-2.0, 2.0, (2, 12))
    for steepest in (0.05, 100.0):
        widths = []
        for row in range(2):
            rise, run = y[row][:, None] - y[row], x[row][:, None] - x[row]
            slopes = np.append((rise / np.where(run == 0.0, np.inf, run)).ravel(), [-steepest, steepest])
            slopes = slopes[np.abs(slopes) <= steepest]
            widths.append(min(np.ptp(y[row] - slope * x[row]) for slope in slopes))
        assert narrowest_strip(x, y, steepest) == pytest.approx(widths, rel=1e-9)


@pytest.mark.parametrize(("slope", "width"), [(1.0, 0.0), (-1.0, 0.0), (1.5, 4.5), (-2.0, 9.0)])
def test_no_slope_beyond_the_steepest_is_taken(slope: float, width: float) -> None:
    x = np.arange(10.0)
    assert narrowest_strip(x[None, :], slope * x[None, :], steepest=1.0)[0] == pytest.approx(width, abs=1e-9)


def test_a_strip_has_a_width_for_each_row_in_double_precision() -> None:
    found = narrowest_strip(np.tile(np.arange(5.0), (3, 1)), np.zeros((3, 5)), steepest=1.0)
    assert (found.shape, found.dtype) == ((3,), np.float64)


def test_the_highest_is_that_above_the_line_and_not_that_of_the_largest_value() -> None:
    x = np.arange(10.0)
    y = 0.5 * x
    y[2] += 1.0
    assert strip_without_highest(x, y)[1] == 2
    # A point far below is none; without the highest of the others the strip keeps it.
    y = 0.5 * x
    y[3] -= 2.0
    width, highest = strip_without_highest(x, y)
    assert highest in (0, 9)
    assert width > 1.5
