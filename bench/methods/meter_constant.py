"""Meter constant: how far the register moves against the reference and against the pulses.

The registers are read with voltage and no current, so that nothing moves while they are read; between two readings the
load at I_max runs until one last digit of the register is a small part of the energy, of a slow meter's, too. Three
figures must agree: what the register says, what the pulses say by the constant, and what the reference says. Where they
do not, it matters who is alone: a register that disagrees with pulses and reference is the meter's fault; pulses that
are alone may be a dead line, a bouncing contact or a wrong constant in the plan, and are INVALID, as it is where no two
agree.
"""

from __future__ import annotations

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, everywhere, invalid
from bench.methods.loads import Loaded, at_its_load
from bench.methods.register_verdict import energy_to_pass_Wh, judge_registers
from bench.methods.registers_read import registers_read
from bench.methods.steps import AFTER, BEFORE, PassEnergy, do
from bench.plans.points import PlannedPoint
from calibration.quantities import SECONDS_PER_HOUR, Finding
from calibration.reasons import Reason

_PATIENCE = 1.5
_LONGEST_S = 86_400.0


def meter_constant(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    known = tuple(p for p in positions if b.checked.meters[p].register_decimals is not None)
    unread = Finding(Reason.METER_NOT_READ, {"detail": "register_decimals"})
    concluded = everywhere([p for p in positions if p not in known], invalid(unread))
    if not known:
        return concluded
    before = yield from registers_read(b, point, attempt, known, BEFORE)
    if isinstance(before, tuple):
        return concluded | everywhere(known, invalid(*before))
    findings = yield from at_its_load(point, _passed(b, point, attempt, known))
    if findings:
        return concluded | everywhere(known, invalid(*findings))
    after = yield from registers_read(b, point, attempt, known, AFTER)
    if isinstance(after, tuple):
        return concluded | everywhere(known, invalid(*after))
    return concluded | {p: judge_registers(b, point, p, before, after) for p in known}


def _passed(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Loaded:
    """Pass as much energy as the register that needs most."""
    assert point.load_point is not None
    energy_Wh = energy_to_pass_Wh(b, point, positions)
    nominal_s = energy_Wh / point.load_point.compared_power * SECONDS_PER_HOUR
    longest_s = min(_PATIENCE * nominal_s + 60.0, _LONGEST_S)
    step = PassEnergy(point.index, attempt, point.load_point, energy_Wh, longest_s)
    return (yield from do(step)).findings
