"""Who is right where register, pulses and reference are compared: the verdict of the meter constant test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from bench.methods.briefing import Briefing, Concluded, card_at, failed, invalid, unjudged
from bench.methods.judgement import judged_step_pct, largest_passing_error_pct, verdict_by_rule, why_suspect
from bench.methods.steps import MetersRead
from bench.plans.points import PlannedPoint
from calibration.percentage_error import corrected_reference_energy_Wh
from calibration.quantities import WH_PER_KWH, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.registers import (
    PARTS_OF_THE_CLASS,
    Alone,
    RegisterComparison,
    class_pct,
    energy_of_small_step_kWh,
    energy_to_pass_kWh,
    minimum_energy_kWh,
)
from calibration.uncertainty import standing_rows

_MARGIN_IN_LIMITS = 2.0
"""A meter slower than so many limits fails however coarse its register is."""


def judge_registers(
    b: Briefing, point: PlannedPoint, position: str, before: MetersRead, after: MetersRead
) -> Concluded:
    """PASS, FAIL or INVALID of one meter from its two readings."""
    if unusable := _why_unusable(position, before, after):
        return Concluded(invalid(*unusable))
    compared = _compared(b, point, position, before, after)
    told = after.registers[position].meter_constant_imp_per_kWh
    figures = _figures(compared, told)
    differs = told is not None and float(told) != compared.meter_constant_imp_per_kWh
    verdict = (
        invalid(_constant_differs(figures)) if differs else _verdict(b, point, position, compared, figures)
    )
    if verdict.outcome is not Outcome.INVALID:
        U_pct = compared.register_uncertainty(standing_rows(card_at(b, point))).expanded_uncertainty
        figures["register_error_pct"] = f"{compared.register_error_pct:+.4f}"
        figures["pulses_error_pct"] = f"{compared.pulses_error_pct:+.4f}"
        figures["expanded_uncertainty_pct"] = f"{U_pct:.4f}"
    return Concluded(verdict, figures=figures)


def needed_kWh(b: Briefing, point: PlannedPoint, position: str) -> Decimal:
    """Energy at the meter's terminals after which its register can be judged, if it is not slower than any meter that
    a last digit could save.

    A fine register (behind transformers even more so) must not be judged by a coarse reference or by a few pulses.
    """
    meter = b.checked.meters[position]
    assert meter.register_decimals is not None
    least_kWh = _least_movement_kWh(b, position, meter.register_decimals)
    on_nameplate = energy_to_pass_kWh(least_kWh, meter.register_decimals, _margin_pct(b, point, position))
    step_kWh = Decimal(repr(card_at(b, point).energy_step_Wh / WH_PER_KWH))
    pulse_kWh = 1 / Decimal(repr(meter.constant_at_terminals_imp_per_kWh))
    return max(
        on_nameplate / Decimal(repr(meter.nameplate_ratio)),
        energy_of_small_step_kWh(meter.accuracy_class, step_kWh, _parts_of_the_class(b)),
        energy_of_small_step_kWh(meter.accuracy_class, pulse_kWh, 1),
    )


def _least_movement_kWh(b: Briefing, position: str, decimals: int) -> Decimal:
    """How far a register must move for its last digit to be the part of the class that the rule set allows."""
    return minimum_energy_kWh(b.checked.meters[position].accuracy_class, decimals, _parts_of_the_class(b))


def _parts_of_the_class(b: Briefing) -> int:
    rule = b.checked.rules.meter_constant
    return PARTS_OF_THE_CLASS if rule is None else rule.parts_of_the_class


def _margin_pct(b: Briefing, point: PlannedPoint, position: str) -> float:
    limit_pct = point.mpe_pct.get(position, float(class_pct(b.checked.meters[position].accuracy_class)))
    return _MARGIN_IN_LIMITS * limit_pct


def _why_unusable(position: str, before: MetersRead, after: MetersRead) -> tuple[Finding, ...]:
    if found := (*before.findings[position], *after.findings[position]):
        return found
    if before.reference_energy_Wh is None or after.reference_energy_Wh is None:
        return (Finding(Reason.REFERENCE_SILENT, {"seconds": "—"}),)
    if after.reference_energy_Wh <= before.reference_energy_Wh:
        return (Finding(Reason.REFERENCE_STALLED, {"seconds": "—"}),)
    first, last = before.registers[position], after.registers[position]
    if first.decimals != last.decimals or last.total_kWh < first.total_kWh:
        values = {"before": str(first.total_kWh), "after": str(last.total_kWh)}
        return (Finding(Reason.READINGS_DO_NOT_FIT, values),)
    return ()


def _compared(
    b: Briefing, point: PlannedPoint, position: str, before: MetersRead, after: MetersRead
) -> RegisterComparison:
    """The reference stands at the meter's terminals; what it counted is brought to the side of the nameplate."""
    meter, first, last = b.checked.meters[position], before.registers[position], after.registers[position]
    assert before.reference_energy_Wh is not None
    assert after.reference_energy_Wh is not None
    card = card_at(b, point)
    read_Wh = after.reference_energy_Wh - before.reference_energy_Wh
    at_terminals_Wh = corrected_reference_energy_Wh(read_Wh, card.indication_error_pct)
    kWh_per_Wh = meter.nameplate_ratio / WH_PER_KWH
    return RegisterComparison(
        register_kWh=last.total_kWh - first.total_kWh,
        decimals=last.decimals,
        pulses=after.pulses[position],
        meter_constant_imp_per_kWh=meter.meter_constant_imp_per_kWh,
        reference_kWh=at_terminals_Wh * kWh_per_Wh,
        reference_step_kWh=card.energy_step_at_Wh(after.reference_energy_Wh) * kWh_per_Wh,
    )


