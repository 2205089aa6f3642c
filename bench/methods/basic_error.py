"""Basic error: the percentage error at one load point, the mean of some runs, judged by the plan's decision rule.

A window that cannot reach the wanted uncertainty in the time allowed is refused before a load is applied, with the
time that it would take. A mean near the limit gets the rule set's further runs (JJG 596: two more, the mean of all).
Runs that scatter are made six, so that their scatter is known.
"""

from __future__ import annotations

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, everywhere, invalid
from bench.methods.error_verdict import judge_runs
from bench.methods.loads import at_its_load
from bench.methods.runs import Runs, count_runs
from bench.plans.points import PlannedPoint


def basic_error(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    plan, windows = b.checked.plan, b.planned[point.index]
    concluded = {
        p: Concluded(invalid(refusal, mpe_pct=point.mpe_pct.get(p), rule=plan.decision_rule))
        for p in positions
        if (refusal := windows[p].refusal) is not None
    }
    wanted = tuple(p for p in positions if p not in concluded)
    if not wanted:
        return concluded
    runs = Runs(wanted)
    findings = yield from at_its_load(point, count_runs(b, point, attempt, runs, plan.repeats, judged=True))
    if findings:
        return concluded | everywhere(wanted, invalid(*findings, rule=plan.decision_rule))
    return concluded | {p: judge_runs(b, point, p, runs[p], runs.decided.get(p)) for p in wanted}
