"""A plant without noise, of which everything can be worked out on paper.

The reference refreshes each T exactly, first at refresh 0 (phase_s); a poll takes 20 ms and polls come each D, dithered
by a fifth of it with a fixed seed; its values are those of the instant read_at of the way from request to reply.
power_of(j) is the power (W) over the refresh interval before u_j, which is what the
power register shows from u_j on; the energy register shows whole steps r of what has flowed until u_j.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration.quantities import FloatArray, IntArray, PolledRegister, ReferenceReadings
from calibration.reference_standard import ReferenceCard

ORIGIN_NS = 10**15
LATENCY_NS = 20_000_000


@dataclass(frozen=True)
class Plant:
    period_s: float = 1.0
    phase_s: float = 0.3
    poll_s: float = 0.1
    step_Wh: float = 0.01
    read_at: float = 0.5
    power_of: Callable[[IntArray], FloatArray] = lambda j: 2000.0 + 40.0 * np.sin(0.7 * j)

    def energy_Wh(self, index: IntArray) -> FloatArray:
        """What has flowed until u_j, from u_0 on; 100 Wh at u_0."""
        every = np.arange(0, int(np.max(index)) + 1)
        flowed = np.cumsum(self.power_of(every)) * self.period_s / 3600.0
        return 100.0 + (flowed - flowed[0])[index]

    def shown_Wh(self, index: IntArray) -> FloatArray:
        return np.floor(self.energy_Wh(index) / self.step_Wh) * self.step_Wh

    def polled_ns(self, run_s: float, seed: int = 1) -> tuple[IntArray, IntArray]:
        """Requests and replies; the first after u_0."""
        rng = np.random.default_rng(seed)
        steps = self.poll_s * rng.uniform(0.8, 1.2, int(run_s / self.poll_s))
        asked_ns = ORIGIN_NS + np.rint((self.phase_s + 0.01 + np.cumsum(steps)) * 1e9).astype(np.int64)
        return asked_ns, asked_ns + LATENCY_NS

    def readings(self, run_s: float = 60.0, seed: int = 1) -> ReferenceReadings:
        asked_ns, answered_ns = self.polled_ns(run_s, seed)
        at_s = (asked_ns - ORIGIN_NS + self.read_at * LATENCY_NS) / 1e9
        index = np.floor((at_s - self.phase_s) / self.period_s).astype(np.int64)
        return ReferenceReadings(
            PolledRegister(asked_ns, answered_ns, self.shown_Wh(index)),
            PolledRegister(asked_ns, answered_ns, self.power_of(index)),
        )

    def card(self) -> ReferenceCard:
        return ReferenceCard("perfect", "1", 0.05, self.step_Wh, self.period_s, 0.1, power_lag_u_s=0.01)
