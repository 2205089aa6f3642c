"""Warm-up: the load is held for the declared time, and the reference must then read it steadily."""

from __future__ import annotations

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, everywhere, invalid, passed
from bench.methods.loads import Loaded, at_its_load
from bench.methods.steps import Hold, do
from bench.plans.points import PlannedPoint


def warm_up(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    plan = b.checked.plan
    findings = yield from at_its_load(point, held(point, attempt, plan.warm_up_s, plan.stability_pct))
    if findings:
        return everywhere(positions, invalid(*findings))
    return {p: Concluded(passed(), figures={"held_s": f"{plan.warm_up_s:.0f}"}) for p in positions}


def held(point: PlannedPoint, attempt: int, duration_s: float, stability_pct: float) -> Loaded:
    """Hold the load of the test point; what the reference says against it."""
    assert point.load_point is not None
    return (yield from do(Hold(point.index, attempt, point.load_point, duration_s, stability_pct))).findings
