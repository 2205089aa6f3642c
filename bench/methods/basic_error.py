"""Basic error: the percentage error at each load point of the plan, judged by its decision rule.

A window that is INVALID (an instrument's fault, never the meter's) is repeated as often as the plan says,
for the positions that need it; every attempt stays in the record.
"""

from __future__ import annotations

from collections.abc import Mapping

from calibration.conformity import DecisionRule, decide

from bench.plan import CheckedPlan, PlannedPoint
from bench.steps import ApplyLoad, Conclude, CountPulses, Method, RemoveLoad, Settle, Settled
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict


def basic_error(checked: CheckedPlan) -> Method:
    for point in checked.points:
        remaining = list(checked.meters)
        for attempt in range(1 + checked.plan.repeats_of_invalid):
            is_last = attempt == checked.plan.repeats_of_invalid
            yield ApplyLoad(point.index, point.load_point)
            settled = yield Settle(point.index, point.load_point)
            results: Mapping[str, ErrorResult] = {}
            if isinstance(settled, Settled) and not settled.findings:
                counted = yield _count(checked, point, attempt, remaining)
                results = counted if isinstance(counted, Mapping) else {}
            yield RemoveLoad()
            findings = settled.findings if isinstance(settled, Settled) else ()
            verdicts = {p: judge(checked, point, p, results.get(p), findings) for p in remaining}
            for position, verdict in verdicts.items():
                again = verdict.outcome is Outcome.INVALID and not is_last
                yield Conclude(point.index, attempt, position, results.get(position), verdict, again)
            remaining = [p for p, v in verdicts.items() if v.outcome is Outcome.INVALID]
            if not remaining:
                break


def judge(
    checked: CheckedPlan,
    point: PlannedPoint,
    position: str,
    result: ErrorResult | None,
    findings: tuple[Finding, ...],
) -> Verdict:
    """PASS, FAIL or INVALID; without a result (the load was not reached) INVALID with these findings."""
    if result is None:
        return Verdict(
            Outcome.INVALID, checked.plan.decision_rule, point.mpe_pct[position], findings=findings
        )
    return decide(result, point.mpe_pct[position], DecisionRule(checked.plan.decision_rule))


def _count(checked: CheckedPlan, point: PlannedPoint, attempt: int, positions: list[str]) -> CountPulses:
    plan = checked.plan
    wanted = {p: plan.wanted_uncertainty * point.mpe_pct[p] for p in positions}
    return CountPulses(
        point.index,
        attempt,
        point.load_point,
        wanted,
        plan.minimum_time_s,
        plan.minimum_pulses,
        plan.longest_time_s,
        plan.stability_pct,
    )
