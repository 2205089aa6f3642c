from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import numbers


@pytest.mark.parametrize(
    ("uncertainty", "decimals"),
    [
        ("0.1612", 2),
        ("0.0743", 3),
        ("0.0996", 2),
        ("0.995", 1),
        ("1.5", 1),
        ("12.4", 0),
        ("0", 2),
        ("1E-9", 6),
    ],
)
def test_the_uncertainty_gets_two_significant_digits(uncertainty: str, decimals: int) -> None:
    assert numbers.decimals_for(uncertainty) == decimals


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        ("0.3148", 2, "+0.31"),
        ("-0.2000", 2, "−0.20"),
        ("0.000", 2, "+0.00"),
        ("-0.001", 2, "−0.00"),
        ("1E+1", 1, "+10"),
        ("+1.38", 3, "+1.38"),
    ],
)
def test_an_error_always_has_its_sign_and_a_true_minus(value: str, decimals: int, written: str) -> None:
    assert numbers.signed(value, decimals) == written


@pytest.mark.parametrize(
    ("figure", "written"), [("-0.5", "−0.5"), ("+0.5", "+0.5"), ("-1e-05", "−1e−05"), ("2", "2")]
)
def test_a_figure_has_a_true_minus(figure: str, written: str) -> None:
    assert numbers.with_minus(figure) == written


@given(st.decimals(min_value=-99, max_value=99, places=6), st.integers(0, 6))
def test_writing_an_error_moves_it_by_half_a_digit_at_most(value: Decimal, decimals: int) -> None:
    written = Decimal(numbers.signed(str(value), decimals).replace("−", "-"))
    assert abs(written - value) <= Decimal("0.5").scaleb(-decimals)


@pytest.mark.parametrize(
    ("value", "error_decimals", "written"),
    [
        ("22.5000", 1, "22.50"),
        ("22.4294", 1, "22.43"),
        ("22.4294", 2, "22.429"),
        ("0.83333", 1, "0.8333"),
        ("1234.5", 3, "1234.5"),
    ],
)
def test_an_energy_has_the_digits_that_show_the_error(value: str, error_decimals: int, written: str) -> None:
    assert numbers.energy(value, error_decimals) == written


@pytest.mark.parametrize(
    ("value", "written"), [("1", "1.0"), ("1.0", "1.0"), ("0.25", "0.25"), ("10", "10.0")]
)
def test_a_limit_is_written_as_rule_sets_print_it(value: str, written: str) -> None:
    assert numbers.limit(value) == written


def test_a_space_that_does_not_break_stands_before_the_per_cent_sign() -> None:
    assert numbers.percent("+0.31") == "+0.31\N{NO-BREAK SPACE}%"


def test_money_is_written_as_its_language_does() -> None:
    space = numbers.SPACE
    assert numbers.money("60.00", "CNY", "zh") == f"60.00{space}元"
    assert numbers.money("60.00", "CNY", "en") == f"CNY{space}60.00"
    assert numbers.money("0.3", "EUR", "zh", per="kWh") == f"EUR{space}0.3/kWh"
