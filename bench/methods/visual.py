"""Visual inspection: a person looks, and answers for each meter what the checklist asks (`ok`, or what is wrong)."""

from __future__ import annotations

from collections.abc import Mapping

from bench.items import Item
from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, failed, invalid, passed
from bench.methods.steps import Ask, do
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding, Verdict
from calibration.reasons import Reason

CHECKS = ("nameplate", "seals", "housing", "display", "terminals")
OK = "ok"


def visual(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    answered = yield from do(Ask(point.index, attempt, Item.VISUAL, positions, CHECKS))
    said = {p: answered.answers.get(p, {}) for p in positions}
    return {p: Concluded(_verdict(said[p]), figures=dict(said[p])) for p in positions}


def _verdict(said: Mapping[str, str]) -> Verdict:
    if missing := [check for check in CHECKS if check not in said]:
        return invalid(Finding(Reason.NOT_ANSWERED, {"detail": ", ".join(missing)}))
    if wrong := [f"{check}: {remark}" for check, remark in said.items() if remark != OK]:
        return failed(Finding(Reason.INSPECTION_FAILED, {"fields": ", ".join(wrong)}))
    return passed()
