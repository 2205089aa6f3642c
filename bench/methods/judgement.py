"""From runs at a load point to a verdict, by the rule and the wishes of the plan; shared by the methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bench.methods.briefing import Briefing, Concluded, invalid, unjudged
from bench.plans.points import PlannedPoint
from calibration.conformity import Decision, DecisionRule, decide_value, largest_passing_pct, signed_text
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.regulation import wants_more_runs
from calibration.runs import PointResult, combine_runs

_SUSPECT_BEYOND_PCT = 20.0
"""Beyond this (+-) an error is not judged: a wrong constant (1, 2, 10, ...) or a wrong wire is far likelier than
a meter so bad, and a FAIL would blame the meter. Twice the constant reads +100 %, half of it -50 %."""
_STAYS = frozenset(
    {
        Reason.UNCERTAINTY_TOO_LARGE,
        Reason.TIME_TOO_SHORT,
        Reason.TOO_FEW_PULSES,
        Reason.METER_CONSTANT_SUSPECT,
        Reason.CONSTANT_DIFFERS,
        Reason.CLOCK_NOT_TRACEABLE,
        Reason.REGISTER_TOO_COARSE,
        Reason.METER_NOT_READ,
        Reason.NOT_ANSWERED,
        Reason.RULES_ASK_NOTHING,
        Reason.GUARD_BAND_TOO_WIDE,
    }
)
"""Reasons that a repetition of the same length cannot cure."""


def mean_of(b: Briefing, position: str, runs: Sequence[ErrorResult]) -> PointResult | None:
    """The mean of the runs with its budget; None where a run has no number."""
    if not runs or any(r.percentage_error_pct is None for r in runs):
        return None
    return combine_runs(runs, b.pooled, judged_step_pct(b, position))


def judged_step_pct(b: Briefing, position: str) -> Decimal | None:
    """Step (%) to which the plan's rule rounds an error before it judges it; None where it judges it as it is."""
    if DecisionRule(b.checked.plan.decision_rule) is not DecisionRule.REGULATION:
        return None
    return b.checked.rules.judged_step_pct(b.checked.meters[position].accuracy_class)


def judge_runs(
    b: Briefing, point: PlannedPoint, position: str, runs: tuple[ErrorResult, ...], early: Outcome | None
) -> Concluded:
    """PASS, FAIL or INVALID from the runs of one position; UNJUDGED where there is no limit. early: as a declared look
    of the plan's sequential rule decided."""
    rule, mpe_pct = b.checked.plan.decision_rule, point.mpe_pct.get(position)
    mean = mean_of(b, position, runs)
    if mean is None:
        broken = tuple(f for r in runs if r.percentage_error_pct is None for f in r.findings)
        return Concluded(invalid(*broken, mpe_pct=mpe_pct, rule=rule), runs)
    if (
        suspect := why_suspect(mean.mean_pct, b.checked.meters[position].meter_constant_imp_per_kWh)
    ) is not None:
        return Concluded(invalid(suspect, mpe_pct=mpe_pct, rule=rule), runs, mean)
    if mpe_pct is None:
        return Concluded(unjudged(Reason.NOT_JUDGED), runs, mean)
    if early is not None:
        why = () if early is Outcome.PASS else (_beyond(f"{mean.mean_pct:+.4f}", mpe_pct),)
        return Concluded(Verdict(early, "sequential", mpe_pct, findings=(*why, *mean.findings)), runs, mean)
    short = tuple(f for r in runs if (f := what_is_missing(b, mpe_pct, r)) is not None)
    if short:
        return Concluded(invalid(short[0], mpe_pct=mpe_pct, rule=rule), runs, mean)
    if (wide := what_scatters(b, position, mean, mpe_pct)) is not None:
        return Concluded(invalid(wide, *mean.findings, mpe_pct=mpe_pct, rule=rule), runs, mean)
    return Concluded(decided(b, position, mean, mpe_pct), runs, mean)


