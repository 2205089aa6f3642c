"""A meter on the live plant: what it counts, its test output and its energy register."""

from __future__ import annotations

import numpy as np

from bench.sim.energy_curve import S_PER_H, EnergyCurve, Pulsation
from bench.sim.live_output import LiveOutput
from bench.sim.meter import MeterModel, emissions
from calibration.load_points import LoadPoint
from calibration.quantities import IntArray

_STANDS_STILL_WH = float("inf")
_JUST_BELOW = 1e-9


class LiveMeter(LiveOutput):
    """Counts the plant's energy from its start on and emits pulses into its line.

    Its counting is kept as a point (energy, pulses counted) and a slope, renewed with each load, because its error
    depends on the load. So the count goes on over load changes without losing a fraction. The energy is the plant's,
    and while it creeps its own beside it.
    """

    def __init__(self, model: MeterModel, origin_ns: int, rng: np.random.Generator) -> None:
        super().__init__(origin_ns, model.edge_jitter_s, rng)
        self.model = model
        self._lattice_phase_s = float(rng.uniform(0.0, model.emission_lattice_s or 0.0))
        self._counted_pulses = self._first_counted = float(rng.uniform())
        self._counted_at_Wh = 0.0
        self._pulse_Wh = model.pulse_energy_Wh
        self._creep_W = 0.0
        self._changed_at_s = 0.0
        self._next_pulse = 1
        self._frame: IntArray = np.empty(0, np.int64)

    def change(self, at_s: float, plant_energy_Wh: float, load: LoadPoint | None, power_W: float) -> None:
        """Another load begins, or none: take back the pulses after it and count on as this load lets it.

        power_W: that really flows.
        """
        self._trim()
        self._next_pulse -= self._take_back_after(at_s)
        self._counted_pulses = self.counted_pulses(at_s, plant_energy_Wh)
        self._counted_at_Wh = plant_energy_Wh
        self._changed_at_s = at_s
        phase = "" if load is None else load.loaded_phase
        self._pulse_Wh = self.model.pulse_energy_Wh / (
            1.0 + self.model.true_error_pct(power_W, phase) / 100.0
        )
        self._creep_W = 0.0
        if load is not None and power_W == 0.0 and self.model.creep_W > 0.0:
            self._creep_W, self._pulse_Wh = self.model.creep_W, self.model.pulse_energy_Wh
        elif 0.0 < power_W < self.model.starts_at_W:
            self._pulse_Wh = _STANDS_STILL_WH
            # A pulse that the mean energy has reached and its swing has not waits for the next load.
            self._counted_pulses = min(self._counted_pulses, self._next_pulse - _JUST_BELOW)

    def counted_pulses(self, at_s: float, plant_energy_Wh: float) -> float:
        """Pulses counted up to an instant since the last change, with the fraction that has not been emitted."""
        crept_Wh = self._creep_W * (at_s - self._changed_at_s) / S_PER_H
        return self._counted_pulses + (plant_energy_Wh + crept_Wh - self._counted_at_Wh) / self._pulse_Wh

    def register_kWh(self, at_s: float, plant_energy_Wh: float) -> float:
        """The energy register at an instant since the last change, with more digits than it displays."""
        shown = self.model.register
        pulses = self.counted_pulses(at_s, plant_energy_Wh) - self._first_counted
        moved_kWh = pulses / self.model.meter_constant_imp_per_kWh * (1.0 + shown.error_pct / 100.0)
        return shown.start_kWh + moved_kWh

    def extend(self, curve: EnergyCurve, pulsation: Pulsation | None) -> None:
        """Compute the pulses up to the end of the curve."""
        self._trim()
        if self._creep_W:
            curve, pulsation = curve.plus(self._creep_W, self._changed_at_s), None
        reached = self._counted_pulses + (curve.energy_Wh[-1] - self._counted_at_Wh) / self._pulse_Wh
        numbers = np.arange(self._next_pulse, int(np.floor(reached)) + 1, dtype=np.float64)
        if not len(numbers):
            return
        levels = self._counted_at_Wh + (numbers - self._counted_pulses) * self._pulse_Wh
        before = int(self._frame[-1]) if len(self._frame) else None
        made = emissions(self.model, curve, pulsation, levels, self._lattice_phase_s, before)
        self._next_pulse += len(numbers)
        self._frame = np.concatenate((self._frame, made.frame))
        self._add(made.crossing_s, made.lit_s, made.dark_s)

    def _keep(self, pulses: slice, edges: slice) -> None:
        self._frame = self._frame[pulses]
        super()._keep(pulses, edges)
