"""Visual inspection: a person looks, and answers for each meter what the checklist asks (`ok`, or what is wrong)."""

from __future__ import annotations

from bench.items import Item
from bench.methods.briefing import Attempt, Briefing, Concluded, failed, invalid, passed
from bench.methods.steps import Answered, Ask
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding
from calibration.reasons import Reason

CHECKS = ("nameplate", "seals", "housing", "display", "terminals")
OK = "ok"


def visual(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    answered = yield Ask(point.index, attempt, Item.VISUAL, positions, CHECKS)
    assert isinstance(answered, Answered)
    concluded = {}
    for p in positions:
        found = answered.answers.get(p, {})
        missing = [check for check in CHECKS if check not in found]
        wrong = {check: remark for check, remark in found.items() if remark != OK}
        if missing:
            verdict = invalid(Finding(Reason.NOT_ANSWERED, {"detail": ", ".join(missing)}))
        elif wrong:
            said = ", ".join(f"{check}: {remark}" for check, remark in wrong.items())
            verdict = failed(Finding(Reason.INSPECTION_FAILED, {"fields": said}))
        else:
            verdict = passed()
        concluded[p] = Concluded(verdict, figures=dict(found))
    return concluded
