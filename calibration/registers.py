"""The meter constant test: a register against the pulses and against the reference (JJG 596-2012, 6.4: (unsure)).

A register shows whole last digits only, so the test is long enough when one last digit is at most a tenth of the class
(in %; or what the rule set says) of the energy that the register moved by: 10 kWh for class 1 and two decimals. It is
the register that must move so far and the reference that is counted on, so more energy is passed: a slow meter moves
by less.

Register, pulses and reference say how much energy it was; two that agree bear witness against the third. Pulses that
are alone are a wrong constant or a line that lost some, a register that is alone is the meter's fault. Register and
pulses are compared by their digits and by no limit: both come from one meter, and its error is in both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from calibration.percentage_error import percentage_error_pct
from calibration.quantities import WH_PER_KWH, BudgetRow
from calibration.uncertainty import Combined, combine, register_resolution_row

_LETTER_CLASSES = {"A": "2", "B": "1", "C": "0.5", "D": "0.2", "E": "0.1"}
"""The classes of OIML R 46 and JJG 596-2026 by their limits at I_tr and unity power factor; E is (unsure)."""
PARTS_OF_THE_CLASS = 10
"""Where a rule set says nothing else."""


def class_pct(accuracy_class: str) -> Decimal:
    """The index of an accuracy class in %: 0.5 for `0.5S`, 1 for `B`. Errors: ValueError for what is no class."""
    index = _LETTER_CLASSES.get(accuracy_class, accuracy_class)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)S?", index)
    if found is None or not (pct := Decimal(found[1])):
        raise ValueError(f"{accuracy_class!r} is no accuracy class; write it like 1, 0.5S or B")
    return pct


def last_digit_kWh(decimals: int) -> Decimal:
    """What the last digit of a register stands for."""
    if not 0 <= decimals <= 12:
        raise ValueError(f"a register has 0 to 12 decimals, not {decimals}")
    return Decimal(1).scaleb(-decimals)


def minimum_energy_kWh(
    accuracy_class: str, decimals: int, parts_of_the_class: int = PARTS_OF_THE_CLASS
) -> Decimal:
    """Energy from which on one last digit of the register is at most class/parts_of_the_class (%) of it."""
    return energy_of_small_step_kWh(accuracy_class, last_digit_kWh(decimals), parts_of_the_class)


def energy_of_small_step_kWh(accuracy_class: str, step_kWh: Decimal, parts_of_the_class: int) -> Decimal:
    """Energy from which on a step (of any register, or of a pulse) is at most class/parts_of_the_class (%) of it."""
    return step_kWh * 100 * parts_of_the_class / class_pct(accuracy_class)


def last_digit_is_small_enough(
    accuracy_class: str, decimals: int, moved_kWh: Decimal, parts_of_the_class: int = PARTS_OF_THE_CLASS
) -> bool:
    """Whether a register moved far enough to be judged; moved_kWh: by its own digits."""
    return moved_kWh >= minimum_energy_kWh(accuracy_class, decimals, parts_of_the_class)


def energy_to_pass_kWh(least_kWh: Decimal, decimals: int, margin_pct: float) -> Decimal:
    """Energy by the reference after which a register that is slow by margin_pct has moved by least_kWh, both ends of
    its reading allowed for."""
    if not 0.0 <= margin_pct < 100.0:
        raise ValueError(f"a margin is 0 to below 100 %, not {margin_pct}")
    share = 1 - Decimal(repr(float(margin_pct))) / 100
    return least_kWh / share + 2 * last_digit_kWh(decimals)


class Alone(StrEnum):
    """Which of register, pulses and reference the other two speak against."""

    NOBODY = "nobody"
    """Register and pulses agree; how far both are from the reference is the meter's error."""
    REGISTER = "register"
    PULSES = "pulses"
    EACH = "each"
    """No two agree."""