def decided(b: Briefing, position: str, mean: PointResult, mpe_pct: float) -> Verdict:
    """The verdict on a mean by the plan's rule."""
    u_pct, U_pct, step = (
        mean.standard_uncertainty_pct,
        mean.expanded_uncertainty_pct,
        judged_step_pct(b, position),
    )
    return verdict_by_rule(b, mean.mean_pct, u_pct, U_pct, mpe_pct, step, remarks=mean.findings)


def as_informative(b: Briefing, position: str, concluded: Concluded) -> Concluded:
    """Nothing is judged of a meter whose energy the rule set is not about; what was found of it stays."""
    verdict = concluded.verdict
    if verdict.outcome is Outcome.INVALID or b.checked.rules.judges(b.checked.meters[position]):
        return concluded
    beside = tuple(f for f in verdict.findings if f.reason is not Reason.NOT_JUDGED)
    measured = unjudged(Reason.REACTIVE_UNSURE)
    return replace(concluded, verdict=replace(measured, findings=(*measured.findings, *beside)))


def verdict_by_rule(
    b: Briefing,
    value: float,
    standard_uncertainty: float,
    expanded_uncertainty: float,
    limit: float,
    step: Decimal | None,
    *,
    remarks: tuple[Finding, ...] = (),
    is_in_pct: bool = True,
    beyond: Reason = Reason.ERROR_BEYOND_LIMIT,
) -> Verdict:
    """A value held against its limit (+-) by the plan's rule, all in one unit; step: to which the value is rounded.

    remarks: what else should be known of the value. is_in_pct: else it is in s/d, and the verdict's own figures, which
    are in %, stay empty.
    beyond: reason of a FAIL by a value beyond its limit; its sentence has {error} and {limit}.
    """
    rule, mpe_pct = DecisionRule(b.checked.plan.decision_rule), limit if is_in_pct else None
    decision = decide_value(value, standard_uncertainty, expanded_uncertainty, limit, rule, step)
    if decision.findings:  # a rule under which no meter could pass says nothing about this one
        return invalid(*decision.findings, mpe_pct=mpe_pct, rule=rule)
    failed = decision.outcome is Outcome.FAIL
    unit = "%" if is_in_pct else "s/d"
    why = (_why_failed(decision, value, limit, unit, beyond),) if failed else ()
    return Verdict(
        decision.outcome,
        rule,
        mpe_pct,
        decision.conditional,
        (*why, *remarks),
        decision.probability_of_conformity,
        decision.acceptance_limit_pct if is_in_pct else None,
        str(decision.rounded) if is_in_pct and decision.rounded is not None else None,
    )


def _why_failed(decision: Decision, value: float, limit: float, unit: str, beyond: Reason) -> Finding:
    judged = f"{value:+.4f}" if decision.rounded is None else signed_text(decision.rounded)
    if abs(value if decision.rounded is None else float(decision.rounded)) > limit:
        return _beyond(judged, limit, beyond)
    accepted = f"{decision.acceptance_limit_pct:.4f}"
    values = {"error": judged, "limit": f"{limit:g}", "accepted": accepted, "unit": unit}
    return Finding(Reason.ERROR_IN_GUARD_BAND, values)


def _beyond(judged: str, limit: float, reason: Reason = Reason.ERROR_BEYOND_LIMIT) -> Finding:
    return Finding(reason, {"error": judged, "limit": f"{limit:g}"})


def largest_passing_error_pct(b: Briefing, position: str, mpe_pct: float) -> float:
    """The largest unrounded |error| (%) that the plan's rule passes, as far as rounding makes it another than the
    limit."""
    step = judged_step_pct(b, position)
    return mpe_pct if step is None else largest_passing_pct(mpe_pct, step)


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


def is_repeatable(verdict: Verdict) -> bool:
    """An instrument's fault may be gone the second time; too little time would be too little again."""
    return verdict.outcome is Outcome.INVALID and not {f.reason for f in verdict.findings} & _STAYS
