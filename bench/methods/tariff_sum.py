"""Tariff registers: their sum against the total, at most some last digits apart (JJG 596: two)."""

from __future__ import annotations

from decimal import Decimal

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, everywhere, failed, invalid, passed, unjudged
from bench.methods.registers_read import registers_read
from bench.methods.steps import READING
from bench.plans.points import PlannedPoint
from bench.ports import MeterReading
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.registers import last_digit_kWh


def tariff_sum(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    digits = b.checked.rules.tariff_sum_digits
    if digits is None:
        return everywhere(positions, unjudged(Reason.RULES_ASK_NOTHING))
    read = yield from registers_read(b, point, attempt, positions, READING)
    if isinstance(read, tuple):
        return everywhere(positions, invalid(*read))
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
