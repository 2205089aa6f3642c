"""Meter constant: how far the register moves against the reference and against the pulses.

The registers are read with voltage and no current, so that nothing moves while they are read; between two readings the
load at I_max runs until one last digit of the register is a small part of the energy, of a slow meter's, too. Three
figures must agree: what the register says, what the pulses say by the constant, and what the reference says. Where they
do not, it matters who is alone: a register that disagrees with pulses and reference is the meter's fault; pulses that
are alone may be a dead line, a bouncing contact or a wrong constant in the plan, and are INVALID, as it is where no two
agree.
"""

from __future__ import annotations

from collections.abc import Generator

from bench.methods.briefing import Attempt, Briefing, at_load, card_at, everywhere, invalid
from bench.methods.register_verdict import judge_registers, needed_kWh
from bench.methods.steps import MetersRead, PassEnergy, ReadMeters, RemoveLoad, Settled, Step, StepResult
from bench.plans.points import PlannedPoint, voltage_alone
from calibration.quantities import SECONDS_PER_HOUR, WH_PER_KWH, Finding
from calibration.reasons import Reason

_Read = Generator[Step, StepResult, MetersRead | tuple[Finding, ...]]
_PATIENCE = 1.5
_LONGEST_S = 86_400.0


def meter_constant(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    unknown = tuple(p for p in positions if b.checked.meters[p].register_decimals is None)
    unread = Finding(Reason.METER_NOT_READ, {"detail": "register_decimals"})
    concluded = everywhere(unknown, invalid(unread))
    known = tuple(p for p in positions if p not in unknown)
    if not known:
        return concluded
    before = yield from _read(b, point, attempt, known, "before")
    if isinstance(before, tuple):
        return concluded | everywhere(known, invalid(*before))
    assert point.load_point is not None
    energy_Wh = energy_to_pass_Wh(b, point, known)
    findings = yield from at_load(point, point.load_point)
    if not findings:
        nominal_s = energy_Wh / point.load_point.compared_power * SECONDS_PER_HOUR
        longest_s = min(_PATIENCE * nominal_s + 60.0, _LONGEST_S)
        passed = yield PassEnergy(point.index, attempt, point.load_point, energy_Wh, longest_s)
        assert isinstance(passed, Settled)
        findings = passed.findings
    yield RemoveLoad()
    if findings:
        return concluded | everywhere(known, invalid(*findings))
    after = yield from _read(b, point, attempt, known, "after")
    if isinstance(after, tuple):
        return concluded | everywhere(known, invalid(*after))
    return concluded | {p: judge_registers(b, point, p, before, after) for p in known}


def energy_to_pass_Wh(b: Briefing, point: PlannedPoint, positions: tuple[str, ...]) -> float:
    """Energy by the reference's own register after which those of all these meters can be judged."""
    indicated = 1.0 + card_at(b, point).indication_error_pct / 100.0
    return max(float(needed_kWh(b, point, p)) for p in positions) * WH_PER_KWH * indicated


def _read(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...], stage: str) -> _Read:
    """`MetersRead`, or the findings of a voltage that was not reached."""
    findings = yield from at_load(point, voltage_alone(next(iter(b.checked.meters.values()))))
    if findings:
        yield RemoveLoad()
        return findings
    read = yield ReadMeters(point.index, attempt, stage, positions)
    yield RemoveLoad()
    assert isinstance(read, MetersRead)
    return read
