"""What a step gives that looks at lines and registers for a span of time: one computation, in the run and in a replay.

`Observations` computes it from `Material`: the arrays of the bench while it measures, the raw files afterwards. What is
neither (what a line or a port failed with) comes with the span, as it is recorded. Instants are ns of the bench clock.
The functions below take the edges of one line; only what lies in the span counts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol, cast

import numpy as np

from bench.line_names import PPS_LINE, clock_line
from bench.methods.steps import (
    TEST,
    ClockWatch,
    Hold,
    MetersRead,
    PassEnergy,
    PulseWatch,
    ReadMeters,
    Settled,
    SpanStep,
    WatchClock,
    WatchPulses,
)
from bench.ports import MeterReading
from calibration.clock_rate import ClockRate, clock_rate
from calibration.findings import each_reason_once
from calibration.held_load import screen_held_load
from calibration.nameplate import MeterUnderTest
from calibration.pulse_screening import screen_edges
from calibration.quantities import (
    NS_PER_S,
    RISING,
    EdgeTrain,
    Finding,
    InstrumentFault,
    ReferenceReadings,
    seconds_between,
)
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard

_PPS_MAY_PAUSE_S, _PPS_AT_LEAST = 5.0, 0.9
"""Single pulses may be missing; a receiver that has lost its fix goes silent, or drifts and is no standard any more."""
_MAY_DEPART_PPM = 1.0
"""A quarter of the span may run so far from the whole: a fifth of the usual limit of a meter's clock (0.5 s/d)."""
_OUTPUT_TOLERANCE_S = 0.2
"""A second pulse may lie so far from its second; beyond, one is missing or foreign."""


SpanResult = Mapping[str, PulseWatch] | Mapping[str, ClockWatch] | Settled | MetersRead


class Material(Protocol):
    """What was measured: while the bench measures, or of a recorded run."""

    def has_line(self, line: str) -> bool: ...

    def edges_of(self, line: str) -> EdgeTrain:
        """All edges of a pulse line."""

    def readings_since(self, first_ns: int) -> ReferenceReadings:
        """The reference's readings from an instant on, with its faults."""


@dataclass(frozen=True, slots=True)
class Span:
    """first_ns to last_ns. line_findings: what each line of the step failed with meanwhile.

    registers, port_findings: of meters that were read, what each told, and why it did not.
    """

    first_ns: int
    last_ns: int
    line_findings: Mapping[str, tuple[Finding, ...]]
    registers: Mapping[str, MeterReading] = field(default_factory=dict)
    port_findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def ns(self) -> tuple[int, int]:
        return self.first_ns, self.last_ns


