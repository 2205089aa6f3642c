"""Who is right where register, pulses and reference are compared: the verdict of the meter constant test."""

from __future__ import annotations

from collections.abc import Mapping

from bench.methods.briefing import Briefing, card_at
from bench.methods.conclusions import Concluded, failed, invalid, unjudged
from bench.methods.decision import judged_step_pct, largest_passing_error_pct, verdict_by_rule
from bench.methods.error_verdict import why_suspect
from bench.methods.register_figures import CONSTANTS, ENERGIES, figures_of, named
from bench.methods.steps import MetersRead
from bench.plans.points import PlannedPoint
from calibration.quantities import WH_PER_KWH, BudgetRow, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.register_movement import energy_needed_kWh, margin_pct, register_comparison
from calibration.registers import PARTS_OF_THE_CLASS, Alone, RegisterComparison, minimum_energy_kWh
from calibration.uncertainty import standing_rows


def judge_registers(
    b: Briefing, point: PlannedPoint, position: str, before: MetersRead, after: MetersRead
) -> Concluded:
    """PASS, FAIL or INVALID of one meter from its two readings."""
    if unusable := _why_unusable(position, before, after):
        return Concluded(invalid(*unusable))
    compared = _compared(b, point, position, before, after)
    standing = standing_rows(card_at(b, point))
    told = after.registers[position].meter_constant_imp_per_kWh
    figures = figures_of(compared, told)
    if told is not None and float(told) != compared.meter_constant_imp_per_kWh:
        verdict = invalid(named(Reason.CONSTANT_DIFFERS, CONSTANTS, figures))
    else:
        verdict = _verdict(b, point, position, compared, standing, figures)
    if verdict.outcome is not Outcome.INVALID:
        U_pct = compared.register_uncertainty(standing).expanded_uncertainty
        figures["register_error_pct"] = f"{compared.register_error_pct:+.4f}"
        figures["pulses_error_pct"] = f"{compared.pulses_error_pct:+.4f}"
        figures["expanded_uncertainty_pct"] = f"{U_pct:.4f}"
    return Concluded(verdict, figures=figures)


def energy_to_pass_Wh(b: Briefing, point: PlannedPoint, positions: tuple[str, ...]) -> float:
    """Energy by the reference's own register after which those of all these meters can be judged."""
    card, parts = card_at(b, point), _parts_of_the_class(b)
    indicated = 1.0 + card.indication_error_pct / 100.0
    needed_kWh = (
        energy_needed_kWh(b.checked.meters[p], card, point.mpe_pct.get(p), parts) for p in positions
    )
    return max(map(float, needed_kWh)) * WH_PER_KWH * indicated


def _parts_of_the_class(b: Briefing) -> int:
    """A last digit may be so small a part of the accuracy class."""
    rule = b.checked.rules.meter_constant
    return PARTS_OF_THE_CLASS if rule is None else rule.parts_of_the_class


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
    """Of readings that are usable."""
    first, last = before.registers[position], after.registers[position]
    assert before.reference_energy_Wh is not None
    assert after.reference_energy_Wh is not None
    return register_comparison(
        b.checked.meters[position],
        card_at(b, point),
        (before.reference_energy_Wh, after.reference_energy_Wh),
        (first.total_kWh, last.total_kWh),
        last.decimals,
        after.pulses[position],
    )


def _verdict(
    b: Briefing,
    point: PlannedPoint,
    position: str,
    compared: RegisterComparison,
    standing: tuple[BudgetRow, ...],
    figures: Mapping[str, str],
) -> Verdict:
    """Of a meter that tells no other constant than the plan's.

    Pulses that are alone are never a FAIL: too few may be a line that was dead for a while, too many a contact that
    bounces.
    """
    meter, mpe_pct = b.checked.meters[position], point.mpe_pct.get(position)
    least_kWh = minimum_energy_kWh(meter.accuracy_class, compared.decimals, _parts_of_the_class(b))
    if compared.is_too_coarse(least_kWh, margin_pct(meter, mpe_pct)):
        values = {"needed": str(least_kWh), "moved": str(compared.register_kWh)}
        return invalid(Finding(Reason.REGISTER_TOO_COARSE, values))
    disagrees = named(Reason.REGISTER_DISAGREES, ENERGIES, figures)
    match _who_is_alone(b, position, compared, standing, mpe_pct):
        case Alone.PULSES:
            return invalid(named(Reason.CONSTANT_DIFFERS, CONSTANTS, figures))
        case Alone.EACH:
            return invalid(disagrees)
        case Alone.REGISTER:
            return unjudged(Reason.NOT_JUDGED, disagrees) if mpe_pct is None else failed(disagrees)
    if (suspect := why_suspect(compared.register_error_pct, compared.meter_constant_imp_per_kWh)) is not None:
        return invalid(suspect)
    if mpe_pct is None:
        return unjudged(Reason.NOT_JUDGED)
    combined = compared.register_uncertainty(standing)
    u_pct, U_pct = combined.standard_uncertainty, combined.expanded_uncertainty
    step = judged_step_pct(b, position)
    return verdict_by_rule(b, compared.register_error_pct, u_pct, U_pct, mpe_pct, step)


def _who_is_alone(
    b: Briefing,
    position: str,
    compared: RegisterComparison,
    standing: tuple[BudgetRow, ...],
    mpe_pct: float | None,
) -> Alone:
    """Without a limit the uncertainty alone says who bears whom out."""
    passes_pct = 0.0 if mpe_pct is None else largest_passing_error_pct(b, position, mpe_pct)
    return compared.alone(
        passes_pct + compared.register_uncertainty(standing).expanded_uncertainty,
        passes_pct + compared.pulses_uncertainty(standing).expanded_uncertainty,
    )
