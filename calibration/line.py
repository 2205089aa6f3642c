"""A straight line by least squares, summed the same way on every machine.

Products are summed by numpy's own pairwise summation and not by a BLAS, whose order of summation depends on the
machine and on its threads: a recorded run must give the same digits everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.quantities import FloatArray


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope x. spread: sum of (x - mean x)^2."""

    intercept: float
    slope: float
    spread: float

    def at(self, x: FloatArray) -> FloatArray:
        return self.intercept + self.slope * x


def least_squares(x: FloatArray, y: FloatArray) -> Line:
    """The line through points (x, y); shapes (n,). A flat line where all x are equal."""
    mean_x, mean_y = float(np.mean(x)), float(np.mean(y))
    centred = x - mean_x
    spread = sum_of_products(centred, centred)
    slope = sum_of_products(centred, y) / spread if spread else 0.0
    return Line(mean_y - slope * mean_x, slope, spread)


def sum_of_products(one: FloatArray, other: FloatArray) -> float:
    """Of two arrays of shape (n,); without a BLAS."""
    return float(np.sum(one * other))
