"""Carries out the steps that measure: counts, watches and holds, and has written down what each was computed from.

`load.py` commands the load; this is the run's eyes. Every step ends with one record that names the raw files as they
were, so that a replay finds the same answer again. Waiting is the run's: `wait_s` ends early when it is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.measurement.measuring import PointMeasurement
from bench.measurement.observing import SpanResult, still_waiting
from bench.methods.steps import Counted, CountPulses, Hold, PassEnergy, WatchClock, WatchPulses
from bench.records.inputs import window_inputs
from bench.records.kinds import WINDOW
from bench.records.results import result_figures
from bench.run.spans import Spans
from bench.run.under_way import RunUnderWay
from calibration.quantities import NS_PER_S, SECONDS_PER_HOUR, ErrorResult, Finding, InstrumentFault
from calibration.reasons import Reason

_LOOKS_PER_WATCH = 200


class Observer:
    """Of one run. Every public method carries out one kind of step and returns what the method gets."""

    def __init__(
        self, run: RunUnderWay, spans: Spans, before_evaluation: Callable[[PointMeasurement], None]
    ) -> None:
        self._run = run
        self._c = run.context
        self._progress = run.progress
        self._spans = spans
        self._before_evaluation = before_evaluation

    # --- comparison with the reference

    def count(self, step: CountPulses) -> Counted:
        c, skipped = self._c, self._run.skipped
        measurement = self._begin(step)
        while True:
            running, last_ns = self._next_look(measurement)
            now_ns = c.clock.now_ns()
            self._progress.look(running, now_ns, skipped)
            is_late = measurement.elapsed_s(now_ns) >= step.longest_time_s
            if is_late or measurement.is_over(running, skipped):
                if last_ns == now_ns:
                    self._run.wait_s(c.pace.inputs_lag_s)
                final = measurement.evaluate_all(last_ns)
                if is_late or measurement.is_over(final, skipped):
                    break
        self._record_window(measurement, last_ns, final)
        return Counted(final, dict(measurement.early_outcomes))

    def _begin(self, step: CountPulses) -> PointMeasurement:
        c = self._c
        c.loops.start_window()
        ambient_C = self._run.ambient.temperature_C(c.clock.now_ns())
        meters = self._run.checked.meters
        measurement = PointMeasurement(step, c.acquisition, meters, c.card, c.clock, ambient_C)
        self._refuse_without_temperature(measurement, ambient_C)
        self._progress.count(measurement)
        return measurement

    def _next_look(self, measurement: PointMeasurement) -> tuple[dict[str, ErrorResult], int]:
        """Wait, and evaluate what there is: at a declared instant of the sequential rule where one is due, else now.
        The results, and the instant (ns) that they are of."""
        c = self._c
        # Rarer as the run grows: an evaluation costs more then, and changes less.
        pause_s = max(c.pace.evaluate_s, 0.05 * measurement.elapsed_s(c.clock.now_ns()))
        if (look_ns := measurement.next_look_ns) is not None:
            until_look_s = max((look_ns - c.clock.now_ns()) / NS_PER_S, 0.0)
            pause_s = min(pause_s, until_look_s + c.pace.inputs_lag_s)
        self._run.wait_s(pause_s)
        self._before_evaluation(measurement)
        now_ns = c.clock.now_ns()
        if look_ns is not None and now_ns >= look_ns + round(c.pace.inputs_lag_s * NS_PER_S):
            return measurement.take_look(), look_ns
        return measurement.evaluate_all(now_ns), now_ns

    def _refuse_without_temperature(self, measurement: PointMeasurement, ambient_C: float | None) -> None:
        """Where the reference's error depends on it, a window without it would be worth less than it says."""
        if ambient_C is not None or not self._c.card.temperature_coefficient_pct_per_K:
            return
        latest = self._run.ambient.latest
        values = {"detail": "—" if latest is None else latest.fault, "wanted": "—"}
        for position in measurement.positions:
            fault = InstrumentFault(measurement.first_ns, Finding(Reason.SENSOR_FAILED, values))
            self._c.acquisition.line_faults[position].append(fault)

    def _record_window(
        self, measurement: PointMeasurement, last_ns: int, results: Mapping[str, ErrorResult]
    ) -> None:
        loops = self._c.loops.end_window()
        faults = {p: measurement.line_faults(p, last_ns) for p in measurement.positions}
        span_ns = (measurement.first_ns, last_ns)
        inputs = window_inputs(
            measurement.step, span_ns, measurement.slew.worst_ppm, faults, measurement.decided_at_ns
        )
        figures = {p: result_figures(r) for p, r in results.items()}
        self._run.record_with_raw(WINDOW, {**inputs, "loops": loops, "results": figures})

    # --- lines and registers for a span of time

    def watch(self, step: WatchPulses) -> SpanResult:
        c = self._c
        first_ns = c.clock.now_ns()
        longest_s = max(step.longest_s.values())
        pause_s = max(c.pace.evaluate_s, longest_s / _LOOKS_PER_WATCH)
        self._progress.enter("watching", step.point, "measuring")
        while True:
            self._run.wait_s(min(pause_s, max(longest_s - (c.clock.now_ns() - first_ns) / NS_PER_S, 0.1)))
            span_ns = (first_ns, c.clock.now_ns())
            seen = self._spans.observations.watched(step, self._spans.span(step, span_ns))
            elapsed_s = (span_ns[1] - first_ns) / NS_PER_S
            self._progress.watch(step.stage, longest_s, elapsed_s, seen, step.enough)
            if not still_waiting(step, seen, elapsed_s, self._run.skipped):
                break
        self._run.wait_s(c.pace.inputs_lag_s)
        return self._spans.end(step, self._spans.span(step, span_ns))

    def watch_clock(self, step: WatchClock) -> SpanResult:
        first_ns = self._c.clock.now_ns()
        span_s = step.windows * step.window_s
        self._progress.enter("watching", step.point, "measuring")
        self._wait_telling("clock", span_s)
        self._run.wait_s(self._c.pace.inputs_lag_s)
        return self._spans.end(step, self._spans.span(step, (first_ns, first_ns + round(span_s * NS_PER_S))))

    def hold(self, step: Hold) -> SpanResult:
        first_ns = self._c.clock.now_ns()
        self._progress.enter("watching", step.point, "measuring")
        self._wait_telling("hold", step.duration_s)
        span_ns = (first_ns, self._c.clock.now_ns())
        self._run.wait_s(self._c.pace.inputs_lag_s)
        return self._spans.end(step, self._spans.span(step, span_ns))

    def pass_energy(self, step: PassEnergy) -> SpanResult:
        c, energy_at = self._c, self._spans.observations.energy_at
        first_ns = c.clock.now_ns()
        start_Wh = energy_at(first_ns)
        self._progress.enter("watching", step.point, "measuring")
        passed_Wh, elapsed_s = 0.0, 0.0
        while passed_Wh < step.energy_Wh and elapsed_s < step.longest_s:
            left_s = (step.energy_Wh - passed_Wh) / step.load_point.compared_power * SECONDS_PER_HOUR
            self._run.wait_s(max(min(left_s, 60.0), c.pace.evaluate_s))
            now_Wh = energy_at(c.clock.now_ns())
            passed_Wh = 0.0 if now_Wh is None or start_Wh is None else now_Wh - start_Wh
            elapsed_s = (c.clock.now_ns() - first_ns) / NS_PER_S
            self._progress.watch("energy", step.energy_Wh, passed_Wh, {}, 0)
        return self._spans.end(step, self._spans.span(step, (first_ns, c.clock.now_ns())))

    def _wait_telling(self, stage: str, duration_s: float) -> None:
        first_ns = self._c.clock.now_ns()
        pause_s = max(self._c.pace.evaluate_s, duration_s / _LOOKS_PER_WATCH)
        while (gone_s := (self._c.clock.now_ns() - first_ns) / NS_PER_S) < duration_s:
            self._progress.watch(stage, duration_s, gone_s, {}, 0)
            self._run.wait_s(min(pause_s, duration_s - gone_s))
