"""Repeatability: some runs at one load, their experimental standard deviation (VIM 2.21; GUM 4.2.2)."""

from __future__ import annotations

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, everywhere, invalid, unjudged
from bench.methods.error_verdict import mean_of
from bench.methods.loads import at_its_load
from bench.methods.runs import Runs, count_runs
from bench.plans.points import PlannedPoint
from calibration.conformity import round_to_step
from calibration.quantities import ErrorResult
from calibration.reasons import Reason


def repeatability(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    runs, count = Runs(positions), b.checked.plan.repeatability_runs
    findings = yield from at_its_load(point, count_runs(b, point, attempt, runs, count, judged=False))
    if findings:
        return everywhere(positions, invalid(*findings))
    return {p: _scatter(b, p, runs[p]) for p in positions}


def _scatter(b: Briefing, position: str, runs: tuple[ErrorResult, ...]) -> Concluded:
    mean = mean_of(b, position, runs)
    if mean is None or mean.sample_sd_pct is None:
        return Concluded(invalid(*(f for r in runs for f in r.findings)), runs)
    step = b.checked.rules.repeatability_step_pct(b.checked.meters[position].accuracy_class)
    figures = {"runs": str(len(runs)), "standard_deviation_pct": f"{mean.sample_sd_pct:.5f}"}
    if step is not None:
        figures["rounded_pct"] = str(round_to_step(mean.sample_sd_pct, step))
    return Concluded(unjudged(Reason.NOT_JUDGED), runs, mean, figures)
