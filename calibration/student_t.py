"""Quantiles of Student's t distribution, so that a coverage factor needs nothing but the standard library.

The probability that |t| stays below a value is a regularised incomplete beta function,

    P(|T| <= t) = 1 - I_x(nu/2, 1/2),   x = nu/(nu + t^2),

which has a continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22) that converges
quickly on the side where x < (a + 1)/(a + b + 2); on the other side I_x(a, b) = 1 - I_(1-x)(b, a) is used.
The quantile is then found by bisection: slow, and impossible to get wrong.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, isinf, lgamma, log, log1p
from statistics import NormalDist

_TINY = 1e-300
_RELATIVE_END = 1e-16
_MAX_TERMS = 10_000
AS_GOOD_AS_INFINITE = 1e5
"""With more degrees of freedom than these the normal distribution is meant (k differs by 0.00003)."""


def regularised_incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b) for a, b > 0 and 0 <= x <= 1 (DLMF 8.17.2).

    Errors: ValueError for another x; ArithmeticError where a and b are so large that the fraction has no end in sight.
    """
    if not 0.0 <= x <= 1.0:
        raise ValueError(f"x must lie in 0 to 1, not {x}")
    if x in (0.0, 1.0):
        return x
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front / (a * _continued_fraction(a, b, x))
    return 1.0 - front / (b * _continued_fraction(b, a, 1.0 - x))


def _continued_fraction(a: float, b: float, x: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), evaluated forwards as a product of ratios (modified Lentz)."""
    value, upper, lower = 1.0, 1.0, 0.0
    for k in range(1, _MAX_TERMS):
        m = k // 2
        if k % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1.0 / (1.0 + d * lower or _TINY)
        upper = 1.0 + d / upper or _TINY
        ratio = upper * lower
        value *= ratio
        if abs(ratio - 1.0) < _RELATIVE_END:
            return value
    raise ArithmeticError(f"incomplete beta did not converge for a = {a}, b = {b}, x = {x}")


def _within(t: float, degrees_of_freedom: float) -> float:
    """P(|T| <= t)."""
    # Below one degree of freedom from the far tail: there x is so close to 1 that all is lost. From one on the records
    # that a replay compares have the digits of this side.
    square, half = t * t, 0.5 * degrees_of_freedom
    if degrees_of_freedom < 1.0 and square > degrees_of_freedom:
        beyond = degrees_of_freedom / (degrees_of_freedom + square)
        return 1.0 - regularised_incomplete_beta(half, 0.5, beyond)
    return regularised_incomplete_beta(0.5, half, square / (degrees_of_freedom + square))


def coverage_factor(degrees_of_freedom: float, coverage_probability: float) -> float:
    """k such that |T| <= k with the given probability (two sided); infinite degrees of freedom: normal (GUM G.3.2).

    Errors: ValueError for a probability outside 0 to 1, degrees of freedom that are not above 0, or so few of them
    (below 0.0087 at 95.45 %) that k squared is no number.
    """
    if not 0.0 < coverage_probability < 1.0:
        raise ValueError(f"a coverage probability lies between 0 and 1, not {coverage_probability}")
    if not degrees_of_freedom > 0.0:
        raise ValueError(f"degrees of freedom must be positive, not {degrees_of_freedom}")
    return _remembered_quantile(degrees_of_freedom, coverage_probability)


def _quantile(degrees_of_freedom: float, coverage_probability: float) -> float:
    """`coverage_factor` for arguments that have been looked at."""
    normal = NormalDist().inv_cdf(0.5 * (1.0 + coverage_probability))
    if degrees_of_freedom > AS_GOOD_AS_INFINITE:
        return normal
    low, high = 0.0, 2.0 * normal
    while _within(high, degrees_of_freedom) < coverage_probability:
        low, high = high, 2.0 * high
    if isinf(high * high):
        raise ValueError(f"{degrees_of_freedom} degrees of freedom are too few for a coverage factor")
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return middle
        if _within(middle, degrees_of_freedom) < coverage_probability:
            low = middle
        else:
            high = middle


_remembered_quantile = lru_cache(maxsize=1024)(_quantile)
"""A bisection takes two milliseconds, and the budgets of a bench have the same degrees of freedom again and again."""
