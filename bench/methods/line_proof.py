"""Silence is proof only on a line that lives.

An unplugged sensor shows the same as a meter that stands still: nothing. So no load and starting apply a load at which
the meter must emit, before and after, and see pulses come on that very line. A line that does not show them makes the
test INVALID, whatever was or was not seen in between. A line that fails and heals between the two is not seen
(`docs/metrology.md`, no load and starting).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from itertools import pairwise

from bench.methods.briefing import Briefing, at_load
from bench.methods.steps import PulseWatch, RemoveLoad, Step, StepResult, WatchPulses
from bench.plans.points import PlannedPoint, rated_load
from calibration.load_points import parse_load_point
from calibration.percentage_error import nominal_time_s
from calibration.quantities import Finding
from calibration.reasons import Reason

BEFORE, AFTER = "line_before", "line_after"
PULSES = 2
_PATIENCE = 4.0
"""How many times the nominal time of these pulses a line may take: a bad meter is slow, not dead."""
_MARGIN_S = 5.0
SHORTEST_SHARE = 0.25
"""Of the nominal time between two pulses: no meter is four times too fast, but a contact that bounces is."""

Proven = Generator[Step, StepResult, Mapping[str, tuple[Finding, ...]]]


def prove_lines(
    b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...], stage: str
) -> Proven:
    """For each position why its line is not shown to be alive; an empty tuple where it is.

    stage: BEFORE or AFTER.
    """
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
    closest_s = {p: SHORTEST_SHARE * nominal_time_s(1, c, load.compared_power) for p, c in constants.items()}
    missing = Finding(Reason.LINE_NOT_ALIVE if stage == BEFORE else Reason.LINE_DIED)
    return {p: _why_not_alive(watched[p], closest_s[p], missing) for p in positions}


def _why_not_alive(watch: object, closest_s: float, missing: Finding) -> tuple[Finding, ...]:
    assert isinstance(watch, PulseWatch)
    if found := unusable(watch, closest_s):
        return found
    return () if len(watch.pulses_s) >= PULSES else (missing,)


def unusable(watch: PulseWatch, closest_s: float) -> tuple[Finding, ...]:
    """Why the pulses of a watch are not the meter's: what was found meanwhile, or two closer than closest_s (s)."""
    if watch.findings:
        return watch.findings
    gaps_s = [t1 - t0 for t0, t1 in pairwise(watch.pulses_s)]
    return (Finding(Reason.PULSE_DOUBLED),) if gaps_s and min(gaps_s) < closest_s else ()
