"""Global risks against closed forms, an independent quadrature and simulated meters."""

from __future__ import annotations

from math import atan2, erf, exp, inf, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.risk import global_risk


def by_simpson(M: float, S: float, u: float, limit: float, acceptance: float) -> tuple[float, float]:
    """The double integral over y and x on a fine grid, over y analytically."""

    def cdf(z: float) -> float:
        return 0.5 * (1.0 + erf(z / sqrt(2.0)))

    def integral(low: float, high: float, accept: bool) -> float:
        if high <= low:
            return 0.0
        n = 20_000
        h = (high - low) / n
        total = 0.0
        for i in range(n + 1):
            x = low + i * h
            p = cdf((acceptance - x) / u) - cdf((-acceptance - x) / u)
            f = exp(-0.5 * ((x - M) / S) ** 2) / (S * sqrt(2.0 * pi)) * (p if accept else 1.0 - p)
            total += f * (1.0 if i in (0, n) else 4.0 if i % 2 else 2.0)
        return total * h / 3.0

    ends = (M - 9.0 * S, M + 9.0 * S)
    consumer = integral(max(limit, ends[0]), ends[1], True) + integral(ends[0], min(-limit, ends[1]), True)
    return consumer, integral(max(-limit, ends[0]), min(limit, ends[1]), False)


@pytest.mark.parametrize(
    "case",
    [
        (0.0, 0.5, 0.1, 1.0, 1.0),
        (0.2, 0.35, 0.05, 1.0, 0.9),
        (-0.9, 0.3, 0.2, 1.0, 1.2),
        (0.0, 1.0, 1.0, 1.0, 0.5),
    ],
)
def test_an_independent_quadrature_gives_the_same(case: tuple[float, float, float, float, float]) -> None:
    found = global_risk(*case)
    assert (found.consumer, found.producer) == pytest.approx(by_simpson(*case), abs=1e-9)


def test_simulated_meters_come_to_the_same_shares() -> None:
    rng = np.random.default_rng(3)
    n = 2_000_000
    x = rng.normal(-0.1, 0.5, n)
    accepted = np.abs(x + rng.normal(0.0, 0.1, n)) <= 0.95
    found = global_risk(-0.1, 0.5, 0.1, 1.0, 0.95)
    assert found.consumer == pytest.approx(np.mean(accepted & (np.abs(x) > 1.0)), abs=2e-4)
    assert found.producer == pytest.approx(np.mean(~accepted & (np.abs(x) <= 1.0)), abs=4e-4)


@pytest.mark.parametrize("ratio", [0.01, 0.3, 1.0, 5.0])
def test_meters_spread_around_the_limit_follow_the_orthant_probability(ratio: float) -> None:
    """One limit in reach, prior mean on it: P(x > L, y <= L) = atan(u/S)/(2 pi) (Sheppard)."""
    S = 1e-3
    found = global_risk(1.0, S, ratio * S, 1.0, 1.0)
    expected = atan2(ratio, 1.0) / (2.0 * pi)
    assert (found.consumer, found.producer) == pytest.approx((expected, expected), rel=1e-9)


def test_a_nearly_perfect_measurement_is_nearly_without_risk() -> None:
    found = global_risk(0.0, 0.5, 1e-9, 1.0, 1.0)
    assert max(found.consumer, found.producer) < 1e-8


def test_accepting_nothing_and_everything() -> None:
    inside = erf(1.0 / 0.5 / sqrt(2.0))
    nothing = global_risk(0.0, 0.5, 0.1, 1.0, -0.2)
    assert (nothing.consumer, nothing.producer) == (0.0, pytest.approx(inside, rel=1e-12))
    everything = global_risk(0.0, 0.5, 0.1, 1.0, 100.0)
    assert (everything.consumer, everything.producer) == (
        pytest.approx(1 - inside, rel=1e-9),
        pytest.approx(0.0),
    )


@given(
    st.floats(-3, 3),
    st.floats(1e-3, 3),
    st.floats(1e-4, 3),
    st.floats(0.1, 3),
    st.floats(0.05, 3),
    st.floats(0, 1),
)
def test_a_stricter_acceptance_limit_moves_risk_from_consumer_to_producer(
    M: float, S: float, u: float, limit: float, acceptance: float, stricter: float
) -> None:
    wide, narrow = global_risk(M, S, u, limit, acceptance), global_risk(M, S, u, limit, acceptance * stricter)
    assert 0.0 <= narrow.consumer <= wide.consumer + 1e-12
    assert 0.0 <= wide.producer <= narrow.producer + 1e-12 <= 1.0 + 1e-9
    mirrored = global_risk(-M, S, u, limit, acceptance)
    assert (mirrored.consumer, mirrored.producer) == pytest.approx((wide.consumer, wide.producer), abs=1e-12)


@pytest.mark.parametrize("case", [(0, 0, 1, 1, 1), (0, 1, 0, 1, 1), (0, 1, 1, 0, 1), (0, 1, 1, 1, inf)])
def test_what_is_no_spread_is_refused(case: tuple[float, float, float, float, float]) -> None:
    with pytest.raises(
        ValueError,
        match=r"^the prior's spread, .* must be numbers above 0$",
    ):
        global_risk(*case)