@dataclass(frozen=True, slots=True)
class Observations:
    """stability_pct: of the plan. pps_edge: kind of the edge that is the second."""

    material: Material
    meters: Mapping[str, MeterUnderTest]
    card: ReferenceCard
    stability_pct: float
    pps_edge: int

    def of(self, step: SpanStep, span: Span) -> SpanResult:
        """What the step gives. span: of the step, over before this is called."""
        match step:
            case WatchPulses():
                readings = self.material.readings_since(span.first_ns)
                seen = self.watched(step, span)
                return with_load(seen, step, readings, self.card, span.first_ns, self.stability_pct)
            case WatchClock():
                return self._clocks(step, span)
            case Hold():
                readings = self.material.readings_since(span.first_ns)
                held = screen_held_load(readings, self.card, step.load_point, span.ns, step.stability_pct)
                return Settled(held)
            case PassEnergy():
                return Settled(faults_between(self.material.readings_since(span.first_ns).faults, span.ns))
            case ReadMeters():
                return self._meters_read(step, span)

    def watched(self, step: WatchPulses, span: Span) -> dict[str, PulseWatch]:
        """Pulses so far, without what the load did."""
        return {
            p: pulses_of(self.material.edges_of(p), self.meters[p], span.ns, longest_s, span.line_findings[p])
            for p, longest_s in step.longest_s.items()
        }

    def why_not_over(
        self, step: SpanStep, span: Span, answer: SpanResult, skipped: Container[str]
    ) -> str | None:
        """What a span of this step lacks to be whole, in a few words; None where the step could end there.

        answer: what `of` gives for it. skipped: positions that nobody waits for. A silence is only worth what it was
        listened to.
        """
        lasted_s = seconds_between(span.first_ns, span.last_ns)
        match step:
            case WatchPulses():
                early = still_waiting(step, cast(Mapping[str, PulseWatch], answer), lasted_s, skipped)
                return f"position {early[0]} watched for {step.longest_s[early[0]]:g} s" if early else None
            case Hold():
                return None if lasted_s >= step.duration_s else f"held for {step.duration_s:g} s"
            case PassEnergy():
                start_Wh, end_Wh = self.energy_at(span.first_ns), self.energy_at(span.last_ns)
                passed_Wh = 0.0 if start_Wh is None or end_Wh is None else end_Wh - start_Wh
                is_over = passed_Wh >= step.energy_Wh or lasted_s >= step.longest_s
                return None if is_over else f"{step.energy_Wh:g} Wh passed"
            case WatchClock() | ReadMeters():
                return None

    def energy_at(self, at_ns: int) -> float | None:
        """The last reading (Wh) of the reference's energy register that had arrived at an instant."""
        energy = self.material.readings_since(0).energy_Wh
        known = int(np.searchsorted(energy.reply_ns, at_ns, "right"))
        return float(energy.value[known - 1]) if known else None

    def _clocks(self, step: WatchClock, span: Span) -> dict[str, ClockWatch]:
        seen = {p: self._clock(step, clock_line(p), span) for p in step.positions}
        if not self.material.has_line(PPS_LINE):
            return seen
        pps, found = self.material.edges_of(PPS_LINE), span.line_findings[PPS_LINE]
        rate, why_not = bench_clock_rate(pps, self.pps_edge, span.ns, found)
        return {p: replace(watch, rate=rate, why_no_rate=why_not) for p, watch in seen.items()}

    def _clock(self, step: WatchClock, line: str, span: Span) -> ClockWatch:
        if not self.material.has_line(line):
            return ClockWatch((), (Finding(Reason.CLOCK_NOT_WIRED),))
        edges = self.material.edges_of(line)
        return seconds_pulses(edges, span.first_ns, step.windows, step.window_s, span.line_findings[line])

    def _meters_read(self, step: ReadMeters, span: Span) -> MetersRead:
        """Registers as they were read, with the pulses of the span and the reference's register at its end."""
        of_reference = faults_between(self.material.readings_since(span.first_ns).faults, span.ns)
        pulses, findings = {}, {}
        for p in step.positions:
            inside = self.material.edges_of(p).between(*span.ns)
            pulses[p] = len(inside.of_kind(self.meters[p].test_output_edge))
            of_line = (*span.line_findings[p], *screen_edges(inside, self.meters[p].serial))
            findings[p] = (*span.port_findings[p], *of_reference, *of_line)
        return MetersRead(self.energy_at(span.last_ns), pulses, dict(span.registers), findings)


def still_waiting(
    step: WatchPulses, seen: Mapping[str, PulseWatch], lasted_s: float, skipped: Container[str]
) -> list[str]:
    """Positions that have neither their pulses nor their time (s) yet. skipped: whom nobody waits for."""
    return [
        p
        for p, longest_s in step.longest_s.items()
        if p not in skipped and len(seen[p].pulses_s) < step.enough and lasted_s < longest_s
    ]


def pulses_of(
    edges: EdgeTrain,
    meter: MeterUnderTest,
    span_ns: tuple[int, int],
    longest_s: float,
    line_findings: tuple[Finding, ...],
) -> PulseWatch:
    """Pulses of a meter from the start of the span for at most longest_s (s)."""
    first_ns, last_ns = span_ns
    last_ns = min(last_ns, first_ns + round(longest_s * NS_PER_S))
    inside = edges.between(first_ns, last_ns)
    pulse_ns = inside.of_kind(meter.test_output_edge)
    pulses_s = tuple(float(s) for s in seconds_between(first_ns, pulse_ns))
    findings = (*line_findings, *screen_edges(inside, meter.serial))
    return PulseWatch(seconds_between(first_ns, last_ns), pulses_s, findings)


