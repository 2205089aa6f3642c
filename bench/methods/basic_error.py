"""Basic error: the percentage error at one load point, the mean of some runs, judged by the plan's decision rule.

A window that cannot reach the wanted uncertainty in the time allowed is refused before a load is applied, with the
time that it would take. A mean near the limit gets the rule set's further runs (JJG 596: two more, the mean of all).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from bench.methods.briefing import Attempt, Briefing, Concluded, at_load, everywhere, invalid
from bench.methods.judgement import effective_limit_pct, judge_runs, mean_of, needs_more_runs
from bench.points import PlannedPoint
from bench.steps import CountPulses, RemoveLoad, Step, StepResult
from calibration.quantities import ErrorResult
from calibration.sequential import looks_s

Runs = dict[str, list[ErrorResult]]


def basic_error(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    refused = {p: w.refusal for p, w in b.planned[point.index].items() if w.refusal is not None}
    concluded = {
        p: Concluded(invalid(refused[p], mpe_pct=point.mpe_pct.get(p), rule=b.checked.plan.decision_rule))
        for p in positions
        if p in refused
    }
    wanted = tuple(p for p in positions if p not in refused)
    if not wanted:
        return concluded
    assert point.load_point is not None
    findings = yield from at_load(point, point.load_point)
    runs: Runs = {p: [] for p in wanted}
    if not findings:
        yield from count_runs(b, point, attempt, runs, range(b.checked.plan.repeats), near_limit=True)
    yield RemoveLoad()
    if findings:
        return concluded | everywhere(wanted, invalid(*findings, rule=b.checked.plan.decision_rule))
    return concluded | {p: judge_runs(b, point, p, tuple(runs[p])) for p in wanted}


def count_runs(
    b: Briefing, point: PlannedPoint, attempt: int, runs: Runs, numbers: range, *, near_limit: bool
) -> Generator[Step, StepResult, None]:
    """Add the runs of these numbers to each position, and those that a mean near its limit asks for. A position
    whose window was refused is left out from then on."""
    for number in numbers:
        yield from _count(b, point, attempt, runs, number)
    if near_limit and (rule := b.checked.rules.remeasure) is not None:
        close = {p: r for p, r in runs.items() if needs_more_runs(b, point, p, mean_of(b, p, r))}
        for number in range(numbers.stop, numbers.stop + rule.more):
            yield from _count(b, point, attempt, close, number)


def _count(
    b: Briefing, point: PlannedPoint, attempt: int, runs: Runs, number: int
) -> Generator[Step, StepResult, None]:
    sound = [p for p, made in runs.items() if all(r.percentage_error_pct is not None for r in made)]
    if not sound:
        return
    plan = b.checked.plan
    assert point.load_point is not None
    limits = {p: effective_limit_pct(b, p, point.mpe_pct[p]) for p in sound if p in point.mpe_pct}
    counted = yield CountPulses(
        point.index,
        attempt,
        point.load_point,
        {p: plan.wanted_uncertainty * point.mpe_pct.get(p, 1.0) for p in sound},
        plan.minimum_time_s,
        plan.minimum_pulses,
        plan.longest_time_s,
        plan.stability_pct,
        number,
        looks_s(plan.minimum_time_s, plan.longest_time_s) if plan.early_stop else (),
        limits,
    )
    assert isinstance(counted, Mapping)
    for p in sound:
        result = counted[p]
        assert isinstance(result, ErrorResult)
        runs[p].append(result)