@dataclass(frozen=True, slots=True)
class RegisterComparison:
    """What register, pulses and reference counted between two readings, all on the side that register and constant of
    the meter count (its nameplate's), in kWh.

    decimals: of the register. reference_step_kWh: step of the reference's register, on the same side.
    """

    register_kWh: Decimal
    decimals: int
    pulses: int
    meter_constant_imp_per_kWh: float
    reference_kWh: float
    reference_step_kWh: float

    @property
    def pulses_kWh(self) -> float:
        return self.pulses / self.meter_constant_imp_per_kWh

    @property
    def measured_constant_imp_per_kWh(self) -> float:
        return self.pulses / self.reference_kWh

    @property
    def register_error_pct(self) -> float:
        return percentage_error_pct(float(self.register_kWh), self.reference_kWh)

    @property
    def pulses_error_pct(self) -> float:
        return percentage_error_pct(self.pulses_kWh, self.reference_kWh)

    def register_uncertainty(self, standing: Sequence[BudgetRow]) -> Combined:
        """Of the register's error (%). standing: rows of the reference standard itself."""
        return self._combined(standing, last_digit_kWh(self.decimals))

    def pulses_uncertainty(self, standing: Sequence[BudgetRow]) -> Combined:
        """Of the pulses' error (%): whole pulses are counted between two instants."""
        return self._combined(standing, 1.0 / self.meter_constant_imp_per_kWh)

    def _combined(self, standing: Sequence[BudgetRow], step_kWh: float | Decimal) -> Combined:
        read_Wh = self.reference_kWh * WH_PER_KWH
        steps_kWh = (float(step_kWh), self.reference_step_kWh)
        resolutions = (register_resolution_row(kWh * WH_PER_KWH, read_Wh) for kWh in steps_kWh)
        return combine((*standing, *resolutions))

    def is_too_coarse(self, least_kWh: Decimal, margin_pct: float) -> bool:
        """Whether a last digit could decide: the register moved by less than least_kWh, and is not so slow
        (beyond margin_pct) that its digits do not matter."""
        if self.register_kWh >= least_kWh:
            return False
        return self.reference_kWh < least_kWh or self.register_error_pct >= -margin_pct

    def alone(self, register_tolerance_pct: float, pulses_tolerance_pct: float) -> Alone:
        """tolerances: how far (+-, %) each may be from the reference and still bear it out: limit and uncertainty."""
        apart_kWh = abs(self.pulses_kWh - float(self.register_kWh))
        if apart_kWh <= float(last_digit_kWh(self.decimals)) + 1.0 / self.meter_constant_imp_per_kWh:
            return Alone.NOBODY
        if abs(self.register_error_pct) <= register_tolerance_pct:
            return Alone.PULSES
        if abs(self.pulses_error_pct) <= pulses_tolerance_pct:
            return Alone.REGISTER
        return Alone.EACH


def expected_pulses(
    meter_constant_imp_per_kWh: float, digits: int, decimals: int, multiplier: float = 1.0
) -> float:
    """Pulses that a meter gives while its register moves by `digits` last digits: b C digits 10^-decimals.

    multiplier b: kWh in one kWh of the register, where it is to be multiplied (transformers).
    """
    if not (meter_constant_imp_per_kWh > 0.0 and multiplier > 0.0 and digits > 0):
        raise ValueError("the constant, the multiplier and the digits must be above 0")
    moved_kWh = digits * last_digit_kWh(decimals)
    return float(
        Decimal(repr(float(meter_constant_imp_per_kWh))) * Decimal(repr(float(multiplier))) * moved_kWh
    )


def register_error_pct(
    before_kWh: Decimal, after_kWh: Decimal, reference_kWh: float, indication_error_pct: float = 0.0
) -> float:
    """Error (%) of a register against the reference's energy W: (D - D0 - W)/W * 100 + gamma_0."""
    if after_kWh < before_kWh:
        raise ValueError(
            f"the register went from {before_kWh} back to {after_kWh}; give the readings in order"
        )
    return percentage_error_pct(float(after_kWh - before_kWh), reference_kWh) + indication_error_pct