def with_load(
    seen: Mapping[str, PulseWatch],
    step: WatchPulses,
    readings: ReferenceReadings,
    card: ReferenceCard,
    first_ns: int,
    stability_pct: float,
) -> dict[str, PulseWatch]:
    """A watch that is over, with what the load did while each position was watched.

    A proof that has its pulses has them whatever the load did; the test speaks of its load alone.
    """
    of_load: dict[float, tuple[Finding, ...]] = {}
    found = {}
    for position, watch in seen.items():
        if step.stage != TEST and len(watch.pulses_s) >= step.enough:
            found[position] = watch
            continue
        if watch.watched_s not in of_load:  # most are watched for the same time
            span_ns = (first_ns, first_ns + round(watch.watched_s * NS_PER_S))
            of_load[watch.watched_s] = screen_held_load(
                readings, card, step.load_point, span_ns, stability_pct
            )
        found[position] = replace(watch, findings=(*watch.findings, *of_load[watch.watched_s]))
    return found


def faults_between(faults: Iterable[InstrumentFault], span_ns: tuple[int, int]) -> tuple[Finding, ...]:
    """The faults of the span, each reason once."""
    return each_reason_once(f.finding for f in faults if span_ns[0] <= f.at_ns <= span_ns[1])


def seconds_pulses(
    edges: EdgeTrain, first_ns: int, windows: int, window_s: float, line_findings: tuple[Finding, ...]
) -> ClockWatch:
    """Mean period (s) of a 1 Hz output in each of so many windows that follow each other."""
    if line_findings:
        return ClockWatch((), line_findings)
    bounds_ns = [first_ns + round(k * window_s * NS_PER_S) for k in range(windows + 1)]
    pulse_ns = edges.between(first_ns, bounds_ns[-1]).of_kind(RISING)
    unusable = _why_no_seconds(pulse_ns, windows * window_s)
    if unusable:
        return ClockWatch((), unusable)
    at = np.minimum(np.searchsorted(pulse_ns, bounds_ns), len(pulse_ns) - 1)
    periods_s = tuple(
        float(seconds_between(int(pulse_ns[a]), int(pulse_ns[b]))) / int(b - a) for a, b in pairwise(at)
    )
    return ClockWatch(periods_s)


def bench_clock_rate(
    pps: EdgeTrain, edge_kind: int, span_ns: tuple[int, int], line_findings: tuple[Finding, ...] = ()
) -> tuple[ClockRate | None, tuple[Finding, ...]]:
    """The rate in a span, or why it cannot be told: pulses stay away or do not fit, or the clock is slewed."""
    if line_findings:
        return None, line_findings
    stamp_ns = pps.between(*span_ns).of_kind(edge_kind)
    seconds = float(seconds_between(*span_ns))
    bounds_ns = np.array([span_ns[0], *stamp_ns.tolist(), span_ns[1]])
    silent_s = float(np.diff(bounds_ns).max()) / NS_PER_S
    rate = clock_rate(stamp_ns)
    if rate is None or silent_s > _PPS_MAY_PAUSE_S or rate.pulses < _PPS_AT_LEAST * seconds:
        values = {"pulses": str(len(stamp_ns)), "seconds": f"{seconds:.0f}", "silent": f"{silent_s:.1f}"}
        return None, (Finding(Reason.PPS_LOST, values),)
    if rate.departure_ppm > _MAY_DEPART_PPM:
        return None, (Finding(Reason.CLOCK_SLEWING, {"ppm": f"{rate.departure_ppm:.1f}"}),)
    return rate, ()


def _why_no_seconds(pulse_ns: np.typing.NDArray[np.int64], span_s: float) -> tuple[Finding, ...]:
    steps_s = np.diff(pulse_ns) / NS_PER_S
    is_complete = len(pulse_ns) >= span_s - 2.0
    if is_complete and np.all(np.abs(steps_s - 1.0) <= _OUTPUT_TOLERANCE_S):
        return ()
    values = {"pulses": str(len(pulse_ns)), "seconds": f"{span_s:.0f}"}
    shortest, longest = (f"{s:.3f}" for s in (steps_s.min(), steps_s.max())) if len(steps_s) else ("—", "—")
    values = values | {"shortest": shortest, "longest": longest}
    return (Finding(Reason.CLOCK_OUTPUT_UNUSABLE, values),)
