"""Silence is proof only on a line that lives.

An unplugged sensor shows the same as a meter that stands still: nothing. So no load and starting apply a load at which
the meter must emit, before and after, and see pulses come on that very line. A line that does not show them makes the
test INVALID, whatever was or was not seen in between.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from bench.methods.briefing import Briefing, at_load
from bench.points import PlannedPoint, rated_load
from bench.steps import PulseWatch, RemoveLoad, Step, StepResult, WatchPulses
from calibration.load_points import parse_load_point
from calibration.percentage_error import nominal_time_s
from calibration.quantities import Finding
from calibration.reasons import Reason

PULSES = 2
_PATIENCE = 4.0
"""How many times the nominal time of these pulses a line may take: a bad meter is slow, not dead."""
_MARGIN_S = 5.0

Proven = Generator[Step, StepResult, Mapping[str, tuple[Finding, ...]]]


def prove_lines(
    b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...], stage: str
) -> Proven:
    """For each position why its line is not shown to be alive; an empty tuple where it is. stage: `line_before`,
    `line_after`."""
    load = parse_load_point(rated_load(b.checked.meters), next(iter(b.checked.meters.values())))
    findings = yield from at_load(point, load)
    if findings:
        yield RemoveLoad()
        return dict.fromkeys(positions, findings)
    constants = {p: b.checked.meters[p].constant_at_terminals_imp_per_kWh for p in positions}
    longest_s = {
        p: _PATIENCE * nominal_time_s(PULSES, c, load.compared_power) + _MARGIN_S
        for p, c in constants.items()
    }
    watched = yield WatchPulses(point.index, attempt, stage, load, PULSES, longest_s)
    yield RemoveLoad()
    assert isinstance(watched, Mapping)
    return {p: _why_not_alive(watched[p], stage) for p in positions}


def _why_not_alive(watch: object, stage: str) -> tuple[Finding, ...]:
    assert isinstance(watch, PulseWatch)
    if watch.findings:
        return watch.findings
    if len(watch.pulses_s) >= PULSES:
        return ()
    return (Finding(Reason.LINE_NOT_ALIVE, {"stage": stage}),)
