"""The meter constant test: a register against the pulses and against the reference (JJG 596-2012, 6.4: (unsure)).

A register shows whole last digits only, so the test is long enough when one last digit is at most a tenth of the class
(in %; or what the rule set says) of the energy that the register moved by: 10 kWh for class 1 and two decimals.
"""

from __future__ import annotations

import re
from decimal import Decimal

from calibration.percentage_error import percentage_error_pct

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
    return last_digit_kWh(decimals) * 100 * parts_of_the_class / class_pct(accuracy_class)


def last_digit_is_small_enough(
    accuracy_class: str, decimals: int, moved_kWh: Decimal, parts_of_the_class: int = PARTS_OF_THE_CLASS
) -> bool:
    """Whether a register moved far enough to be judged; moved_kWh: by its own digits."""
    return moved_kWh >= minimum_energy_kWh(accuracy_class, decimals, parts_of_the_class)


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
