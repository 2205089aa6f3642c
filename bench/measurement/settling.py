"""Is the load reached and steady? The reference standard's read-back decides, never the command."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.measurement.acquisition import Acquisition
from calibration.findings import each_reason_once
from calibration.held_load import NO_LOAD_W
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding, FloatArray
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard

BoolArray = npt.NDArray[np.bool_]
_STEADY_PCT = 1.0
"""How far the means of the two halves of the steady time may differ: a ramp or a contactor bounce shows."""
_FALLEN_SHARE = 0.5
"""A reading below this share of the wanted power is no load that fluctuates: it went away."""


def steady_for_s(configured_s: float, card: ReferenceCard) -> float:
    """How long a load must have been steady: a reference forgets a change of load after a refresh or two and the lag
    of its power register."""
    return max(configured_s, 3 * card.refresh_s + card.power_lag_s)


@dataclass(frozen=True, slots=True)
class LoadWatch:
    """When a load counts as reached. steady_for_s is at least what the reference needs to forget a ramp."""

    reached_within_pct: float
    steady_for_s: float
    timeout_s: float
    look_every_s: float = 0.25
    power_step_W: float = 0.0
    """Of the reference's power register: no load can be told closer than this."""

    def begin(self, load_point: LoadPoint, now_ns: int) -> SettleWatch:
        alone_V = load_point.voltage_V if load_point.current_A == 0.0 else None
        return SettleWatch(self, load_point.compared_power, now_ns, alone_V)


@dataclass(frozen=True, slots=True)
class SettleWatch:
    """One load on its way. Instants in ns of the bench clock.

    alone_V: a voltage without a current. No power shows it, so the reference must read the voltage itself.
    """

    limits: LoadWatch
    wanted_W: float
    began_ns: int
    alone_V: float | None = None

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
        least_W = max(self.limits.power_step_W, NO_LOAD_W if self.alone_V is not None else 0.0)
        near_W = max(abs(self.wanted_W) * self.limits.reached_within_pct / 100, least_W)
        still_W = max(abs(self.wanted_W) * _STEADY_PCT / 100, least_W)
        if not self._has_voltage(acquisition):
            return False
        is_near = abs(power_W.mean() - self.wanted_W) <= near_W
        return bool(is_near and abs(power_W[:half].mean() - power_W[half:].mean()) <= still_W)

    def _has_voltage(self, acquisition: Acquisition) -> bool:
        if self.alone_V is None:
            return True
        read_V = acquisition.auxiliary.get("voltage_V")
        return read_V is not None and abs(read_V / self.alone_V - 1.0) <= self.limits.reached_within_pct / 100

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
        faults = [f.finding for f in acquisition.reference_faults if f.at_ns >= self.began_ns]
        if faults:
            return each_reason_once(faults)
        if not self._has_voltage(acquisition):
            read_V = acquisition.auxiliary.get("voltage_V")
            values = {"wanted": f"{self.alone_V:g}", "read": "—" if read_V is None else f"{read_V:.1f}"}
            return (Finding(Reason.VOLTAGE_NOT_REACHED, values),)
        power_W = self._power_W(acquisition, now_ns)
        values = {"wanted": f"{self.wanted_W:.1f}", "read": f"{power_W.mean():.1f}" if len(power_W) else "—"}
        is_reversed = bool(len(power_W)) and power_W.mean() < -_FALLEN_SHARE * self.wanted_W < 0.0
        return (Finding(Reason.LOAD_REVERSED if is_reversed else Reason.LOAD_NOT_REACHED, values),)

    def _is_fallen(self, power_W: FloatArray) -> BoolArray:
        return np.abs(power_W) < _FALLEN_SHARE * abs(self.wanted_W)

    def _power_W(self, acquisition: Acquisition, now_ns: int) -> FloatArray:
        since_ns = now_ns - round(self.limits.steady_for_s * NS_PER_S)
        return acquisition.power_W.since(acquisition.power_W.index_at(since_ns)).value
