"""Faults in a simulated run of arrays: the same line and reference as on the live plant, fed all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bench.sim.faults import (
    CLOCK_FAULTS,
    LINE_FAULTS,
    LOAD_FAULTS,
    REFERENCE_FAULTS,
    Fault,
    FaultEvent,
    ScheduledFault,
)
from bench.sim.line_faults import PulseLine
from bench.sim.polling import Exchanges, stamps_ns
from bench.sim.reference import Refreshes
from bench.sim.reference_faults import ReferenceFaults, Registers
from bench.sim.source import LoadStep, SourceModel
from calibration.quantities import (
    NS_PER_S,
    EdgeTrain,
    Finding,
    FloatArray,
    InstrumentFault,
    IntArray,
    PolledRegister,
    ReferenceReadings,
)
from calibration.reasons import Reason

BoolArray = NDArray[np.bool_]

TIMEOUT_S = 0.5
DRAIN_S = 1.0
"""As the Modbus driver does by default: a time-out, then a drained line, where a late reply may turn up."""


def with_load_faults(source: SourceModel, events: Iterable[FaultEvent]) -> SourceModel:
    """The source with the steps that the load faults among the events make."""
    steps = list(source.steps)
    for event in events:
        if event.fault in LOAD_FAULTS:
            scheduled = event.scheduled(0)
            steps.append(LoadStep(event.at_s, 1.0 + scheduled.amount / 100.0))
            if event.duration_s:
                steps.append(LoadStep(event.at_s + event.duration_s, 1.0))
    return replace(source, steps=tuple(sorted(steps, key=lambda s: s.at_s)))


class StudyFaults:
    """The faults of one run whose stamps start at origin_ns."""

    def __init__(self, events: Iterable[FaultEvent], origin_ns: int) -> None:
        self._events = tuple(events)
        self._origin_ns = origin_ns
        self._slews = [f for f in self._of(CLOCK_FAULTS) if f.fault is Fault.CLOCK_SLEWING]

    def _of(self, faults: frozenset[Fault]) -> list[ScheduledFault]:
        return [e.scheduled(self._origin_ns) for e in self._events if e.fault in faults]

    # --- the bench clock

    @property
    def clock_slew_ppm(self) -> float:
        return max((abs(f.amount) for f in self._slews), default=0.0)

    def _on_bench_clock(self, at_ns: IntArray) -> IntArray:
        """Stamps as a clock makes them that is slewed meanwhile."""
        stamps = at_ns
        for slew in self._slews:
            passed = np.clip(at_ns - slew.at_ns, 0, slew.until_ns - slew.at_ns)
            stamps = stamps + np.rint(passed * slew.amount * 1e-6).astype(np.int64)
        return stamps

    def slewed(self, edges: EdgeTrain) -> EdgeTrain:
        return replace(edges, timestamp_ns=self._on_bench_clock(edges.timestamp_ns))

    # --- the pulse lines

    def delivered(self, edges: EdgeTrain, position: int) -> EdgeTrain:
        """What the kernel delivers of a meter's edges."""
        mine = [e for e in self._events if e.fault in LINE_FAULTS and e.line == position]
        line = PulseLine(e.scheduled(self._origin_ns) for e in mine)
        return self.slewed(line.deliver(edges.timestamp_ns, edges.kind))

    # --- the reference standard

    def readings(
        self, made: tuple[Exchanges, ...], seen: Refreshes, energy_step_Wh: float
    ) -> ReferenceReadings:
        """What the polls of a run read: energy by the first request of a poll, power by the last one."""
        energy, power = seen.seen_at(made[0].sampled_s)
        if len(made) > 1:
            power = seen.seen_at(made[1].sampled_s)[1]
        answered = np.ones(len(energy), bool)
        found: list[InstrumentFault] = []
        scheduled = self._of(REFERENCE_FAULTS)
        if scheduled:
            answered, found = self._unanswered(made, scheduled)
            reference = ReferenceFaults(energy_step_Wh, scheduled)
            energy, power = self._distorted(made, seen, reference, energy, power)
            is_number = np.isfinite(power)
            replies_ns = stamps_ns(made[-1].reply_s, self._origin_ns)
            for k in np.flatnonzero(answered & ~is_number):
                reason = Reason.REFERENCE_NOT_A_NUMBER if np.isnan(power[k]) else Reason.REFERENCE_OVER_RANGE
                found.append(InstrumentFault(int(replies_ns[k]), Finding(reason, {"field": "power_W"})))
            answered &= is_number
        return ReferenceReadings(
            self._polled(made[0].register(energy, self._origin_ns), answered),
            self._polled(made[-1].register(power, self._origin_ns), answered),
            tuple(sorted(found, key=lambda f: f.at_ns)),
        )

    def _polled(self, register: PolledRegister, answered: BoolArray) -> PolledRegister:
        return PolledRegister(
            self._on_bench_clock(register.request_ns[answered]),
            self._on_bench_clock(register.reply_ns[answered]),
            register.value[answered],
        )

    def _distorted(
        self,
        made: tuple[Exchanges, ...],
        seen: Refreshes,
        reference: ReferenceFaults,
        energy: FloatArray,
        power: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        def true_registers(at_ns: int) -> Registers:
            at_s = np.array([(at_ns - self._origin_ns) / NS_PER_S])
            shown = seen.seen_at(at_s)
            return float(shown[0][0]), float(shown[1][0])

        energy, power = energy.copy(), power.copy()
        first = stamps_ns(made[0].sampled_s, self._origin_ns)
        last = stamps_ns(made[-1].sampled_s, self._origin_ns)
        for k in np.flatnonzero(last >= reference.first_ns):
            energy[k] = reference.read(int(first[k]), true_registers)[0]
            power[k] = reference.read(int(last[k]), true_registers)[1]
        return energy, power

    def _unanswered(
        self, made: tuple[Exchanges, ...], scheduled: list[ScheduledFault]
    ) -> tuple[BoolArray, list[InstrumentFault]]:
        """Which polls were answered (bool, one a poll), and a fault for each that was not."""
        request_ns = stamps_ns(made[0].request_s, self._origin_ns)
        answered = np.ones(len(request_ns), bool)
        found: list[InstrumentFault] = []
        pause_ns = round((TIMEOUT_S + DRAIN_S) * NS_PER_S)
        for fault in scheduled:
            if fault.fault not in (Fault.REFERENCE_SILENT, Fault.REFERENCE_LATE):
                continue
            is_late = fault.fault is Fault.REFERENCE_LATE
            until_ns = (fault.at_ns if is_late else fault.until_ns) + pause_ns
            missed = (request_ns >= fault.at_ns) & (request_ns < until_ns)
            answered &= ~missed
            late_ns = fault.at_ns + round(fault.amount * NS_PER_S)
            for at_ns in request_ns[missed].tolist():
                came = is_late and at_ns >= late_ns
                is_late = is_late and not came
                found.append(
                    _no_reply(Reason.REFERENCE_LATE if came else Reason.REFERENCE_SILENT, fault, at_ns)
                )
        return answered, found


def _no_reply(reason: Reason, fault: ScheduledFault, at_ns: int) -> InstrumentFault:
    return InstrumentFault(at_ns, Finding(reason, {"seconds": f"{(at_ns - fault.at_ns) / NS_PER_S:.1f}"}))
