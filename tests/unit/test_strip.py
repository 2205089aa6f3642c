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
