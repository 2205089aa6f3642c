"""The narrowest straight strip that contains points: how far a relation is from linear, with no assumption of noise.

Used where deviations are bounded and not random (quantisation, lattices), so that a width is a proof and no
significance level is needed.
"""

from __future__ import annotations

import numpy as np

from calibration.line import least_squares
from calibration.quantities import FloatArray

_HALVINGS = 60


def narrowest_strip(x: FloatArray, y: FloatArray, steepest: float) -> FloatArray:
    """Vertical width of the narrowest strip around points (x, y), row by row; shapes (rows, n) -> (rows,).

    steepest: slopes between -steepest and +steepest are tried. The width is a convex function of the slope, so
    the interval of slopes is narrowed by thirds.
    """
    centred = x - x.mean(axis=-1, keepdims=True)
    low = np.full((len(x), 1), -steepest)
    high = np.full((len(x), 1), steepest)

    def width(slope: FloatArray) -> FloatArray:
        residual = y - slope * centred
        return np.asarray(np.ptp(residual, axis=-1, keepdims=True), np.float64)

    for _ in range(_HALVINGS):
        third = (high - low) / 3.0
        left, right = low + third, high - third
        is_left = width(left) <= width(right)
        low, high = np.where(is_left, low, left), np.where(is_left, right, high)
    return np.asarray(width(0.5 * (low + high))[..., 0], np.float64)


def strip_without_highest(x: FloatArray, y: FloatArray) -> tuple[float, int]:
    """Width of the narrowest strip around all points but the one furthest above their line, and which that is.

    x, y: shape (n,), n > 2.
    """
    highest = int(np.argmax(y - least_squares(x, y).slope * x))
    rest_x, rest_y = np.delete(x, highest)[None, :], np.delete(y, highest)[None, :]
    return float(narrowest_strip(rest_x, rest_y, steepest=1.0)[0]), highest
