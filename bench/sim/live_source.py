"""The load of the live plant: an energy curve that is drawn ahead and cut where the load is changed."""

from __future__ import annotations

import numpy as np

from bench.sim.energy_curve import EnergyCurve
from bench.sim.source import SourceModel, fluctuation
from calibration.quantities import FloatArray

_HISTORY_S = 30.0
"""What is remembered of the past, for lags and averages."""


class LiveSource:
    """Draws the mean power piece by piece from time 0 on. Times in s from the start of the plant."""

    def __init__(self, model: SourceModel, rng: np.random.Generator) -> None:
        self._model = model
        self._rng = rng
        self._target_W = 0.0
        self._fluctuation = float(rng.standard_normal())
        # No load for a long time before the start, so that the past is known.
        self.curve = EnergyCurve.through(np.array([-_HISTORY_S, 0.0]), np.zeros(2))

    @property
    def end_s(self) -> float:
        """How far the load is drawn."""
        return float(self.curve.time_s[-1])

    def change(self, at_s: float, power_W: float) -> None:
        """Forget what was drawn after at_s and go to another load from there."""
        kept = int(np.searchsorted(self.curve.time_s, at_s, "left"))
        power = self.curve.mean_power_W(np.array([at_s]))
        self._rebuild(
            np.concatenate((self.curve.time_s[:kept], [at_s])),
            np.concatenate((self.curve.power_W[:kept], power)),
        )
        self._target_W = power_W
        self._draw(np.array([at_s + self._model.ramp_s]), self._model.ramp_s)

    def extend(self, duration_s: float) -> None:
        """Draw duration_s more of the present load."""
        step_s = self._model.knot_s
        count = max(1, round(duration_s / step_s))
        self._draw(self.end_s + step_s * np.arange(1, count + 1, dtype=np.float64), step_s)

    def _draw(self, time_s: FloatArray, step_s: float) -> None:
        noise = fluctuation(self._rng, len(time_s), step_s, self._model.correlation_s, self._fluctuation)
        self._fluctuation = float(noise[-1])
        relative = np.maximum(1.0 + self._model.steadiness_pct / 100.0 * noise, 0.0)
        self._rebuild(
            np.concatenate((self.curve.time_s, time_s)),
            np.concatenate((self.curve.power_W, self._target_W * relative)),
        )

    def _rebuild(self, time_s: FloatArray, power_W: FloatArray) -> None:
        """The same curve with other knots at its end, without what is older than the history."""
        first = max(0, int(np.searchsorted(time_s, time_s[-1] - 2 * _HISTORY_S, "left")) - 1)
        start_Wh = float(self.curve.mean_energy_Wh(time_s[first : first + 1])[0])
        self.curve = EnergyCurve.through(time_s[first:], power_W[first:], start_Wh)
