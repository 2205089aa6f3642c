"""Register arithmetic of the meter constant test against the worked cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from calibration.registers import (
    Alone,
    RegisterComparison,
    class_pct,
    energy_to_pass_kWh,
    expected_pulses,
    last_digit_is_small_enough,
    last_digit_kWh,
    minimum_energy_kWh,
    register_error_pct,
)
from calibration.uncertainty import normal_row
from tests.unit.worked_cases import items

Case = dict[str, Any]


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C15") if "min_kWh" in c[1]])
def test_minimum_energies_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    least = minimum_energy_kWh(given["cls"], given["decimals"])
    assert least == Decimal(str(expected["min_kWh"]))
    assert last_digit_is_small_enough(given["cls"], given["decimals"], least)
    one_digit_less = least - last_digit_kWh(given["decimals"])
    assert not last_digit_is_small_enough(given["cls"], given["decimals"], one_digit_less)


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C15") if "expected_pulses" in c[1]])
def test_pulses_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = expected_pulses(given["C"], given["digits_moved"], given["decimals"], given["b"])
    assert found == expected["expected_pulses"]


def test_one_digit_of_the_lamp_case_is_its_part_of_the_energy() -> None:
    (expected,) = [e for _, e in items("C15") if "one_digit_percent" in e]
    part = last_digit_kWh(4) / Decimal("0.9987") * 100
    assert float(part) == pytest.approx(expected["one_digit_percent"], abs=5e-7)


def test_a_register_behind_transformers_counts_times_its_multiplier() -> None:
    assert expected_pulses(6400, 10, 2, 80) == 51200


def test_a_register_that_moves_more_than_the_energy_is_fast() -> None:
    assert register_error_pct(Decimal("10.00"), Decimal("20.10"), 10.0) == pytest.approx(1.0)
    assert register_error_pct(Decimal("10.00"), Decimal("19.90"), 10.0, -0.05) == pytest.approx(-1.05)
    with pytest.raises(ValueError, match="in order"):
        register_error_pct(Decimal(2), Decimal(1), 1.0)


@pytest.mark.parametrize(
    ("written", "pct"),
    [("2", "2"), ("0.5S", "0.5"), ("0.2S", "0.2"), ("A", "2"), ("B", "1"), ("C", "0.5"), ("D", "0.2")],
)
def test_classes_have_an_index(written: str, pct: str) -> None:
    assert class_pct(written) == Decimal(pct)


@pytest.mark.parametrize("written", ["", "0", "S", "good", "-1", "1S2", "nan"])
def test_what_is_no_class_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no accuracy class"):
        class_pct(written)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="decimals"):
        last_digit_kWh(-1)
    for constant, digits, multiplier in ((0.0, 10, 1.0), (1200.0, 0, 1.0), (1200.0, 10, 0.0)):
        with pytest.raises(ValueError, match="must be above 0"):
            expected_pulses(constant, digits, 2, multiplier)


def compared(
    register: str, pulses: int, reference_kWh: float = 10.0, decimals: int = 2
) -> RegisterComparison:
    """Of a meter of 1200 imp/kWh."""
    return RegisterComparison(Decimal(register), decimals, pulses, 1200.0, reference_kWh, 1e-5)


@pytest.mark.parametrize(
    ("register", "pulses", "alone"),
    [
        ("10.05", 12_060, Alone.NOBODY),
        ("10.25", 12_300, Alone.NOBODY),  # 2.5 % fast, and both say so: the reference's or the meter's error
        ("10.01", 12_001, Alone.NOBODY),  # one digit and one pulse
        ("10.05", 11_700, Alone.PULSES),
        ("10.05", 12_960, Alone.PULSES),
        ("10.07", 12_012, Alone.PULSES),  # all within the limit: lost pulses rather than a bad register
        ("10.05", 0, Alone.PULSES),
        ("10.25", 12_000, Alone.REGISTER),
        ("10.80", 11_940, Alone.REGISTER),
        ("0.00", 12_000, Alone.REGISTER),
        ("10.25", 12_960, Alone.EACH),
        ("9.20", 12_300, Alone.EACH),
    ],
)
def test_two_that_agree_bear_witness_against_the_third(register: str, pulses: int, alone: Alone) -> None:
    assert compared(register, pulses).alone(1.1, 1.1) is alone


def test_a_comparison_has_errors_constant_and_uncertainty() -> None:
    found = compared("10.05", 12_012)
    assert found.register_error_pct == pytest.approx(0.5)
    assert found.pulses_error_pct == pytest.approx(0.1)
    assert found.measured_constant_imp_per_kWh == pytest.approx(1201.2)
    standing = (normal_row("reference_calibration", 0.01),)
    u_pct = found.register_uncertainty(standing).standard_uncertainty
    assert u_pct == pytest.approx(
        ((0.1**2 + 1e-4**2) / 6 + 0.01**2) ** 0.5
    )  # a digit is 0.1 %, a step 0.0001 %
    u_pct = found.pulses_uncertainty(standing).standard_uncertainty
    assert u_pct == pytest.approx((((1 / 120) ** 2 + 1e-4**2) / 6 + 0.01**2) ** 0.5)


@pytest.mark.parametrize("error_pct", [1.0, 0.0, -0.5, -1.0, -1.5, -2.0])
@pytest.mark.parametrize("decimals", [0, 1, 2, 4])
def test_the_energy_that_is_passed_moves_a_slow_register_far_enough(decimals: int, error_pct: float) -> None:
    """Whatever the register's last digit does not show yet at either end."""
    least_kWh = minimum_energy_kWh("1", decimals)
    passed_kWh = energy_to_pass_kWh(least_kWh, decimals, 2.0)
    moved_kWh = passed_kWh * (1 + Decimal(str(error_pct)) / 100) - last_digit_kWh(decimals)
    assert moved_kWh >= least_kWh
    with pytest.raises(ValueError, match="margin"):
        energy_to_pass_kWh(least_kWh, decimals, 100.0)


@pytest.mark.parametrize(
    ("register", "reference_kWh", "is_too_coarse"),
    [
        ("10.00", 10.2, False),
        ("9.99", 10.05, True),
        ("9.80", 10.3, False),  # so slow that no digit could save it
        ("1.00", 1.0, True),
        ("0.00", 1.0, True),
        ("0.00", 10.2, False),
    ],
)
def test_a_digit_that_could_decide_is_too_coarse(
    register: str, reference_kWh: float, is_too_coarse: bool
) -> None:
    found = compared(register, 12_000, reference_kWh)
    assert found.is_too_coarse(minimum_energy_kWh("1", 2), 2.0) is is_too_coarse
