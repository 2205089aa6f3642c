"""Figures as they are printed: ILAC-P14:09/2020 and GUM 7.2.6, worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.certificate.printed_figures import printed_limit, printed_probability, printed_uncertainty


@pytest.mark.parametrize(
    ("U", "smallest", "printed", "k"),
    [
        ("0.085236", "0", "0.085", "2.13"),
        ("0.085500", "0", "0.086", "2.13"),  # halves to even: 0.0855 is as far from 0.085 as from 0.086
        ("0.084500", "0", "0.084", "2.13"),
        ("0.099600", "0", "0.10", "2.13"),  # two significant digits, not 0.100
        ("0.994", "0", "0.99", "2.13"),
        ("0.996", "0", "1.0", "2.13"),
        ("1.234567", "0", "1.2", "2.13"),
        ("12.345", "0", "12", "2.13"),
        ("123.45", "0", "120", "2.13"),
        ("0.000012", "0", "0.000012", "2.13"),
        ("0.000001", "0", "0.000001", "2.13"),  # records hold no more
        ("0.031", "0.05", "0.050", "2.00"),  # the CMC instead, at its own k
        ("0.0512", "0.0512", "0.052", "2.13"),  # 0.051 would be below the CMC: up
        ("0.0514", "0.0510", "0.051", "2.13"),  # and not up where it is not
        ("0.001", "0.0996", "0.10", "2.00"),
    ],
)
def test_an_uncertainty_has_two_significant_digits_and_is_never_below_the_smallest(
    U: str, smallest: str, printed: str, k: str
) -> None:
    found = printed_uncertainty(Decimal(U), Decimal("2.13"), Decimal(smallest))
    assert (found.expanded, found.coverage_factor) == (printed, k)


@pytest.mark.parametrize(
    ("U", "value", "printed"),
    [
        ("0.085236", "0.356639", "+0.357"),
        ("0.085236", "-0.3565", "-0.356"),
        ("0.085236", "0.3575", "+0.358"),
        ("0.996", "0.25", "+0.2"),
        ("0.996", "0.35", "+0.4"),
        ("0.085236", "0.0001", "0.000"),
        ("0.085236", "-0.0001", "-0.000"),
        ("12.3", "-45.5", "-46"),
        ("123.4", "118", "+120"),  # never +1.2E+2
        ("123.4", "-1234.5", "-1230"),
        ("123.4", "3", "0"),
    ],
)
def test_a_value_ends_where_its_uncertainty_does(U: str, value: str, printed: str) -> None:
    assert printed_uncertainty(Decimal(U), Decimal(2), Decimal(0)).value(Decimal(value)) == printed


@pytest.mark.parametrize(
    ("limit", "printed"), [("1.000000", "1.0"), ("0.250000", "0.25"), ("10.000000", "10.0"), ("2.5", "2.5")]
)
def test_a_limit_has_the_decimals_of_its_rule(limit: str, printed: str) -> None:
    assert printed_limit(Decimal(limit)) == printed


@pytest.mark.parametrize(
    ("probability", "printed"),
    [("0.999999", "0.9999"), ("1.000000", "0.9999"), ("0.977250", "0.9772"), ("0.000004", "0.0000")],
)
def test_a_probability_is_cut_off_and_never_certainty(probability: str, printed: str) -> None:
    assert printed_probability(Decimal(probability)) == printed
