"""Warm-up: the load is held for the declared time, and the reference must then read it steadily."""

from __future__ import annotations

from bench.methods.briefing import Attempt, Briefing, Concluded, at_load, everywhere, invalid, passed
from bench.methods.steps import Hold, RemoveLoad, Settled
from bench.plans.points import PlannedPoint


def warm_up(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    plan = b.checked.plan
    assert point.load_point is not None
    findings = yield from at_load(point, point.load_point)
    if not findings:
        held = yield Hold(point.index, attempt, point.load_point, plan.warm_up_s, plan.stability_pct)
        assert isinstance(held, Settled)
        findings = held.findings
    yield RemoveLoad()
    if findings:
        return everywhere(positions, invalid(*findings))
    figures = {"held_s": f"{plan.warm_up_s:.0f}"}
    return {p: Concluded(passed(), figures=figures) for p in positions}
