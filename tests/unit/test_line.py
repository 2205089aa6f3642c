"""The straight line by least squares, against another solver and where it has no slope."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.line import least_squares, sum_of_products


def test_the_line_is_that_of_another_solver() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.uniform(90.0, 110.0, 25), rng.uniform(-3.0, 3.0, 25)
    line = least_squares(x, y)
    (intercept, slope), *_ = np.linalg.lstsq(np.stack((np.ones(25), x), axis=1), y, rcond=None)
    assert line.slope == pytest.approx(slope, rel=1e-9)
    assert line.intercept == pytest.approx(intercept, rel=1e-9)
    assert line.at(x) == pytest.approx(intercept + slope * x, rel=1e-9)
    assert line.spread == pytest.approx(25 * float(np.var(x)), rel=1e-12)


def test_where_all_x_are_equal_the_line_is_flat_at_the_mean() -> None:
    line = least_squares(np.full(3, 7.0), np.array([1.0, 2.0, 6.0]))
    assert (line.slope, line.spread, line.intercept) == (0.0, 0.0, 3.0)


def test_a_sum_of_products_is_one() -> None:
    assert sum_of_products(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, -6.0])) == -4.0
