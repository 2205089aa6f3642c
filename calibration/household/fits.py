"""One model of a household's use, fitted so that single odd days do not matter.

A model says the use of each day (kWh),

    mu(t) = S(t) (1 + f P(t)) + a A(t),    S(t) = exp(c0 + harmonics of the year + weekend)

with one shape P or A of a change, and none for "as usual". Rows of more than a day get the mean over their days.
Compared are logarithms, since the scatter of a household is in proportion to its use,

    z_i = ln(y_i + d),    d = a tenth of the median use,

and residuals have a Student t of 4 degrees of freedom, which lets single days lie far off at little cost (Lange,
Little, Taylor, J. Am. Stat. Assoc. 84 (1989) 881). Fitted by Gauss-Newton with the weights of that t. The harmonics
have a prior with a mean of zero, so that a series shorter than a year does not make a season of whatever happened in
it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.household.season import HARMONICS, HOLIDAYS, Floats, RowMeans, usual
from calibration.household.series import Series

_DEGREES_OF_DAYS, _DEGREES_OF_MONTHS = 4.0, 12.0
_OFFSET = 0.1
_ROUNDS = 40
_LONGEST_STEP = 0.5
_SMALL = 1e-4
_USUAL_SCATTER = 0.2
_LEAST_SCALE = 0.03
"""Of residuals: no household repeats a year to less than 3 %, and rows that are all alike would have none."""
_HARMONIC_SD = (0.5, 0.3, 0.15)
"""Of the prior, by the order of the harmonic; in the logarithm."""
_TREND_SD, _NO_TREND_SD = 0.04, 1e-4
_LEAST_TREND_DAYS = 900
"""A trend and a change are told apart only where each season is there twice and more."""
_HOLIDAY_SD = 0.5
_WEEKEND_SD = 0.3
_WEATHER = 5.0
"""Of rows, by their share of heating and cooling: a month with 5 % of scatter has 25 % of what the season adds."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A change, day by day. is_share: it multiplies the use (f P); else it adds to it (a A, kWh a day).

    scatter: by what share of itself the added energy goes up and down; 0 for what runs all the time.
    """

    daily: Floats
    is_share: bool
    scatter: float = 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """minus_2_log: of the likelihood with the prior. size: f or a, 0 without a shape. mu, usual: kWh a day of each row,
    with the change and without. residuals: in the logarithm. scale: of the t."""

    minus_2_log: float
    size: float
    mu: Floats
    usual: Floats
    residuals: Floats
    scale: float
    weights: Floats
    coefficients: Floats


def uses(series: Series) -> Floats:
    """kWh a day of each row."""
    return np.array([row.kWh_a_day for row in series.rows])


def offset_of(use: Floats) -> float:
    """d of the logarithm, in kWh a day as `use`: a share of what is usual; the share itself of a house without use."""
    return _OFFSET * float(np.median(use)) or _OFFSET


class Fitter:
    """Fits models to one series; use: kWh a day of each row, where it is not the series' own."""

    def __init__(self, series: Series, use: Floats | None = None) -> None:
        self.means = RowMeans(series)
        self.use = uses(series) if use is None else use
        self.offset = offset_of(self.use)
        self._z = np.log(self.use + self.offset)
        self._degrees = _DEGREES_OF_DAYS if series.is_daily else _DEGREES_OF_MONTHS
        self._weather: Floats = np.ones(len(self.use))
        self._columns = usual(self.means.days, series.is_daily)
        self._prior_sd = np.array(
            [np.inf]
            + [sd for sd in _HARMONIC_SD[:HARMONICS] for _ in range(2)]
            + [_TREND_SD if len(self.means.days) >= _LEAST_TREND_DAYS else _NO_TREND_SD]
            + [_HOLIDAY_SD, _HOLIDAY_SD]
            + [_WEEKEND_SD] * series.is_daily
        )

    @property
    def parameters(self) -> int:
        """Of a model without a change, with the scale."""
        return int(self._columns.shape[1]) + 1

    def fit(self, shape: Shape | None = None, start: Fit | None = None) -> Fit:
        """The best fit of the usual year, with one change of this shape; it begins at `start`."""
        count = self._columns.shape[1]
        theta = np.zeros(count + (shape is not None))
        if start is None:
            theta[0] = np.log(max(float(np.median(self.use)), self.offset))
        else:
            theta[:count] = start.coefficients[:count]
            if shape is not None:
                theta[count] = self._size(shape, start)
        precision = np.append(1 / self._prior_sd**2, [0.0] if shape is not None else [])
        scale = start.scale if start is not None else 0.3
        for _ in range(_ROUNDS):
            mu, slopes = self._model(theta, shape)
            residuals = self._z - np.log(mu + self.offset)
            relative = self._relative_scatter(theta, shape, mu)
            weights = (
                (self._degrees + 1) / (self._degrees + (residuals / (scale * relative)) ** 2) / relative**2
            )
            jacobian = slopes / (mu + self.offset)[:, None]
            weighted = jacobian * weights[:, None]
            normal = weighted.T @ jacobian / scale**2 + np.diag(precision + 1e-9)
            step = np.linalg.solve(normal, weighted.T @ residuals / scale**2 - precision * theta)
            longest = float(np.max(np.abs(step[:count])))
            theta = theta + step * min(1.0, _LONGEST_STEP / max(longest, 1e-12))
            scale = max(_LEAST_SCALE, float(np.sqrt(np.mean(weights * residuals**2))))
            if np.max(np.abs(step)) < _SMALL:
                break
        return self._fit(theta, shape, scale)

    def _size(self, shape: Shape, start: Fit) -> float:
        """About the size of a change, by one linear step from a fit without it that does not spare odd rows."""
        daily = np.exp(np.clip(self._columns @ start.coefficients[: self._columns.shape[1]], -12, 12))
        change = self.means(daily * shape.daily if shape.is_share else shape.daily)
        more = self.use - start.mu
        size = float(np.sum(change * more) / max(float(np.sum(change**2)), 1e-9))
        return max(size, -0.9) if shape.is_share else size

    def _model(self, theta: Floats, shape: Shape | None) -> tuple[Floats, Floats]:
        """kWh a day of each row, and its derivatives by the parameters."""
        count = self._columns.shape[1]
        daily = np.exp(np.clip(self._columns @ theta[:count], -12, 12))
        if shape is None:
            return self._above_zero(self.means(daily)), self.means(daily[:, None] * self._columns)
        size = theta[count]
        factor = 1 + size * shape.daily if shape.is_share else np.ones(len(daily))
        by_size = daily * shape.daily if shape.is_share else shape.daily
        total = daily * factor + (0 if shape.is_share else size * shape.daily)
        slopes = np.column_stack([(daily * factor)[:, None] * self._columns, by_size])
        return self._above_zero(self.means(total)), self.means(slopes)

    def _relative_scatter(self, theta: Floats, shape: Shape | None, mu: Floats) -> Floats:
        """The scatter of each row's logarithm, of a usual one's: what runs all the time adds none, what is switched by
        hand and weather adds its own."""
        if shape is None or shape.is_share:
            return self._weather
        count = self._columns.shape[1]
        usual, _ = self._model(theta[:count], None)
        added = np.maximum(mu - usual, 0)
        own = added * shape.scatter / _USUAL_SCATTER
        relative: Floats = np.sqrt((self._weather * (usual + self.offset)) ** 2 + own**2) / (
            usual + added + self.offset
        )
        return relative

    def allow_weather(self, fit: Fit) -> None:
        """For rows longer than days, whose own scatter is small beside it: those of a season scatter more from now on,
        by what they have above the lowest ones. No winter is another."""
        columns = np.delete(self._columns, HOLIDAYS, axis=1)
        theta = np.delete(fit.coefficients[: self._columns.shape[1]], HOLIDAYS)
        seasonal = self.means(np.exp(np.clip(columns @ theta, -12, 12)))
        share = np.clip(1 - np.quantile(seasonal, 0.15) / seasonal, 0, None)
        self._weather = np.sqrt(1 + (_WEATHER * share) ** 2)

    def _above_zero(self, mu: Floats) -> Floats:
        kept: Floats = np.maximum(mu, -0.9 * self.offset)
        return kept

    def _fit(self, theta: Floats, shape: Shape | None, scale: float) -> Fit:
        count = self._columns.shape[1]
        mu, _ = self._model(theta, shape)
        relative = self._relative_scatter(theta, shape, mu)
        residuals = (self._z - np.log(mu + self.offset)) / relative
        misfit = (self._degrees + 1) * np.log1p(residuals**2 / (self._degrees * scale**2)) + 2 * np.log(
            scale * relative
        )
        prior = (theta[:count] / self._prior_sd) ** 2
        return Fit(
            minus_2_log=float(np.sum(misfit) + np.sum(prior)),
            size=float(theta[count]) if shape is not None else 0.0,
            mu=mu,
            usual=self._model(theta[:count], None)[0],
            residuals=residuals,
            scale=scale,
            weights=(self._degrees + 1) / (self._degrees + (residuals / scale) ** 2),
            coefficients=theta,
        )

    def gains(self, start: Fit, shapes: list[Shape]) -> Floats:
        """About how much each shape would lower `minus_2_log`, by one linear step from a fit without it."""
        daily = np.exp(np.clip(self._columns @ start.coefficients[: self._columns.shape[1]], -12, 12))
        root = np.sqrt(start.weights) / start.scale
        base = self.means(daily[:, None] * self._columns) * (root / (start.mu + self.offset))[:, None]
        precise = np.diag(1 / self._prior_sd)
        base_full = np.vstack([base, precise])
        changes = np.column_stack([daily * s.daily if s.is_share else s.daily for s in shapes])
        changed = self.means(changes) * (root / (start.mu + self.offset))[:, None]
        changed = np.vstack([changed, np.zeros((len(precise), len(shapes)))])
        target = np.append(start.residuals * root, -start.coefficients[: len(precise)] / self._prior_sd)
        q, _ = np.linalg.qr(base_full)
        changed -= q @ (q.T @ changed)
        lengths = np.sum(changed**2, axis=0)
        gains: Floats = np.where(lengths > 1e-6, (changed.T @ target) ** 2 / np.maximum(lengths, 1e-6), 0.0)
        return gains
