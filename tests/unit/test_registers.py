"""Register arithmetic of the meter constant test against the worked cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from calibration.registers import (
    Alone,
    RegisterComparison,
    class_pct,
    energy_of_small_step_kWh,
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
    with pytest.raises(ValueError, match=r"^the register went from 2 back to 1; give the readings in order$"):
        register_error_pct(Decimal(2), Decimal(1), 1.0)


@pytest.mark.parametrize(
    ("written", "pct"),
    [("2", "2"), ("0.5S", "0.5"), ("0.2S", "0.2"), ("A", "2"), ("B", "1"), ("C", "0.5"), ("D", "0.2")],
)
def test_classes_have_an_index(written: str, pct: str) -> None:
    assert class_pct(written) == Decimal(pct)


@pytest.mark.parametrize("written", ["", "0", "S", "good", "-1", "1S2", "nan"])
def test_what_is_no_class_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=f"^{written!r} is no accuracy class; write it like 1, 0.5S or B$"):
        class_pct(written)


def test_nonsense_is_refused() -> None:
    for decimals in (-1, 13):
        with pytest.raises(ValueError, match=f"^a register has 0 to 12 decimals, not {decimals}$"):
            last_digit_kWh(decimals)
    for constant, digits, multiplier in ((0.0, 10, 1.0), (1200.0, 0, 1.0), (1200.0, 10, 0.0)):
        with pytest.raises(
            ValueError, match=r"^the constant, the multiplier and the digits must be above 0$"
        ):
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
    for margin_pct in (100.0, -0.1):
        with pytest.raises(ValueError, match=f"^a margin is 0 to below 100 %, not {margin_pct}$"):
            energy_to_pass_kWh(least_kWh, decimals, margin_pct)


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


def test_the_last_digit_and_the_energy_to_pass_are_as_written_by_hand() -> None:
    assert [last_digit_kWh(decimals) for decimals in (0, 2, 12)] == [1, Decimal("0.01"), Decimal("1E-12")]
    # 10 kWh to be seen by a register that is 20 % slow: 12.5 kWh, and a digit at each end.
    assert energy_to_pass_kWh(Decimal(10), 2, 20.0) == Decimal("12.52")
    assert energy_to_pass_kWh(Decimal(10), 2, 0.0) == Decimal("10.02")


def test_the_part_of_the_class_that_a_digit_may_be_is_the_rule_sets() -> None:
    assert minimum_energy_kWh("1", 2, 20) == 20
    assert energy_of_small_step_kWh("0.5S", Decimal("0.001"), 10) == 2
    assert last_digit_is_small_enough("1", 2, Decimal(20), 20)
    assert not last_digit_is_small_enough("1", 2, Decimal("19.99"), 20)


def test_pulses_of_one_digit_are_counted_and_a_register_that_stands_still_is_no_fault_of_order() -> None:
    assert expected_pulses(1200.0, 1, 0) == 1200.0
    assert expected_pulses(0.5, 2, 1, 0.5) == pytest.approx(0.05)
    assert register_error_pct(Decimal(2), Decimal(2), 1.0) == -100.0


@pytest.mark.parametrize(
    ("register", "pulses", "alone"),
    [
        ("10.00", 12_012, Alone.NOBODY),
        ("10.00", 12_014, Alone.PULSES),  # 0.0117 kWh apart: more than a digit and a pulse, 0.0108 kWh
        ("10.11", 12_300, Alone.PULSES),  # the register is 1.1 % fast, which is still borne out
        ("10.12", 11_868, Alone.REGISTER),  # the pulses 1.1 % slow
    ],
)
def test_what_bears_the_reference_out_does_so_up_to_its_tolerance(
    register: str, pulses: int, alone: Alone
) -> None:
    assert compared(register, pulses).alone(1.1000001, 1.1000001) is alone


def test_the_rows_of_a_comparison_say_what_they_are() -> None:
    found = compared("10.05", 12_012)
    by_register, by_pulses = found.register_uncertainty(()), found.pulses_uncertainty(())
    assert by_register.degrees_of_freedom == by_pulses.degrees_of_freedom == float("inf")
    assert by_register.expanded_uncertainty == pytest.approx(2.0 * ((0.1**2 + 1e-4**2) / 6) ** 0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("register", "reference_kWh", "is_too_coarse"),
    [
        ("10.00", 9.0, False),
        ("9.99", 10.0, True),
        ("9.80", 10.0, True),
        ("9.79", 10.0, False),
        ("9.50", 9.9, True),
    ],
)
def test_the_ends_of_what_is_too_coarse_are_included(
    register: str, reference_kWh: float, is_too_coarse: bool
) -> None:
    """Least 10 kWh, margin 2 %: a register that is 2 % slow itself may still be a digit's fault."""
    assert compared(register, 12_000, reference_kWh).is_too_coarse(Decimal(10), 2.0) is is_too_coarse


def test_register_and_pulses_may_differ_by_a_digit_and_a_pulse_and_by_no_more() -> None:
    # 0.00167 kWh apart; a digit is 0.0001, a pulse 0.00083 kWh
    assert compared("10.0000", 12_002, decimals=4).alone(1.0, 1.0) is Alone.PULSES
    # a digit of 1 kWh and a pulse of 1 kWh, exactly
    assert RegisterComparison(Decimal(10), 0, 12, 1.0, 10.0, 1e-5).alone(0.0, 0.0) is Alone.NOBODY


def test_who_agrees_with_the_reference_to_the_last_bit_bears_it_out_at_a_tolerance_of_nothing() -> None:
    assert RegisterComparison(Decimal(10), 0, 20, 1.0, 10.0, 1e-5).alone(0.0, 0.0) is Alone.PULSES
    assert RegisterComparison(Decimal(20), 0, 10, 1.0, 10.0, 1e-5).alone(0.0, 0.0) is Alone.REGISTER


def test_a_register_that_is_slow_by_the_margin_itself_may_still_be_a_digits_fault() -> None:
    halved = RegisterComparison(Decimal(8), 0, 16, 1.0, 16.0, 1e-5)
    assert halved.is_too_coarse(Decimal(10), 50.0)
    assert not halved.is_too_coarse(Decimal(10), 49.9)
