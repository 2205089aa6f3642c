"""Silence is proof only on a line that lives.

An unplugged sensor shows the same as a meter that stands still: nothing. So no load and starting apply a load at which
the meter must emit, before and after, and see pulses come on that very line. A line that does not show them makes the
test INVALID, whatever was or was not seen in between. A line that fails and heals between the two is not seen
(`docs/metrology.md`, no load and starting).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from itertools import pairwise

from bench.methods.briefing import Briefing
from bench.methods.loads import Loaded, at_load
from bench.methods.steps import LINE_BEFORE, PulseWatch, Step, StepResult, WatchPulses, do
from bench.plans.points import PlannedPoint, rated_load_point
from calibration.percentage_error import nominal_time_s
from calibration.quantities import Finding
from calibration.reasons import Reason

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

    stage: LINE_BEFORE or LINE_AFTER.
    """
    load = rated_load_point(b.checked.meters)
    pulse_s = {
        p: nominal_time_s(1, b.checked.meters[p].constant_at_terminals_imp_per_kWh, load.compared_power)
        for p in positions
    }
    longest_s = {p: _PATIENCE * PULSES * s + _MARGIN_S for p, s in pulse_s.items()}
    watched: dict[str, PulseWatch] = {}
    step = WatchPulses(point.index, attempt, stage, load, PULSES, longest_s)
    findings = yield from at_load(point, load, watch_into(watched, step))
    if findings:
        return dict.fromkeys(positions, findings)
    missing = Finding(Reason.LINE_NOT_ALIVE if stage == LINE_BEFORE else Reason.LINE_DIED)
    return {p: _why_not_alive(watched[p], SHORTEST_SHARE * pulse_s[p], missing) for p in positions}


def watch_into(watched: dict[str, PulseWatch], step: WatchPulses) -> Loaded:
    """Watch, and keep what was seen; nothing of it makes the load useless."""
    watched.update((yield from do(step)))
    return ()


def _why_not_alive(watch: PulseWatch, closest_s: float, missing: Finding) -> tuple[Finding, ...]:
    if found := unusable(watch, closest_s):
        return found
    return () if len(watch.pulses_s) >= PULSES else (missing,)


def unusable(watch: PulseWatch, closest_s: float) -> tuple[Finding, ...]:
    """Why the pulses of a watch are not the meter's: what was found meanwhile, or two closer than closest_s (s)."""
    if watch.findings:
        return watch.findings
    gaps_s = [t1 - t0 for t0, t1 in pairwise(watch.pulses_s)]
    return (Finding(Reason.PULSE_DOUBLED),) if gaps_s and min(gaps_s) < closest_s else ()
