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


@dataclass(frozen=True, slots=True)
class _Gates:
    """The corners of the lower bounds' and of the (negated) upper bounds' hulls; y over x."""

    low_x: FloatArray
    low_y: FloatArray
    high_x: FloatArray
    high_y: FloatArray

    @staticmethod
    def of(x: FloatArray, lower: FloatArray, upper: FloatArray) -> _Gates:
        return _Gates(*upper_hull(x, lower), *upper_hull(x, -upper))

    def floor_and_ceiling(self, slopes: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For each slope b the lowest and the highest a; the floor is above the ceiling where no line passes."""
        floor = (self.low_y[:, None] - self.low_x[:, None] * slopes).max(axis=0)
        ceiling = -(self.high_y[:, None] + self.high_x[:, None] * slopes).max(axis=0)
        return floor, ceiling

    def width(self, slopes: FloatArray) -> FloatArray:
        """w(b) of the module's text."""
        floor, ceiling = self.floor_and_ceiling(slopes)
        return ceiling - floor


def slope_between_bounds(x: FloatArray, lower: FloatArray, upper: FloatArray) -> SlopeSet | None:
    """Slopes of all lines with lower_j <= a + b x_j <= upper_j; None where there is no such line.

    x, lower, upper: shape (n,), n >= 2, x strictly ascending.
    """
    span = float(x[-1] - x[0])
    middle = x - 0.5 * (x[0] + x[-1])
    fitted = least_squares(middle, 0.5 * (lower + upper))
    trend, level = fitted.slope, fitted.intercept
    # Detrended, so that the polygon is round and its numbers are small.
    gates = _Gates.of(middle, lower - level - trend * middle, upper - level - trend * middle)
    reach = 3.0 * float(np.max(upper - lower)) / span + 1e-12 * (abs(trend) + 1e-300)
    slopes = _admissible_slopes(gates, reach)
    if slopes is None:
        return None
    density = np.maximum(gates.width(slopes), 0.0)
    density /= density.sum()
    mean = sum_of_products(density, slopes)
    variance = sum_of_products(density, (slopes - mean) ** 2)
    low, high = gates.floor_and_ceiling(np.array([mean]))
    offset = level + 0.5 * float(low[0] + high[0]) - (trend + mean) * 0.5 * float(x[0] + x[-1])
    return SlopeSet(trend + mean, float(np.sqrt(variance)), offset)


def _admissible_slopes(gates: _Gates, reach: float) -> FloatArray | None:
    """Evenly spaced slopes that just enclose all with w > 0, found by zooming; None where there are none.

    reach: where the search begins, -reach to +reach.
    """
    left, right = -reach, reach
    for _ in range(_MAX_ZOOMS):
        slopes = left + (right - left) * _GRID
        w = gates.width(slopes)
        inside = np.flatnonzero(w > 0)
        step = slopes[1] - slopes[0]
        if len(inside) == 0:
            peak = int(np.argmax(w))
            is_between = 0 < peak < len(slopes) - 1
            if is_between and step < 1e-6 * reach:
                return None
            centre, half = float(slopes[peak]), 2.0 * step if is_between else right - left
            left, right = centre - half, centre + half
        elif inside[0] == 0 or inside[-1] == len(slopes) - 1:
            left, right = left - (right - left), right + (right - left)
        elif len(inside) >= len(slopes) // 2:
            return slopes
        else:
            left, right = float(slopes[inside[0] - 1]), float(slopes[inside[-1] + 1])
    return None
