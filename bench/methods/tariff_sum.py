"""Tariff registers: their sum against the total, at most some last digits apart (JJG 596: two)."""

from __future__ import annotations

from decimal import Decimal

from bench.methods.briefing import (
    Attempt,
    Briefing,
    Concluded,
    at_load,
    everywhere,
    failed,
    invalid,
    passed,
    unjudged,
)
from bench.methods.steps import MetersRead, ReadMeters, RemoveLoad
from bench.plans.points import PlannedPoint
from bench.ports import MeterReading
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.registers import last_digit_kWh


def tariff_sum(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    digits = b.checked.rules.tariff_sum_digits
    if digits is None:
        return everywhere(positions, unjudged(Reason.RULES_ASK_NOTHING))
    assert point.load_point is not None
    findings = yield from at_load(point, point.load_point)
    read = None
    if not findings:
        read = yield ReadMeters(point.index, attempt, "reading", positions)
    yield RemoveLoad()
    if not isinstance(read, MetersRead):
        return everywhere(positions, invalid(*findings))
    return {
        p: _judge(read.registers[p], digits) if p in read.registers else Concluded(invalid(*read.findings[p]))
        for p in positions
    }


def _judge(registers: MeterReading, digits: int) -> Concluded:
    if not registers.tariffs_kWh:
        return Concluded(invalid(Finding(Reason.METER_NOT_READ, {"detail": "tariffs"})))
    difference = sum(registers.tariffs_kWh, Decimal(0)) - registers.total_kWh
    allowed = digits * last_digit_kWh(registers.decimals)
    figures = {
        "total_kWh": str(registers.total_kWh),
        "tariffs_kWh": ", ".join(map(str, registers.tariffs_kWh)),
        "difference_kWh": str(difference),
        "allowed_kWh": str(allowed),
    }
    if abs(difference) <= allowed:
        return Concluded(passed(), figures=figures)
    values = {"difference": str(difference), "allowed": str(allowed)}
    wrong = Finding(Reason.TARIFFS_DO_NOT_SUM, values)
    return Concluded(failed(wrong), figures=figures)
