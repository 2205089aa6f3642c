"""Coverage factors against published tables and an independent implementation."""

from __future__ import annotations

from math import exp, inf, lgamma, log, pi, tan

import pytest
from GTC.reporting import k_factor
from hypothesis import given
from hypothesis import strategies as st

from calibration.student_t import AS_GOOD_AS_INFINITE, coverage_factor, regularised_incomplete_beta

# JCGM 100:2008 (GUM), table G.2: degrees of freedom -> t at 95 %, 95.45 %, 99 %, 99.73 %.
GUM_G2 = {
    1: (12.71, 13.97, 63.66, 235.80),
    2: (4.30, 4.53, 9.92, 19.21),
    3: (3.18, 3.31, 5.84, 9.22),
    4: (2.78, 2.87, 4.60, 6.62),
    5: (2.57, 2.65, 4.03, 5.51),
    8: (2.31, 2.37, 3.36, 4.28),
    10: (2.23, 2.28, 3.17, 3.96),
    16: (2.12, 2.17, 2.92, 3.54),
    20: (2.09, 2.13, 2.85, 3.42),
    50: (2.01, 2.05, 2.68, 3.16),
    100: (1.984, 2.025, 2.626, 3.077),
    inf: (1.960, 2.000, 2.576, 3.000),
}


@pytest.mark.parametrize("degrees_of_freedom", GUM_G2)
def test_coverage_factors_are_those_of_the_gum_table(degrees_of_freedom: float) -> None:
    # The table's 95.45 % and 99.73 % stand for 2 and 3 sigma.
    for probability, printed in zip(
        (0.95, 0.954499736, 0.99, 0.997300204), GUM_G2[degrees_of_freedom], strict=True
    ):
        digits = 3 if degrees_of_freedom >= 100 else 2
        assert coverage_factor(degrees_of_freedom, probability) == pytest.approx(
            printed, abs=0.51 * 10.0**-digits
        )


@given(st.floats(1.0, 1e6), st.floats(0.5, 0.999))
def test_coverage_factors_agree_with_gtc(degrees_of_freedom: float, probability: float) -> None:
    independent = k_factor(degrees_of_freedom, 100.0 * probability)
    assert coverage_factor(degrees_of_freedom, probability) == pytest.approx(independent, rel=1e-9)


@pytest.mark.parametrize("degrees_of_freedom", [0.01, 0.05, 0.1, 0.2])
def test_below_one_degree_of_freedom_the_factor_is_that_of_the_far_tail(degrees_of_freedom: float) -> None:
    """P(|T| > k) = 2 Gamma((nu + 1)/2)/(sqrt(pi) Gamma(nu/2)) nu^(nu/2 - 1) k^-nu far out, by its density."""
    nu = degrees_of_freedom
    logarithm = (
        lgamma((nu + 1.0) / 2.0) - lgamma(nu / 2.0) + log(2.0) + (nu / 2.0 - 1.0) * log(nu) - log(pi) / 2.0
    )
    far = exp((logarithm - log(0.0455)) / nu)
    assert coverage_factor(nu, 0.9545) == pytest.approx(far, rel=1e-9)


@pytest.mark.parametrize("probability", [0.5, 0.9, 0.9545, 0.999])
def test_one_degree_of_freedom_is_the_cauchy_distribution(probability: float) -> None:
    assert coverage_factor(1.0, probability) == pytest.approx(tan(pi * probability / 2.0), rel=1e-9)


def test_fewer_degrees_of_freedom_than_a_factor_can_be_given_for_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^0\.008 degrees of freedom are too few for a coverage factor$"):
        coverage_factor(0.008, 0.9545)


@given(st.floats(0.5, 50.0), st.floats(0.5, 50.0), st.integers(0, 1024))
def test_incomplete_beta_is_symmetric(a: float, b: float, numerator: int) -> None:
    x = numerator / 1024  # so that 1 - x is exact
    # I_x(a, b) = 1 - I_(1-x)(b, a), across the side on which the continued fraction is used.
    assert regularised_incomplete_beta(a, b, x) == pytest.approx(
        1.0 - regularised_incomplete_beta(b, a, 1.0 - x), abs=1e-12
    )


@given(st.floats(0.0, 1.0))
def test_incomplete_beta_has_its_closed_forms(x: float) -> None:
    assert regularised_incomplete_beta(1.0, 1.0, x) == pytest.approx(x, abs=1e-14)
    assert regularised_incomplete_beta(2.0, 1.0, x) == pytest.approx(x * x, abs=1e-14)


def test_many_degrees_of_freedom_are_as_good_as_infinite() -> None:
    just_finite = coverage_factor(AS_GOOD_AS_INFINITE, 0.9545)
    assert just_finite == pytest.approx(coverage_factor(inf, 0.9545), abs=3e-5)


@pytest.mark.parametrize(
    ("degrees_of_freedom", "probability", "said"),
    [
        (0.0, 0.95, "^degrees of freedom must be positive, not 0.0$"),
        (-1.0, 0.95, "^degrees of freedom must be positive, not -1.0$"),
        (5.0, 1.0, "^a coverage probability lies between 0 and 1, not 1.0$"),
        (5.0, 0.0, "^a coverage probability lies between 0 and 1, not 0.0$"),
    ],
)
def test_impossible_coverage_is_refused(degrees_of_freedom: float, probability: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        coverage_factor(degrees_of_freedom, probability)


def test_what_the_fraction_cannot_give_is_refused_and_no_number() -> None:
    for x in (-0.001, 1.001, float("nan")):
        with pytest.raises(ValueError, match=f"^x must lie in 0 to 1, not {x}$"):
            regularised_incomplete_beta(1.0, 1.0, x)
    with pytest.raises(
        ArithmeticError,
        match=r"^incomplete beta did not converge for a = 10000000000.0, b = 10000000000.0, x = 0.5$",
    ):
        regularised_incomplete_beta(1e10, 1e10, 0.5)
