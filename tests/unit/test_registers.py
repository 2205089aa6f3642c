"""Register arithmetic of the meter constant test against the worked cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from calibration.registers import (
    class_pct,
    expected_pulses,
    last_digit_is_small_enough,
    last_digit_kWh,
    minimum_energy_kWh,
    register_error_pct,
)
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
