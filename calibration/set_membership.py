"""The slope of a straight line that is only known to pass through a row of gates.

A register that shows whole steps, or a meter that may emit only at multiples of a frame, gives no value with a
scatter: it gives a lower and an upper bound at each instant. All lines y = a + b x that pass between the bounds
form a convex polygon in (a, b). For one b the admissible a fill an interval of the length

    w(b) = min_j(upper_j - b x_j) - max_j(lower_j - b x_j),

so w(b), where positive, is (up to its norm) the density of b when every admissible line is equally likely; its
mean is the estimate and its standard deviation the standard uncertainty (GUM 4.3.7 generalised to two unknowns).
Unlike least squares this does not assume that quantisation errors average out: at loads where the ticks fall into
one deterministic beat the polygon simply stays wide.

w is concave, so its positive part is one interval, found by zooming in. Only points on the convex hulls of the
bounds can touch, so the others are dropped first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.line import least_squares, sum_of_products
from calibration.quantities import FloatArray

_GRID = np.linspace(0.0, 1.0, 65)
_MAX_ZOOMS = 40


@dataclass(frozen=True, slots=True)
class SlopeSet:
    """Mean and standard deviation of the slopes of all admissible lines (unit of y over unit of x).

    intercept: middle of the admissible intercepts at x = 0 for the mean slope.
    """

    slope: float
    standard_uncertainty: float
    intercept: float


def upper_hull(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The points of the upper convex hull. x ascending, no two equal.

    A point below the chord of its neighbours is below the hull, whatever happens to the neighbours, so all such
    points go at once, until none is left.
    """
    while len(x) > 2:
        chord = (y[2:] - y[:-2]) * (x[1:-1] - x[:-2]) - (y[1:-1] - y[:-2]) * (x[2:] - x[:-2])
        keep = np.ones(len(x), bool)
        keep[1:-1] = chord < 0
        if keep.all():
            break
        x, y = x[keep], y[keep]
    return x, y


def slope_between_bounds(x: FloatArray, lower: FloatArray, upper: FloatArray) -> SlopeSet | None:
    """Slopes of all lines with lower_j <= a + b x_j <= upper_j; None where there is no such line.

    x, lower, upper: shape (n,), n >= 2, x strictly ascending.
    """
    span = float(x[-1] - x[0])
    middle = x - 0.5 * (x[0] + x[-1])
    gates = 0.5 * (lower + upper)
    fitted = least_squares(middle, gates)
    trend, level = fitted.slope, fitted.intercept
    # Detrended, so that the polygon is round and its numbers are small.
    low_x, low_y = upper_hull(middle, lower - level - trend * middle)
    high_x, high_y = upper_hull(middle, -(upper - level - trend * middle))

    def floor_and_ceiling(slopes: FloatArray) -> tuple[FloatArray, FloatArray]:
        floor = (low_y[:, None] - low_x[:, None] * slopes).max(axis=0)
        ceiling = -(high_y[:, None] + high_x[:, None] * slopes).max(axis=0)
        return floor, ceiling

    reach = 3.0 * float(np.max(upper - lower)) / span + 1e-12 * (abs(trend) + 1e-300)
    left, right = -reach, reach
    for _ in range(_MAX_ZOOMS):
        slopes = left + (right - left) * _GRID
        floor, ceiling = floor_and_ceiling(slopes)
        w = ceiling - floor
        inside = np.flatnonzero(w > 0)
        step = slopes[1] - slopes[0]
        if len(inside) == 0:
            peak = int(np.argmax(w))
            if 0 < peak < len(slopes) - 1 and step < 1e-6 * reach:
                return None
            centre, half = float(slopes[peak]), 2.0 * step if 0 < peak < len(slopes) - 1 else right - left
            left, right = centre - half, centre + half
            continue
        touches = inside[0] == 0 or inside[-1] == len(slopes) - 1
        if touches:
            left, right = left - (right - left), right + (right - left)
            continue
        if len(inside) >= len(slopes) // 2:
            density = np.maximum(w, 0.0)
            density /= density.sum()
            mean = sum_of_products(density, slopes)
            variance = sum_of_products(density, (slopes - mean) ** 2)
            low, high = floor_and_ceiling(np.array([mean]))
            offset = level + 0.5 * float(low[0] + high[0]) - (trend + mean) * 0.5 * float(x[0] + x[-1])
            return SlopeSet(trend + mean, float(np.sqrt(variance)), offset)
        left, right = float(slopes[inside[0] - 1]), float(slopes[inside[-1] + 1])
    return None
