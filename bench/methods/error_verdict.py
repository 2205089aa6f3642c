"""From the runs at a load point to a verdict, by the rule and the wishes of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Concluded, invalid, unjudged
from bench.methods.decision import beyond_limit, judged_step_pct, verdict_by_rule
from bench.plans.points import PlannedPoint
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.regulation import wants_more_runs
from calibration.runs import PointResult, combine_runs

_SUSPECT_BEYOND_PCT = 20.0
"""Beyond this (+-) an error is not judged: a wrong constant (1, 2, 10, ...) or a wrong wire is far likelier than
a meter so bad, and a FAIL would blame the meter. Twice the constant reads +100 %, half of it -50 %."""


def mean_of(b: Briefing, position: str, runs: Sequence[ErrorResult]) -> PointResult | None:
    """The mean of the runs with its budget; None where a run has no number."""
    if not runs or any(r.percentage_error_pct is None for r in runs):
        return None
    return combine_runs(runs, b.pooled, judged_step_pct(b, position))


def judge_runs(
    b: Briefing, point: PlannedPoint, position: str, runs: tuple[ErrorResult, ...], early: Outcome | None
) -> Concluded:
    """PASS, FAIL or INVALID from the runs of one position; UNJUDGED where there is no limit. early: as a declared look
    of the plan's sequential rule decided."""
    mpe_pct, mean = point.mpe_pct.get(position), mean_of(b, position, runs)
    if unusable := _why_unusable(b, position, runs, mean):
        return Concluded(invalid(*unusable, mpe_pct=mpe_pct, rule=b.checked.plan.decision_rule), runs, mean)
    assert mean is not None
    if mpe_pct is None:
        return Concluded(unjudged(Reason.NOT_JUDGED), runs, mean)
    if early is not None:
        why = () if early is Outcome.PASS else (beyond_limit(f"{mean.mean_pct:+.4f}", mpe_pct),)
        return Concluded(Verdict(early, "sequential", mpe_pct, findings=(*why, *mean.findings)), runs, mean)
    if unsure := _why_unsure(b, position, runs, mean, mpe_pct):
        return Concluded(invalid(*unsure, mpe_pct=mpe_pct, rule=b.checked.plan.decision_rule), runs, mean)
    return Concluded(_decided(b, position, mean, mpe_pct), runs, mean)


def _why_unusable(
    b: Briefing, position: str, runs: tuple[ErrorResult, ...], mean: PointResult | None
) -> tuple[Finding, ...]:
    """A run without a number, or a mean that no meter has."""
    if mean is None:
        return tuple(f for r in runs if r.percentage_error_pct is None for f in r.findings)
    suspect = why_suspect(mean.mean_pct, b.checked.meters[position].meter_constant_imp_per_kWh)
    return () if suspect is None else (suspect,)


def _why_unsure(
    b: Briefing, position: str, runs: tuple[ErrorResult, ...], mean: PointResult, mpe_pct: float
) -> tuple[Finding, ...]:
    """Numbers that are not as good as the plan wants them."""
    if short := [f for r in runs if (f := what_is_missing(b, mpe_pct, r)) is not None]:
        return (short[0],)
    wide = what_scatters(b, position, mean, mpe_pct)
    return () if wide is None else (wide, *mean.findings)


def _decided(b: Briefing, position: str, mean: PointResult, mpe_pct: float) -> Verdict:
    return verdict_by_rule(
        b,
        mean.mean_pct,
        mean.standard_uncertainty_pct,
        mean.expanded_uncertainty_pct,
        mpe_pct,
        judged_step_pct(b, position),
        remarks=mean.findings,
    )


def what_scatters(b: Briefing, position: str, mean: PointResult, mpe_pct: float) -> Finding | None:
    """Why the mean is not known well enough to be judged, though each of its runs is: the runs scatter.

    Its U may be the part of the limit that the rule set (or, where it says nothing, this program) allows, or the plan's
    where that is more (the run is then informative).
    """
    bound = b.checked.rules.reference_bound(b.checked.meters[position].accuracy_class)
    part = max(b.checked.plan.wanted_uncertainty, 0.0 if bound is None else bound.uncertainty_part)
    if not mean.rests_on_scatter or mean.expanded_uncertainty_pct <= part * mpe_pct:
        return None
    values = {"U": f"{mean.expanded_uncertainty_pct:.3f}", "wanted": f"{part * mpe_pct:.3f}"}
    return Finding(Reason.UNCERTAINTY_TOO_LARGE, values)


def needs_runs_of_its_own(b: Briefing, point: PlannedPoint, position: str, mean: PointResult | None) -> bool:
    """The runs scatter so much that the mean is of no use, and are too few to tell how much: further ones may."""
    mpe_pct = point.mpe_pct.get(position)
    if mean is None or mpe_pct is None or not b.checked.plan.remeasure:
        return False
    return mean.rests_on_few_runs and what_scatters(b, position, mean, mpe_pct) is not None


def needs_more_runs(b: Briefing, point: PlannedPoint, position: str, mean: PointResult | None) -> bool:
    """The mean lies so near its limit that the rule set wants further runs."""
    mpe_pct, plan = point.mpe_pct.get(position), b.checked.plan
    if mean is None or mpe_pct is None or not plan.remeasure or plan.early_stop:
        return False
    mean_pct, limit_pct = Decimal(repr(mean.mean_pct)), Decimal(repr(mpe_pct))
    return wants_more_runs(len(mean.runs_pct), mean_pct, limit_pct, b.checked.rules)


def why_suspect(error_pct: float, meter_constant_imp_per_kWh: float) -> Finding | None:
    """An error that points at the plan or the wiring and not at the meter; None for any other."""
    if abs(error_pct) <= _SUSPECT_BEYOND_PCT:
        return None
    values = {"error": f"{error_pct:+.1f}", "constant": f"{meter_constant_imp_per_kWh:g}"}
    return Finding(Reason.METER_CONSTANT_SUSPECT, values)


def what_is_missing(b: Briefing, mpe_pct: float, result: ErrorResult) -> Finding | None:
    """Why a number is not as good as the plan wants it, after the longest time; None where it is."""
    plan, U_pct, window = b.checked.plan, result.expanded_uncertainty_pct, result.window
    if U_pct is None or window is None:
        return None
    wanted_pct = plan.wanted_uncertainty * mpe_pct
    if U_pct > wanted_pct:
        seconds = f"{window.duration_s * U_pct / wanted_pct:.0f}"
        values = {"U": f"{U_pct:.3f}", "wanted": f"{wanted_pct:.3f}", "seconds": seconds}
        return Finding(Reason.UNCERTAINTY_TOO_LARGE, values)
    if window.intervals < plan.minimum_pulses:
        values = {"pulses": str(window.intervals), "needed": str(plan.minimum_pulses)}
        return Finding(Reason.TOO_FEW_PULSES, values)
    return None