def _verdict(
    b: Briefing, point: PlannedPoint, position: str, compared: RegisterComparison, figures: Mapping[str, str]
) -> Verdict:
    """Of a meter that tells no other constant than the plan's."""
    least_kWh = _least_movement_kWh(b, position, compared.decimals)
    if compared.is_too_coarse(least_kWh, _margin_pct(b, point, position)):
        values = {"needed": str(least_kWh), "moved": str(compared.register_kWh)}
        return invalid(Finding(Reason.REGISTER_TOO_COARSE, values))
    match _who_is_alone(b, point, position, compared):
        case Alone.PULSES:
            return invalid(_constant_differs(figures))
        case Alone.EACH:
            return invalid(_disagrees(figures))
        case Alone.REGISTER if position in point.mpe_pct:
            return failed(_disagrees(figures))
        case Alone.REGISTER:
            measured = unjudged(Reason.NOT_JUDGED)
            return replace(measured, findings=(*measured.findings, _disagrees(figures)))
    if (suspect := why_suspect(compared.register_error_pct, compared.meter_constant_imp_per_kWh)) is not None:
        return invalid(suspect)
    return _judged(b, point, position, compared)


def _who_is_alone(b: Briefing, point: PlannedPoint, position: str, compared: RegisterComparison) -> Alone:
    """Without a limit the uncertainty alone says who bears whom out."""
    mpe_pct = point.mpe_pct.get(position)
    passes_pct = 0.0 if mpe_pct is None else largest_passing_error_pct(b, position, mpe_pct)
    standing = standing_rows(card_at(b, point))
    return compared.alone(
        passes_pct + compared.register_uncertainty(standing).expanded_uncertainty,
        passes_pct + compared.pulses_uncertainty(standing).expanded_uncertainty,
    )


def _judged(b: Briefing, point: PlannedPoint, position: str, compared: RegisterComparison) -> Verdict:
    mpe_pct = point.mpe_pct.get(position)
    if mpe_pct is None:
        return unjudged(Reason.NOT_JUDGED)
    combined = compared.register_uncertainty(standing_rows(card_at(b, point)))
    u_pct, U_pct = combined.standard_uncertainty, combined.expanded_uncertainty
    step = judged_step_pct(b, position)
    return verdict_by_rule(b, compared.register_error_pct, u_pct, U_pct, mpe_pct, step)


def _figures(compared: RegisterComparison, told: Decimal | None) -> dict[str, str]:
    """What people and the record are told: energies and constants, all of the nameplate's side."""
    return {
        "register_kWh": str(compared.register_kWh),
        "pulses_kWh": f"{compared.pulses_kWh:.5f}",
        "reference_kWh": f"{compared.reference_kWh:.5f}",
        "pulses": str(compared.pulses),
        "measured_constant_imp_per_kWh": f"{compared.measured_constant_imp_per_kWh:.2f}",
        "configured_constant_imp_per_kWh": f"{compared.meter_constant_imp_per_kWh:g}",
        "read_constant_imp_per_kWh": "—" if told is None else str(told),
    }


def _disagrees(figures: Mapping[str, str]) -> Finding:
    values = {
        "register": figures["register_kWh"],
        "pulses": figures["pulses_kWh"],
        "reference": figures["reference_kWh"],
    }
    return Finding(Reason.REGISTER_DISAGREES, values)


def _constant_differs(figures: Mapping[str, str]) -> Finding:
    """Never a FAIL: too few pulses may be a line that was dead for a while, too many a bouncing contact."""
    values = {
        "configured": figures["configured_constant_imp_per_kWh"],
        "measured": figures["measured_constant_imp_per_kWh"],
        "read": figures["read_constant_imp_per_kWh"],
    }
    return Finding(Reason.CONSTANT_DIFFERS, values)
