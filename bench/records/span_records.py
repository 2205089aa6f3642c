"""The records of the steps that look at lines and registers for a span of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.canonical import JsonObject
from bench.measurement.observing import Span, SpanResult
from bench.methods.steps import Hold, PassEnergy, ReadMeters, Settled, SpanStep, WatchClock, WatchPulses
from bench.records.frozen import to_json
from bench.records.kinds import METERS_READ

SPANS: Mapping[type[SpanStep], tuple[str, str]] = {
    WatchPulses: ("pulses_watched", "results"),
    WatchClock: ("clock_watched", "results"),
    Hold: ("load_held", "findings"),
    PassEnergy: ("energy_passed", "findings"),
    ReadMeters: (METERS_READ, "read"),
}
"""Kind of the step's record, and where in it stands what the step gave."""


def span_inputs(step: SpanStep, span: Span) -> JsonObject:
    """What beside the raw files the step's answer was computed from."""
    inputs = {
        "step": to_json(step),
        "first_ns": span.first_ns,
        "last_ns": span.last_ns,
        "line_findings": to_json(span.line_findings),
    }
    return inputs | {"port_findings": to_json(span.port_findings)} if isinstance(step, ReadMeters) else inputs


def span_answer(answer: SpanResult) -> Any:
    """What the step gave, as it is recorded."""
    return to_json(answer.findings if isinstance(answer, Settled) else answer)
