"""Who is right where register, pulses and reference are compared: the verdict of the meter constant test."""

from __future__ import annotations

from decimal import Decimal

from bench.methods.briefing import Briefing, Concluded, invalid
from bench.points import PlannedPoint
from bench.steps import MetersRead
from calibration.conformity import DecisionRule, decide_value
from calibration.percentage_error import corrected_reference_energy_Wh, percentage_error_pct
from calibration.quantities import WH_PER_KWH, BudgetRow, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.registers import PARTS_OF_THE_CLASS, minimum_energy_kWh
from calibration.uncertainty import combine, register_resolution_row, standing_rows


def judge_registers(
    b: Briefing, point: PlannedPoint, position: str, before: MetersRead, after: MetersRead
) -> Concluded:
    """PASS, FAIL or INVALID of one meter from its two readings."""
    found = (*before.findings[position], *after.findings[position])
    if found:
        return Concluded(invalid(*found))
    if before.reference_energy_Wh is None or after.reference_energy_Wh is None:
        return Concluded(invalid(Finding(Reason.REFERENCE_SILENT, {"seconds": "—"})))
    meter, first, last = b.checked.meters[position], before.registers[position], after.registers[position]
    assert point.load_point is not None
    card = b.card.at(point.load_point, b.checked.plan.ambient_temperature_C)
    moved_kWh = last.total_kWh - first.total_kWh
    read_Wh = after.reference_energy_Wh - before.reference_energy_Wh
    if read_Wh <= 0.0:
        return Concluded(invalid(Finding(Reason.REFERENCE_STALLED, {"seconds": "—"})))
    reference_kWh = corrected_reference_energy_Wh(read_Wh, card.indication_error_pct) / WH_PER_KWH
    constant = meter.constant_at_terminals_imp_per_kWh
    pulses_kWh = after.pulses[position] / constant
    digit_kWh = Decimal(1).scaleb(-last.decimals)
    figures = {
        "register_kWh": str(moved_kWh),
        "pulses_kWh": f"{pulses_kWh:.5f}",
        "reference_kWh": f"{reference_kWh:.5f}",
        "pulses": str(after.pulses[position]),
        "measured_constant_imp_per_kWh": f"{after.pulses[position] / reference_kWh:.2f}",
        "configured_constant_imp_per_kWh": f"{constant:g}",
        "read_constant_imp_per_kWh": str(last.meter_constant_imp_per_kWh or "—"),
    }
    if moved_kWh <= 0 and after.pulses[position] > 0:
        return Concluded(_register_alone(figures), figures=figures)
    least_kWh = least_movement_kWh(b, position, last.decimals)
    if moved_kWh < least_kWh:
        values = {"needed": str(least_kWh), "moved": str(moved_kWh)}
        return Concluded(invalid(Finding(Reason.REGISTER_TOO_COARSE, values)), figures=figures)
    error_pct = percentage_error_pct(float(moved_kWh), reference_kWh)
    figures["register_error_pct"] = f"{error_pct:+.4f}"
    if (verdict := _wrong_constant(b, position, figures, last.meter_constant_imp_per_kWh)) is not None:
        return Concluded(verdict, figures=figures)
    if abs(pulses_kWh - float(moved_kWh)) > float(digit_kWh) + 1.0 / constant:
        return Concluded(_register_alone(figures), figures=figures)
    rows = (
        *standing_rows(card),
        register_resolution_row(float(digit_kWh) * WH_PER_KWH, read_Wh),
        _named(register_resolution_row(card.energy_step_at_Wh(after.reference_energy_Wh), read_Wh)),
    )
    combined = combine(rows)
    figures["expanded_uncertainty_pct"] = f"{combined.expanded_uncertainty:.4f}"
    mpe_pct = point.mpe_pct.get(position)
    if mpe_pct is None:
        unjudged = Verdict(Outcome.UNJUDGED, "", None, findings=(Finding(Reason.NOT_JUDGED),))
        return Concluded(unjudged, figures=figures)
    rule = DecisionRule(b.checked.plan.decision_rule)
    step = b.checked.rules.rounding_step_pct(meter.accuracy_class)
    u, U = combined.standard_uncertainty, combined.expanded_uncertainty
    decision = decide_value(error_pct, u, U, mpe_pct, rule, step)
    if decision.findings:  # a rule under which no meter could pass says nothing about this one
        return Concluded(invalid(*decision.findings, mpe_pct=mpe_pct, rule=rule), figures=figures)
    verdict = Verdict(
        decision.outcome, rule, mpe_pct, decision.conditional, decision.findings,
        decision.probability_of_conformity, decision.acceptance_limit_pct,
    )  # fmt: skip
    return Concluded(verdict, figures=figures)


def least_movement_kWh(b: Briefing, position: str, decimals: int) -> Decimal:
    """How far a register must move for its last digit to be the part of the class that the rule set allows."""
    rule = b.checked.rules.meter_constant
    parts = PARTS_OF_THE_CLASS if rule is None else rule.parts_of_the_class
    return minimum_energy_kWh(b.checked.meters[position].accuracy_class, decimals, parts)


def _named(row: BudgetRow) -> BudgetRow:
    """The reference's register beside the meter's."""
    return BudgetRow(
        "reference_resolution", row.half_width_pct, row.distribution, row.divisor, row.sensitivity,
        row.degrees_of_freedom,
    )  # fmt: skip


def _register_alone(figures: dict[str, str]) -> Verdict:
    """The register disagrees with the pulses. It is the meter's fault where pulses and reference agree; a line that was
    dead for a while loses pulses, so where the pulses are alone nobody can say."""
    values = {
        "register": figures["register_kWh"],
        "pulses": figures["pulses_kWh"],
        "reference": figures["reference_kWh"],
    }
    finding = Finding(Reason.REGISTER_DISAGREES, values)
    pulse_error_pct = percentage_error_pct(float(figures["pulses_kWh"]), float(figures["reference_kWh"]))
    if abs(pulse_error_pct) > _PULSES_AGREE_PCT:
        return invalid(finding)
    return Verdict(Outcome.FAIL, "", None, findings=(finding,))


_PULSES_AGREE_PCT = 5.0
"""Pulses that count the reference's energy within this came on a line that lived; far wider than any class."""
_SUSPECT_PCT = 20.0
"""As for basic error: beyond this the constant is wrong somewhere, whatever the meter's error is."""


def _wrong_constant(
    b: Briefing, position: str, figures: dict[str, str], told: Decimal | None
) -> Verdict | None:
    """The plan's constant against the measured one and the one that the meter tells.

    Never a FAIL: too few pulses may be a dead line, too many a bouncing contact.
    """
    configured = b.checked.meters[position].meter_constant_imp_per_kWh
    pulse_error_pct = percentage_error_pct(float(figures["pulses_kWh"]), float(figures["reference_kWh"]))
    is_measured = abs(pulse_error_pct) <= _SUSPECT_PCT
    is_told = told is None or float(told) == configured
    if is_measured and is_told:
        return None
    values = {
        "configured": figures["configured_constant_imp_per_kWh"],
        "measured": figures["measured_constant_imp_per_kWh"],
        "read": figures["read_constant_imp_per_kWh"],
    }
    return invalid(Finding(Reason.CONSTANT_DIFFERS, values))
