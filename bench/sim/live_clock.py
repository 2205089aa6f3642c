"""The 1 Hz clock output of a meter on the live plant: seconds of its own, shown as long as it has voltage."""

from __future__ import annotations

import numpy as np

from bench.sim.live_output import LiveOutput

_S_PER_DAY = 86_400.0
_WIDTH_S = 0.1
_EDGE_JITTER_S = 10e-6


class LiveClock(LiveOutput):
    """error_s_per_day: positive where the clock gains, so that its seconds are too short.

    The clock goes on without voltage; only its output is dark then. needs_voltage: False of one that is no meter's.
    """

    def __init__(
        self,
        error_s_per_day: float,
        origin_ns: int,
        rng: np.random.Generator,
        *,
        needs_voltage: bool = True,
    ) -> None:
        super().__init__(origin_ns, _EDGE_JITTER_S, rng)
        self._period_s = 1.0 / (1.0 + error_s_per_day / _S_PER_DAY)
        self._phase_s = float(rng.uniform())
        self._needs_voltage = needs_voltage
        self._has_voltage = not needs_voltage
        self._drawn_s = 0.0

    def change(self, at_s: float, *, has_voltage: bool) -> None:
        """The voltage is applied or removed."""
        if not self._needs_voltage:
            return
        self._trim()
        self._take_back_after(at_s)
        self._drawn_s = at_s
        self._has_voltage = has_voltage

    def extend(self, end_s: float) -> None:
        """Compute the pulses up to an instant."""
        self._trim()
        after, last = np.floor((np.array([self._drawn_s, end_s]) - self._phase_s) / self._period_s)
        self._drawn_s = end_s
        if self._has_voltage and last > after:
            lit_s = self._phase_s + self._period_s * np.arange(after + 1.0, last + 1.0)
            self._add(lit_s, lit_s, lit_s + _WIDTH_S)
