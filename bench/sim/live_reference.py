"""The reference standard of the live plant: refreshes are computed ahead and taken back with the load."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

import numpy as np

from bench.sim.energy_curve import EnergyCurve
from bench.sim.reference import ReferenceModel, refresh_instants_s, refreshes
from bench.sim.reference_faults import Registers
from calibration.quantities import NS_PER_S

_KEPT_REFRESHES = 20_000
"""A stalled register is looked up in the past, so the past is kept for a while."""


class LiveReference:
    """Register contents over time. `serial` numbers the refreshes from the start of the plant."""

    def __init__(self, model: ReferenceModel, origin_ns: int, rng: np.random.Generator) -> None:
        self.model = model
        self._origin_ns = origin_ns
        self._rng = rng
        n = model.power_average_n
        phase_s = -float(rng.uniform()) * model.true_refresh_s
        self._next_s = phase_s + model.true_refresh_s
        self._before_s = [phase_s - model.true_refresh_s * k for k in range(n - 1, 0, -1)]
        self._offset_Wh = model.start_Wh + float(rng.uniform()) * model.energy_step_Wh
        shown_Wh = np.floor(self._offset_Wh / model.energy_step_Wh) * model.energy_step_Wh
        # Arrays: numbers that are objects of their own take five times as much, and hold what lies between them.
        self._walked_s = array("d", [0.0])
        self._at_s = array("d", [phase_s])
        self._at_ns = array("q", [origin_ns + round(phase_s * NS_PER_S)])
        self._energy_Wh = array("d", [float(shown_Wh)])
        self._power_W = array("d", [0.0])
        self._columns: tuple[array[Any], ...] = (
            self._walked_s,
            self._at_s,
            self._at_ns,
            self._energy_Wh,
            self._power_W,
        )
        self._dropped = 0

    def change(self, at_s: float) -> None:
        """Take back the refreshes after at_s, because the load changes there."""
        kept = max(1, bisect_right(self._at_s, at_s))
        self._next_s -= (len(self._at_s) - kept) * self.model.true_refresh_s
        for column in self._columns:
            del column[kept:]

    def extend(self, curve: EnergyCurve) -> None:
        """Compute the refreshes up to the end of the curve."""
        end_s = float(curve.time_s[-1])
        count = int((end_s - self._next_s) / self.model.true_refresh_s) + 1
        if count < 1 or end_s < self._next_s:
            return
        walked = self._walked_s[-1]
        instants, walk = refresh_instants_s(self.model, self._next_s, count, walked, self._rng)
        instants = np.maximum(instants, self._at_s[-1])
        n = self.model.power_average_n
        before = [*self._before_s, *self._at_s[-n:]][-n:]
        made = refreshes(self.model, curve, np.array(before), instants, self._offset_Wh)
        self._next_s += count * self.model.true_refresh_s
        at_ns = self._origin_ns + np.rint(instants * NS_PER_S).astype(np.int64)
        coming = (walk, instants, at_ns, made.energy_Wh, made.power_W)
        for column, values in zip(self._columns, coming, strict=True):
            column.extend(values.tolist())
        self._forget()

    def _forget(self) -> None:
        surplus = len(self._at_s) - _KEPT_REFRESHES
        if surplus > _KEPT_REFRESHES // 4:
            for column in self._columns:
                del column[:surplus]
            self._dropped += surplus

    def serial_at(self, at_ns: int) -> int:
        """Number of the refresh whose values are in the registers at an instant."""
        return max(0, bisect_right(self._at_ns, at_ns) - 1) + self._dropped

    def registers_of(self, serial: int) -> Registers:
        return self._row(serial - self._dropped)

    def registers_at(self, at_ns: int) -> Registers:
        return self._row(max(0, bisect_right(self._at_ns, at_ns) - 1))

    def _row(self, index: int) -> Registers:
        return self._energy_Wh[index], self._power_W[index]
