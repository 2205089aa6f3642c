"""Where a step ends that looks at lines and registers for a span of time: computed, and written down with its inputs.

The record names the raw files as they were, so that a replay finds the same answer again
(`bench/replay/recomputing.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.canonical import JsonObject
from bench.line_names import PPS_LINE, clock_line
from bench.measurement.observing import Observations, Span, SpanResult
from bench.methods.steps import ReadMeters, SpanStep, WatchClock, WatchPulses
from bench.ports import MeterReading
from bench.records.span_records import SPANS, span_answer, span_inputs
from bench.run.under_way import RunUnderWay
from calibration.quantities import Finding


class Spans:
    """Of one run. `observations`: of what has been measured so far."""

    def __init__(self, run: RunUnderWay) -> None:
        c, checked = run.context, run.checked
        self.observations = Observations(
            c.acquisition, checked.meters, c.card, checked.plan.stability_pct, c.pps_edge
        )
        self._run = run

    def span(
        self,
        step: SpanStep,
        span_ns: tuple[int, int],
        registers: Mapping[str, MeterReading] | None = None,
        port_findings: Mapping[str, tuple[Finding, ...]] | None = None,
    ) -> Span:
        """With what the lines of the step failed with in it, as far as is known now."""
        acquisition = self._run.context.acquisition
        found = {
            line: tuple(
                f.finding for f in acquisition.line_faults[line] if span_ns[0] <= f.at_ns <= span_ns[1]
            )
            for line in _lines_of(step)
            if acquisition.has_line(line)
        }
        return Span(*span_ns, found, registers or {}, port_findings or {})

    def end(self, step: SpanStep, span: Span, beside: JsonObject | None = None) -> SpanResult:
        """What the step gives. beside: what else its record keeps."""
        kind, key = SPANS[type(step)]
        answer = self.observations.of(step, span)
        self._run.context.loops.end_window()
        self._run.record_with_raw(
            kind, {**span_inputs(step, span), key: span_answer(answer), **(beside or {})}
        )
        return answer


def _lines_of(step: SpanStep) -> tuple[str, ...]:
    match step:
        case WatchPulses():
            return tuple(step.longest_s)
        case WatchClock():
            return (*map(clock_line, step.positions), PPS_LINE)
        case ReadMeters():
            return step.positions
    return ()
