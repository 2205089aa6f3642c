"""Basic error: the percentage error at each load point of the plan, judged by its decision rule.

A window that is INVALID (an instrument's fault, never the meter's) is repeated as often as the plan says,
for the positions that need it; every attempt stays in the record. A window that cannot reach the wanted
uncertainty in the time allowed is refused before a load is applied, with the time that it would take.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.forecast import Forecast
from bench.methods.judgement import is_repeatable, judge
from bench.plan import CheckedPlan, PlannedPoint
from bench.steps import ApplyLoad, Conclude, CountPulses, Method, RemoveLoad, Settle, Settled
from calibration.quantities import ErrorResult


def basic_error(checked: CheckedPlan, planned: Forecast) -> Method:
    for point in checked.points:
        refused = {p: w.refusal for p, w in planned[point.index].items() if w.refusal is not None}
        for position, refusal in refused.items():
            verdict = judge(checked, point, position, None, (refusal,))
            yield Conclude(point.index, 0, position, None, verdict, False)
        remaining = [p for p in checked.meters if p not in refused]
        for attempt in range(1 + checked.plan.repeats_of_invalid if remaining else 0):
            is_last = attempt == checked.plan.repeats_of_invalid
            yield ApplyLoad(point.index, point.load_point)
            settled = yield Settle(point.index, point.load_point)
            findings = settled.findings if isinstance(settled, Settled) else ()
            results: Mapping[str, ErrorResult] = {}
            if not findings:
                counted = yield _count(checked, point, attempt, remaining)
                results = counted if isinstance(counted, Mapping) else {}
            yield RemoveLoad()
            verdicts = {p: judge(checked, point, p, results.get(p), findings) for p in remaining}
            for position, verdict in verdicts.items():
                again = is_repeatable(verdict) and not is_last
                yield Conclude(point.index, attempt, position, results.get(position), verdict, again)
            remaining = [p for p, v in verdicts.items() if is_repeatable(v)]
            if not remaining:
                break


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
