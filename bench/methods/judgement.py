"""From a result to a verdict, by the rule and the wishes of the plan; shared by the methods."""

from __future__ import annotations

from bench.plan import CheckedPlan, PlannedPoint
from calibration.conformity import DecisionRule, decide
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason

_SUSPECT_BEYOND_PCT = 20.0
"""Beyond this (+-) an error is not judged: a wrong constant (1, 2, 10, ...) or a wrong wire is far likelier than
a meter so bad, and a FAIL would blame the meter. Twice the constant reads +100 %, half of it -50 %."""
_STAYS = frozenset({Reason.UNCERTAINTY_TOO_LARGE, Reason.TOO_FEW_PULSES, Reason.METER_CONSTANT_SUSPECT})
"""Reasons that a repetition of the same length cannot cure."""


def judge(
    checked: CheckedPlan,
    point: PlannedPoint,
    position: str,
    result: ErrorResult | None,
    findings: tuple[Finding, ...],
) -> Verdict:
    """PASS, FAIL or INVALID; without a result (the load was not reached) INVALID with these findings."""
    rule, mpe_pct = DecisionRule(checked.plan.decision_rule), point.mpe_pct[position]
    if result is None:
        return Verdict(Outcome.INVALID, rule, mpe_pct, findings=findings)
    if (suspect := why_suspect(result, checked.meters[position].meter_constant_imp_per_kWh)) is not None:
        return Verdict(Outcome.INVALID, rule, mpe_pct, findings=(suspect,))
    if (short := what_is_missing(checked, mpe_pct, result)) is not None:
        return Verdict(Outcome.INVALID, rule, mpe_pct, findings=(short,))
    return decide(result, mpe_pct, rule)


def why_suspect(result: ErrorResult, meter_constant_imp_per_kWh: float) -> Finding | None:
    """An error that points at the plan or the wiring and not at the meter; None for any other."""
    error_pct = result.percentage_error_pct
    if error_pct is None or abs(error_pct) <= _SUSPECT_BEYOND_PCT:
        return None
    values = {"error": f"{error_pct:+.1f}", "constant": f"{meter_constant_imp_per_kWh:g}"}
    return Finding(Reason.METER_CONSTANT_SUSPECT, values)


def what_is_missing(checked: CheckedPlan, mpe_pct: float, result: ErrorResult) -> Finding | None:
    """Why a number is not as good as the plan wants it, after the longest time; None where it is."""
    plan, U_pct, window = checked.plan, result.expanded_uncertainty_pct, result.window
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
