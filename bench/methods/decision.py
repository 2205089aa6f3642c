"""A value held against its limit by the decision rule of the plan; shared by the methods."""

from __future__ import annotations

from decimal import Decimal

from bench.methods.briefing import Briefing
from bench.methods.conclusions import invalid
from calibration.conformity import Decision, DecisionRule, decide_value, largest_passing_pct, signed_text
from calibration.quantities import Finding, Outcome, Verdict
from calibration.reasons import Reason


def judged_step_pct(b: Briefing, position: str) -> Decimal | None:
    """Step (%) to which the plan's rule rounds an error before it judges it; None where it judges it as it is."""
    if DecisionRule(b.checked.plan.decision_rule) is not DecisionRule.REGULATION:
        return None
    return b.checked.rules.judged_step_pct(b.checked.meters[position].accuracy_class)


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
        return beyond_limit(judged, limit, beyond)
    accepted = f"{decision.acceptance_limit_pct:.4f}"
    values = {"error": judged, "limit": f"{limit:g}", "accepted": accepted, "unit": unit}
    return Finding(Reason.ERROR_IN_GUARD_BAND, values)


def beyond_limit(judged: str, limit: float, reason: Reason = Reason.ERROR_BEYOND_LIMIT) -> Finding:
    return Finding(reason, {"error": judged, "limit": f"{limit:g}"})


def largest_passing_error_pct(b: Briefing, position: str, mpe_pct: float) -> float:
    """The largest unrounded |error| (%) that the plan's rule passes, as far as rounding makes it another than the
    limit."""
    step = judged_step_pct(b, position)
    return mpe_pct if step is None else largest_passing_pct(mpe_pct, step)
