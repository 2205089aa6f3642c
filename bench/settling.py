"""Is the load reached and steady? The reference standard's read-back decides, never the command."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.acquisition import Acquisition
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding, FloatArray
from calibration.reasons import Reason

BoolArray = npt.NDArray[np.bool_]
_STEADY_PCT = 1.0
"""How far the means of the two halves of the steady time may differ: a ramp or a contactor bounce shows."""
_FALLEN_SHARE = 0.5
"""A reading below this share of the wanted power is no load that fluctuates: it went away."""


@dataclass(frozen=True, slots=True)
class LoadWatch:
    """When a load counts as reached. steady_for_s is at least what the reference needs to forget a ramp."""

    reached_within_pct: float
    steady_for_s: float
    timeout_s: float
    look_every_s: float = 0.25

    def begin(self, load_point: LoadPoint, now_ns: int) -> SettleWatch:
        return SettleWatch(self, load_point.compared_power, now_ns)


@dataclass(frozen=True, slots=True)
class SettleWatch:
    """One load on its way. Instants in ns of the bench clock."""

    limits: LoadWatch
    wanted_W: float
    began_ns: int

    def is_steady(self, acquisition: Acquisition, now_ns: int) -> bool:
        steady_ns = round(self.limits.steady_for_s * NS_PER_S)
        if now_ns - self.began_ns < steady_ns:
            return False
        if any(fault.at_ns >= now_ns - steady_ns for fault in acquisition.reference_faults):
            return False
        power_W = self._power_W(acquisition, now_ns)
        # A mean would hide a reference that shows zero for an instant while it changes its range.
        if len(power_W) < 2 or self._is_fallen(power_W).any():
            return False
        half = len(power_W) // 2
        near_W = abs(self.wanted_W) * self.limits.reached_within_pct / 100
        still_W = abs(self.wanted_W) * _STEADY_PCT / 100
        is_near = abs(power_W.mean() - self.wanted_W) <= near_W
        return bool(is_near and abs(power_W[:half].mean() - power_W[half:].mean()) <= still_W)

    def fell(self, acquisition: Acquisition, since_ns: int, until_ns: int) -> Finding | None:
        """Whether the power went away in this time after it had been there since the load was applied."""
        first = acquisition.power_W.index_at(self.began_ns)
        polls = acquisition.power_W.since(first)
        is_fallen = self._is_fallen(polls.value)
        if is_fallen.all():
            return None
        was_there = np.arange(len(is_fallen)) > np.argmin(is_fallen)
        is_inside = (polls.request_ns >= since_ns) & (polls.request_ns <= until_ns)
        fallen_ns = polls.request_ns[is_fallen & was_there & is_inside]
        if not len(fallen_ns):
            return None
        seconds = f"{(fallen_ns[-1] - fallen_ns[0]) / NS_PER_S:.1f}"
        return Finding(Reason.REFERENCE_RANGE_CHANGED, {"seconds": seconds})

    def is_over(self, now_ns: int) -> bool:
        return now_ns - self.began_ns >= round(self.limits.timeout_s * NS_PER_S)

    def why_not_reached(self, acquisition: Acquisition, now_ns: int) -> tuple[Finding, ...]:
        """The reference's own faults where it had any, else what it read."""
        faults = {
            fault.finding.reason: fault.finding
            for fault in acquisition.reference_faults
            if fault.at_ns >= self.began_ns
        }
        if faults:
            return tuple(faults.values())
        power_W = self._power_W(acquisition, now_ns)
        read = f"{power_W.mean():.1f}" if len(power_W) else "—"
        return (Finding(Reason.LOAD_NOT_REACHED, {"wanted": f"{self.wanted_W:.1f}", "read": read}),)

    def _is_fallen(self, power_W: FloatArray) -> BoolArray:
        return np.abs(power_W) < _FALLEN_SHARE * abs(self.wanted_W)

    def _power_W(self, acquisition: Acquisition, now_ns: int) -> FloatArray:
        since_ns = now_ns - round(self.limits.steady_for_s * NS_PER_S)
        return acquisition.power_W.since(acquisition.power_W.index_at(since_ns)).value
