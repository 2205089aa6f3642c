"""Carries out the steps that measure: counts, watches, reads and asks, and writes down what each was computed from.

The runner commands the load and leads the run; this is its eyes. Every step ends with one record that names the raw
files as they were, so that a replay finds the same answer again (`replay.py`). Waiting is the runner's: `wait_s` ends
early when the run is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bench.canonical import JsonObject
from bench.errors import InstrumentError, OperatorError
from bench.items import Item
from bench.line_names import PPS_LINE, clock_line
from bench.measurement.environment import Ambient
from bench.measurement.measuring import PointMeasurement
from bench.measurement.observing import (
    energy_at,
    faults_between,
    pulses_of,
    read_between,
    seconds_pulses,
    with_load,
    with_rate,
)
from bench.measurement.register_entry import REGISTER_FIELDS, reading_of
from bench.methods.meter_identity import compared_with_bench
from bench.methods.steps import (
    IDENTITY,
    Answered,
    Ask,
    ClockWatch,
    Counted,
    CountPulses,
    Hold,
    MetersRead,
    PassEnergy,
    PulseWatch,
    ReadMeters,
    Settled,
    WatchClock,
    WatchPulses,
)
from bench.plans.plan import CheckedPlan
from bench.ports import MeterReading
from bench.records.frozen import to_json
from bench.records.inputs import window_inputs
from bench.records.results import result_figures
from bench.run.context import RunContext
from bench.run.desk import Answers, Replaced
from bench.run.progress import Progress
from calibration.held_load import screen_held_load
from calibration.quantities import NS_PER_S, SECONDS_PER_HOUR, ErrorResult, Finding, InstrumentFault
from calibration.reasons import Reason

_LOOKS_PER_WATCH = 200
_ANSWER_WITHIN_S = 1800.0
_ASK_EVERY_S = 1.0


class Observer:
    """Of one run. Every public method carries out one kind of step and returns what the method gets."""

    def __init__(
        self,
        context: RunContext,
        checked: CheckedPlan,
        progress: Progress,
        run_id: str,
        wait_s: Callable[[float], None],
        before_evaluation: Callable[[PointMeasurement], None],
        skipped: Mapping[str, str],
        ambient: Ambient,
    ) -> None:
        """skipped: positions that nobody waits for any more; grows while a step is carried out."""
        self._c = context
        self._checked = checked
        self._progress = progress
        self._run_id = run_id
        self._wait_s = wait_s
        self._before_evaluation = before_evaluation
        self._skipped = skipped
        self._ambient = ambient
        self._counting_since_ns: dict[int, int] = {}

    # --- comparison with the reference

    def count(self, step: CountPulses) -> Counted:
        c = self._c
        c.loops.start_window()
        ambient_C = self._ambient.temperature_C(c.clock.now_ns())
        measurement = PointMeasurement(step, c.acquisition, self._checked.meters, c.card, c.clock, ambient_C)
        self._refuse_without_temperature(measurement, ambient_C)
        self._progress.measurement = measurement
        self._progress.enter("measuring", step.point, "measuring")
        final: dict[str, ErrorResult] = {}
        while True:
            elapsed_s = measurement.elapsed_s(c.clock.now_ns())
            # Rarer as the run grows: an evaluation costs more then, and changes less.
            pause_s = max(c.pace.evaluate_s, 0.05 * elapsed_s)
            if (look_ns := measurement.next_look_ns) is not None:
                pause_s = min(
                    pause_s, max((look_ns - c.clock.now_ns()) / NS_PER_S, 0.0) + c.pace.inputs_lag_s
                )
            self._wait_s(pause_s)
            self._before_evaluation(measurement)
            now_ns = c.clock.now_ns()
            if look_ns is not None and now_ns >= look_ns + round(c.pace.inputs_lag_s * NS_PER_S):
                running, last_ns = measurement.take_look(), look_ns
            else:
                running, last_ns = measurement.evaluate_all(now_ns), now_ns
            self._progress.look(running, now_ns)
            is_late = measurement.elapsed_s(now_ns) >= step.longest_time_s
            if is_late or measurement.is_over(running, self._skipped):
                if last_ns == now_ns:
                    self._wait_s(c.pace.inputs_lag_s)
                final = measurement.evaluate_all(last_ns)
                if is_late or measurement.is_over(final, self._skipped):
                    break
        self._record_window(measurement, last_ns, final)
        return Counted(final, dict(measurement.early_outcomes))

    def _refuse_without_temperature(self, measurement: PointMeasurement, ambient_C: float | None) -> None:
        """Where the reference's error depends on it, a window without it would be worth less than it says."""
        if ambient_C is not None or not self._c.card.temperature_coefficient_pct_per_K:
            return
        latest = self._ambient.latest
        values = {"detail": "—" if latest is None else latest.fault, "wanted": "—"}
        for position in measurement.positions:
            fault = InstrumentFault(measurement.first_ns, Finding(Reason.SENSOR_FAILED, values))
            self._c.acquisition.line_faults[position].append(fault)

    def _record_window(
        self, measurement: PointMeasurement, last_ns: int, results: Mapping[str, ErrorResult]
    ) -> None:
        step = measurement.step
        loops = self._c.loops.end_window()
        faults = {p: measurement.line_faults(p, last_ns) for p in measurement.positions}
        span_ns = (measurement.first_ns, last_ns)
        inputs = window_inputs(step, span_ns, measurement.slew.worst_ppm, faults, measurement.decided_at_ns)
        figures = {p: result_figures(r) for p, r in results.items()}
        self._record("window", {**inputs, "loops": loops, "results": figures})

    # --- pulses without a comparison

    def watch(self, step: WatchPulses) -> Mapping[str, PulseWatch]:
        c = self._c
        first_ns = c.clock.now_ns()
        longest_s = max(step.longest_s.values())
        pause_s = max(c.pace.evaluate_s, longest_s / _LOOKS_PER_WATCH)
        self._progress.enter("watching", step.point, "measuring")
        while True:
            self._wait_s(min(pause_s, max(longest_s - (c.clock.now_ns() - first_ns) / NS_PER_S, 0.1)))
            last_ns = c.clock.now_ns()
            seen = self._watched(step, (first_ns, last_ns))
            self._progress.watch(step.stage, longest_s, (last_ns - first_ns) / NS_PER_S, seen, step.enough)
            elapsed_s = (last_ns - first_ns) / NS_PER_S
            waiting = (p for p in seen if p not in self._skipped)
            if all(len(seen[p].pulses_s) >= step.enough or elapsed_s >= step.longest_s[p] for p in waiting):
                break
        self._wait_s(c.pace.inputs_lag_s)
        readings, stability_pct = c.acquisition.readings_since(first_ns), self._checked.plan.stability_pct
        seen = self._watched(step, (first_ns, last_ns))
        seen = with_load(seen, step, readings, c.card, first_ns, stability_pct)
        self._end_of_span("pulses_watched", step, (first_ns, last_ns), {"results": to_json(seen)})
        return seen

    def _watched(self, step: WatchPulses, span_ns: tuple[int, int]) -> dict[str, PulseWatch]:
        return {
            p: pulses_of(
                self._c.acquisition.edges[p].since(0),
                self._checked.meters[p],
                span_ns,
                longest_s,
                self._line_findings(p, span_ns),
            )
            for p, longest_s in step.longest_s.items()
        }

    def watch_clock(self, step: WatchClock) -> Mapping[str, ClockWatch]:
        c = self._c
        first_ns = c.clock.now_ns()
        span_s = step.windows * step.window_s
        self._progress.enter("watching", step.point, "measuring")
        self._wait_telling("clock", span_s)
        span_ns = (first_ns, first_ns + round(span_s * NS_PER_S))
        self._wait_s(c.pace.inputs_lag_s)
        seen = {}
        for p in step.positions:
            line = clock_line(p)
            if line not in c.acquisition.edges:
                missing = Finding(Reason.CLOCK_NOT_WIRED)
                seen[p] = ClockWatch((), (missing,))
                continue
            edges = c.acquisition.edges[line].since(0)
            found = self._line_findings(line, span_ns)
            seen[p] = seconds_pulses(edges, first_ns, step.windows, step.window_s, found)
        if PPS_LINE in c.acquisition.edges:
            pps, found = c.acquisition.edges[PPS_LINE].since(0), self._line_findings(PPS_LINE, span_ns)
            seen = with_rate(seen, pps, c.pps_edge, span_ns, found)
        self._end_of_span("clock_watched", step, span_ns, {"results": to_json(seen)})
        return seen

    def _line_findings(self, line: str, span_ns: tuple[int, int]) -> tuple[Finding, ...]:
        faults = self._c.acquisition.line_faults[line]
        return tuple(f.finding for f in faults if span_ns[0] <= f.at_ns <= span_ns[1])

    # --- holding a load

    def hold(self, step: Hold) -> Settled:
        first_ns = self._c.clock.now_ns()
        self._progress.enter("watching", step.point, "measuring")
        self._wait_telling("hold", step.duration_s)
        span_ns = (first_ns, self._c.clock.now_ns())
        self._wait_s(self._c.pace.inputs_lag_s)
        readings = self._c.acquisition.readings_since(first_ns)
        settled = Settled(
            screen_held_load(readings, self._c.card, step.load_point, span_ns, step.stability_pct)
        )
        self._end_of_span("load_held", step, span_ns, {"findings": to_json(settled.findings)})
        return settled

    def pass_energy(self, step: PassEnergy) -> Settled:
        c = self._c
        first_ns = c.clock.now_ns()
        start_Wh = energy_at(c.acquisition.energy_Wh.since(0), first_ns)
        self._progress.enter("watching", step.point, "measuring")
        passed_Wh, elapsed_s = 0.0, 0.0
        while passed_Wh < step.energy_Wh and elapsed_s < step.longest_s:
            left_s = (step.energy_Wh - passed_Wh) / step.load_point.compared_power * SECONDS_PER_HOUR
            self._wait_s(max(min(left_s, 60.0), c.pace.evaluate_s))
            now_Wh = energy_at(c.acquisition.energy_Wh.since(0), c.clock.now_ns())
            passed_Wh = 0.0 if now_Wh is None or start_Wh is None else now_Wh - start_Wh
            elapsed_s = (c.clock.now_ns() - first_ns) / NS_PER_S
            self._progress.watch("energy", step.energy_Wh, passed_Wh, {}, 0)
        span_ns = (first_ns, c.clock.now_ns())
        findings = faults_between(c.acquisition.reference_faults, span_ns)
        self._end_of_span("energy_passed", step, span_ns, {"findings": to_json(findings)})
        return Settled(findings)

    def _wait_telling(self, stage: str, duration_s: float) -> None:
        first_ns = self._c.clock.now_ns()
        while (gone_s := (self._c.clock.now_ns() - first_ns) / NS_PER_S) < duration_s:
            self._progress.watch(stage, duration_s, gone_s, {}, 0)
            self._wait_s(
                min(max(self._c.pace.evaluate_s, duration_s / _LOOKS_PER_WATCH), duration_s - gone_s)
            )

    # --- registers and people

    def read_meters(self, step: ReadMeters) -> MetersRead:
        """Stage `before` starts the counting of pulses that `after` ends."""
        c, item = self._c, self._checked.points[step.point].item
        self._progress.enter("watching", step.point, "measuring")
        typed = tuple(p for p in step.positions if p in c.typed_registers)
        answers: Answers = {}
        replaced: tuple[Replaced, ...] = ()
        if typed:
            question = Ask(step.point, step.attempt, item, typed, REGISTER_FIELDS[item])
            answers, replaced = self._ask(question)
        self._wait_s(c.pace.inputs_lag_s)
        readings: dict[str, MeterReading] = {}
        findings: dict[str, tuple[Finding, ...]] = dict.fromkeys(step.positions, ())
        for p in step.positions:
            try:
                readings[p] = self._read_meter(item, p, answers)
            except InstrumentError as error:  # may be plugged in again the next time
                findings[p] = (Finding(Reason.METER_SILENT, {"detail": str(error)}),)
            except OperatorError as error:
                findings[p] = (Finding(Reason.METER_NOT_READ, {"detail": str(error)}),)
        at_ns = c.clock.now_ns()
        since_ns = at_ns
        if step.stage == "after":
            since_ns = self._counting_since_ns.get(step.point, at_ns)
        self._counting_since_ns[step.point] = at_ns
        self._wait_s(c.pace.inputs_lag_s)
        span_ns = (since_ns, at_ns)
        read = read_between(
            {p: c.acquisition.edges[p].since(0) for p in step.positions},
            self._checked.meters,
            c.acquisition.energy_Wh.since(0),
            c.acquisition.reference_faults,
            span_ns,
            readings,
            findings,
            {p: self._line_findings(p, span_ns) for p in step.positions},
        )
        known = {
            "read": to_json(read),
            "port_findings": to_json(findings),
            "replaced": to_json(replaced),
        }
        self._end_of_span("meters_read", step, span_ns, known)
        if step.stage == IDENTITY:
            self._progress.identified(readings, findings, at_ns)
        return read

    def _read_meter(self, item: Item, position: str, answers: Answers) -> MeterReading:
        c = self._c
        if position in c.typed_registers:
            return reading_of(item, answers.get(position, {}), c.clock.now_ns())
        if position not in c.meter_ports:
            raise OperatorError("position.meter_port is 'none'")
        reading = c.meter_ports[position].read()
        if reading.clock is None:
            return reading
        return replace(reading, clock=compared_with_bench(reading.clock, c.clock.state()))

    def ask(self, step: Ask) -> Answered:
        self._progress.enter("asking", step.point, "measuring")
        answers, replaced = self._ask(step)
        known = {"answers": to_json(answers), "replaced": to_json(replaced)}
        self._record("answered", {"point": step.point, "attempt": step.attempt, **known})
        return Answered(answers)

    def _ask(self, question: Ask) -> tuple[Answers, tuple[Replaced, ...]]:
        """What is held when everybody has answered or the time is over, and what was answered before."""
        desk, clock = self._c.desk, self._c.clock
        until_ns = clock.now_ns() + round(_ANSWER_WITHIN_S * NS_PER_S)
        desk.ask(question)
        try:
            while not self._is_answered(question) and clock.now_ns() < until_ns:
                self._progress.ask(question, desk.answers())
                self._wait_s(_ASK_EVERY_S)
        finally:
            desk.withdraw()
            self._progress.ask(None, {})
        # After the question is withdrawn: an answer that was still taken is not lost.
        return desk.answers(), desk.replaced()

    def _is_answered(self, question: Ask) -> bool:
        answered = question.answered_by(self._c.desk.answers())
        return all(p in answered or p in self._skipped for p in question.positions)

    # --- records

    def _end_of_span(
        self,
        kind: str,
        step: WatchPulses | WatchClock | Hold | PassEnergy | ReadMeters,
        span_ns: tuple[int, int],
        found: JsonObject,
    ) -> None:
        self._c.loops.end_window()
        body = {"step": to_json(step), "first_ns": span_ns[0], "last_ns": span_ns[1], **found}
        body["line_findings"] = {
            line: to_json(self._line_findings(line, span_ns))
            for line in _lines_of(step)
            if line in self._c.acquisition.edges
        }
        self._record(kind, body)

    def _record(self, kind: str, body: JsonObject) -> None:
        self._c.recorder.append_with_raw(self._run_id, kind, self._c.clock.state(), body)


def _lines_of(step: WatchPulses | WatchClock | Hold | PassEnergy | ReadMeters) -> tuple[str, ...]:
    match step:
        case WatchPulses():
            return tuple(step.longest_s)
        case WatchClock():
            return (*map(clock_line, step.positions), PPS_LINE)
        case ReadMeters():
            return step.positions
    return ()
