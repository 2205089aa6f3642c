"""Clock: the 1 Hz output against the bench clock, the mean of some windows, in seconds a day.

0.5 s/d are 5.8 ppm, so a bench whose clock's rate is not known far better than that refuses the test. Where a pulse
each true second is wired, the rate is measured in the very span of the test: the meter is corrected for it, and its
uncertainty stands in the budget. Where those pulses stay away, the configured figure has to do, and it is said.
"""

from __future__ import annotations

from bench.methods.briefing import Briefing
from bench.methods.clock_verdict import judge_clock
from bench.methods.conclusions import Attempt, everywhere, invalid, unjudged
from bench.methods.loads import Loaded, at_its_load
from bench.methods.steps import ClockWatch, WatchClock, do
from bench.methods.warm_up import held
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.rules import ClockRule


def clock(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    rule = b.checked.rules.clock
    if rule is None:
        return everywhere(positions, unjudged(Reason.RULES_ASK_NOTHING))
    if b.clock_frequency_U_ppm is None and b.pps_U_ppm is None:
        return everywhere(positions, invalid(Finding(Reason.CLOCK_NOT_TRACEABLE)))
    seen: dict[str, ClockWatch] = {}
    findings = yield from at_its_load(point, _watched(b, rule, point, attempt, positions, seen))
    if findings:
        return everywhere(positions, invalid(*findings))
    return {p: judge_clock(b, rule, seen[p]) for p in positions}


def _watched(
    b: Briefing,
    rule: ClockRule,
    point: PlannedPoint,
    attempt: int,
    positions: tuple[str, ...],
    seen: dict[str, ClockWatch],
) -> Loaded:
    """Warm up, then watch the clock outputs."""
    plan = b.checked.plan
    warm_up_s = rule.warm_up_s if plan.clock_warm_up_s is None else plan.clock_warm_up_s
    findings = yield from held(point, attempt, warm_up_s, plan.stability_pct)
    if not findings:
        step = WatchClock(point.index, attempt, positions, rule.windows, rule.window_s)
        seen.update((yield from do(step)))
    return findings
