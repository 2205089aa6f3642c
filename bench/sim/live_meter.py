"""A meter on the live plant: pulses are computed ahead and taken back where the load is changed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bench.sim.energy_curve import EnergyCurve, Pulsation
from bench.sim.faults import ScheduledFault
from bench.sim.line_faults import PulseLine
from bench.sim.meter import MeterModel, edge_train, emissions
from calibration.quantities import EdgeTrain

_NEVER_NS = 1 << 62


class LiveMeter:
    """Counts the plant's energy from its start on and emits pulses into its line.

    Its counting is kept as a point (plant energy, pulses counted) and a slope, renewed with each load,
    because its error depends on the load. So the count goes on over load changes without losing a fraction.
    """

    def __init__(self, model: MeterModel, origin_ns: int, rng: np.random.Generator) -> None:
        self.model = model
        self.line = PulseLine()
        self._origin_ns = origin_ns
        self._rng = rng
        self._lattice_phase_s = float(rng.uniform(0.0, model.emission_lattice_s or 0.0))
        self._counted_pulses = float(rng.uniform())
        self._counted_at_Wh = 0.0
        self._pulse_Wh = model.pulse_energy_Wh
        self._next_pulse = 1
        none = np.empty(0)
        self._crossing_s, self._frame = none, np.empty(0, np.int64)
        self._stamp_ns = self._kind = np.empty(0, np.int64)
        self._delivered = 0
        self._next_edge_ns = _NEVER_NS

    def change(self, at_s: float, plant_energy_Wh: float, power_W: float) -> None:
        """Another load begins: take back the pulses after it and count on with the error at this load."""
        self._trim()
        kept = int(np.searchsorted(self._crossing_s, at_s, "right"))
        self._next_pulse -= len(self._crossing_s) - kept
        self._keep(slice(None, kept), slice(None, 2 * kept))
        self._counted_pulses += (plant_energy_Wh - self._counted_at_Wh) / self._pulse_Wh
        self._counted_at_Wh = plant_energy_Wh
        self._pulse_Wh = self.model.pulse_energy_Wh / (1.0 + self.model.true_error_pct(power_W) / 100.0)

    def extend(self, curve: EnergyCurve, pulsation: Pulsation | None) -> None:
        """Compute the pulses up to the end of the curve."""
        self._trim()
        reached = self._counted_pulses + (curve.energy_Wh[-1] - self._counted_at_Wh) / self._pulse_Wh
        numbers = np.arange(self._next_pulse, int(np.floor(reached)) + 1, dtype=np.float64)
        if not len(numbers):
            return
        levels = self._counted_at_Wh + (numbers - self._counted_pulses) * self._pulse_Wh
        before = int(self._frame[-1]) if len(self._frame) else None
        made = emissions(self.model, curve, pulsation, levels, self._lattice_phase_s, before)
        edges = edge_train(made.lit_s, made.dark_s, self._origin_ns, self.model.edge_jitter_s, self._rng)
        # After a change of the load the lamp may still be lit from the pulse before.
        earliest_ns = int(self._stamp_ns[-1]) + 1 if len(self._stamp_ns) else 0
        self._next_pulse += len(numbers)
        self._crossing_s = np.concatenate((self._crossing_s, made.crossing_s))
        self._frame = np.concatenate((self._frame, made.frame))
        self._stamp_ns = np.concatenate((self._stamp_ns, np.maximum(edges.timestamp_ns, earliest_ns)))
        self._kind = np.concatenate((self._kind, edges.kind))
        self._set_next_edge()

    def take(self, until_ns: int) -> EdgeTrain | None:
        """The edges up to an instant that were not taken yet, as the kernel delivers them; None for none."""
        if until_ns < self._next_edge_ns:
            return None
        last = int(np.searchsorted(self._stamp_ns, until_ns, "right"))
        some = slice(self._delivered, last)
        self._delivered = last
        self._set_next_edge()
        return self.line.deliver(self._stamp_ns[some], self._kind[some])

    @property
    def next_edge_ns(self) -> int:
        """When the next edge comes, as far as it is computed."""
        return self._next_edge_ns

    def disturb(self, faults: Iterable[ScheduledFault]) -> None:
        for fault in faults:
            self.line.add(fault)

    def _set_next_edge(self) -> None:
        waiting = self._delivered < len(self._stamp_ns)
        self._next_edge_ns = int(self._stamp_ns[self._delivered]) if waiting else _NEVER_NS

    def _trim(self) -> None:
        """Forget the pulses whose edges were both delivered, but the last one (its frame is needed)."""
        gone = max(0, min(self._delivered // 2, len(self._crossing_s) - 1))
        self._delivered -= 2 * gone
        self._keep(slice(gone, None), slice(2 * gone, None))

    def _keep(self, pulses: slice, edges: slice) -> None:
        self._crossing_s, self._stamp_ns = self._crossing_s[pulses], self._stamp_ns[edges]
        self._frame, self._kind = self._frame[pulses], self._kind[edges]
        self._delivered = min(self._delivered, len(self._stamp_ns))
        self._set_next_edge()
