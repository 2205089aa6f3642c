"""The early stop: declared looks, their shared risk, and what simulated meters make of it."""

from __future__ import annotations

from math import inf
from statistics import NormalDist

import numpy as np
import pytest
from GTC.reporting import k_factor
from hypothesis import given
from hypothesis import strategies as st

from calibration.quantities import Outcome
from calibration.sequential import MOST_LOOKS, RISK_ONE_SIDE, early_decision, looks_s
from calibration.student_t import coverage_factor
from tests.benchmarks.sequential import saved_share, study, wrong_share


def test_looks_double_up_to_six_and_stay_within_the_longest_time() -> None:
    assert looks_s(10.0, 1e6) == (10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
    assert looks_s(10.0, 45.0) == (10.0, 20.0, 40.0)
    assert looks_s(10.0, 10.0) == (10.0,)
    assert looks_s(0.5, 1.5) == (0.5, 1.0)
    for first_s, longest_s in ((10.0, 9.0), (0.0, 9.0), (inf, inf), (float("nan"), 9.0)):
        with pytest.raises(
            ValueError,
            match=f"^the first look comes after {first_s:g} s, the longest time is {longest_s:g} s",
        ):
            looks_s(first_s, longest_s)


def test_six_looks_reach_2_67_standard_uncertainties() -> None:
    """2.67 is the figure of the declared rule for a well known u."""
    assert early_decision(1.0 - 2.68 * 0.1, 0.1, inf, 1.0, looks=6) is Outcome.PASS
    assert early_decision(-1.0 + 2.66 * 0.1, 0.1, inf, 1.0, looks=6) is None
    assert early_decision(-1.0 - 2.66 * 0.1, 0.1, inf, 1.0, looks=6) is None
    assert early_decision(1.0 + 2.68 * 0.1, 0.1, inf, 1.0, looks=6) is Outcome.FAIL


def test_a_hardly_known_uncertainty_reaches_further() -> None:
    """Student's t at the same tail, by an independent implementation."""
    k = k_factor(4.0, 100.0 * (1.0 - 2.0 * RISK_ONE_SIDE / 6))
    assert early_decision(1.0 - (k - 0.01) * 0.1, 0.1, 4.0, 1.0, looks=6) is None
    assert early_decision(1.0 - (k + 0.01) * 0.1, 0.1, 4.0, 1.0, looks=6) is Outcome.PASS
    assert k > 4.0


def test_one_look_alone_may_use_the_whole_risk() -> None:
    k = NormalDist().inv_cdf(1.0 - RISK_ONE_SIDE)
    assert early_decision(1.0 - (k + 0.01) * 0.1, 0.1, inf, 1.0, looks=1) is Outcome.PASS
    assert early_decision(1.0 - (k - 0.01) * 0.1, 0.1, inf, 1.0, looks=1) is None


@given(st.floats(-5, 5), st.floats(1e-3, 2), st.floats(0.1, 3))
def test_both_signs_are_treated_alike_and_less_uncertainty_never_decides_otherwise(
    error_pct: float, u_pct: float, mpe_pct: float
) -> None:
    early = early_decision(error_pct, u_pct, inf, mpe_pct, looks=6)
    assert early is early_decision(-error_pct, u_pct, inf, mpe_pct, looks=6)
    surer = early_decision(error_pct, 0.5 * u_pct, inf, mpe_pct, looks=6)
    assert early is None or surer is early


@pytest.mark.parametrize("correlation", [0.0, 0.7, 1.0])
def test_the_union_bound_holds_however_looks_correlate(correlation: float) -> None:
    """Numbers drawn at the limit: 20,000 meters, u halving in variance from look to look."""
    rng = np.random.default_rng(5)
    u = 0.1 * 2.0 ** (-0.5 * np.arange(MOST_LOOKS))
    common = rng.normal(size=(20_000, 1))
    own = rng.normal(size=(20_000, MOST_LOOKS))
    errors = 1.0 + u * (correlation**0.5 * common + (1 - correlation) ** 0.5 * own)
    passed = failed = 0
    for looks in errors:
        outcomes = [early_decision(y, s, inf, 1.0, looks=MOST_LOOKS) for y, s in zip(looks, u, strict=True)]
        first = next((o for o in outcomes if o is not None), None)
        passed += first is Outcome.PASS
        failed += first is Outcome.FAIL
    assert 0 < passed / 20_000 < RISK_ONE_SIDE * 1.1
    assert 0 < failed / 20_000 < RISK_ONE_SIDE * 1.1


@pytest.mark.parametrize(
    "figures", [(float("nan"), 0.1, inf, 1.0), (0.1, 0.0, inf, 1.0), (0.1, 0.1, inf, 0.0)]
)
def test_what_cannot_be_decided_on_is_refused(figures: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"^an early decision needs an error, an uncertainty above 0"):
        early_decision(*figures, looks=6)


@pytest.mark.parametrize(("looks", "risk"), [(0, 0.02), (6, 0.0), (6, 0.5), (6, 1.0)])
def test_a_risk_that_cannot_be_shared_is_refused(looks: int, risk: float) -> None:
    with pytest.raises(ValueError, match=f"^{looks} looks cannot share a risk of {risk}$"):
        early_decision(0.0, 0.1, inf, 1.0, looks=looks, risk_one_side=risk)


def test_the_limit_itself_passes_and_what_reaches_it_from_beyond_does_not_fail() -> None:
    """With u so small that it is lost beside the error, both ends are the limit itself."""
    assert early_decision(1.0, 1e-30, inf, 1.0, looks=1) is Outcome.PASS
    assert early_decision(-1.0, 1e-30, inf, 1.0, looks=1) is Outcome.PASS
    k = NormalDist().inv_cdf(1.0 - RISK_ONE_SIDE)
    reaches = 2.0 + coverage_factor(inf, 1.0 - 2.0 * RISK_ONE_SIDE)
    assert reaches == pytest.approx(2.0 + k)
    assert early_decision(reaches, 1.0, inf, reaches - (reaches - 2.0), looks=1) is None


def test_simulated_meters_at_the_limit_are_hardly_ever_decided_wrongly() -> None:
    courses = study(60, 20261, at_limit=True)
    # Of 60 with 2.275 % each: six or more would come to one seed in 400 even at the declared risk.
    assert wrong_share(courses, Outcome.PASS) <= 5 / 60
    assert wrong_share(courses, Outcome.FAIL) <= 5 / 60
    assert any(c.share_of_time == 1.0 for c in courses)


def test_simulated_meters_of_the_field_save_most_of_the_time() -> None:
    courses = study(40, 20262, at_limit=False)
    assert saved_share(courses) >= 0.6
    assert {c.early for c in courses} >= {Outcome.PASS}
