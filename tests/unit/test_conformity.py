"""Rounding and decisions against worked cases, and what an uncertainty makes of them."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal, localcontext
from math import inf, nan, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.conformity import (
    DecisionRule,
    decide_value,
    largest_passing_pct,
    probability_of_conformity,
    round_to_step,
    signed_text,
)
from calibration.quantities import Outcome
from calibration.reasons import Reason
from tests.unit.worked_cases import items

STEPS = ("0.02", "0.05", "0.1", "0.2", "0.01", "0.04")


def outcome_of(error_pct: float, mpe_pct: float, rule: DecisionRule, step: str | None = None) -> str:
    """In words, of an error with u = 0.05 and U = 0.1."""
    found = decide_value(error_pct, 0.05, 0.1, mpe_pct, rule, None if step is None else Decimal(step))
    return f"{'conditional ' if found.conditional else ''}{found.outcome.lower()}"


@pytest.mark.parametrize(("given_", "expected"), [*items("C01"), *items("C03"), *items("C05")])
def test_rounding_agrees_with_the_worked_cases(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    assert signed_text(round_to_step(given_["value"], given_["step"])) == expected["rounded"]


@pytest.mark.parametrize(("given_", "expected"), items("C06"))
def test_rounding_of_means_and_the_verdict_on_them(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    rounded = round_to_step(float(given_["mean"]), given_["step"])
    assert signed_text(rounded) == expected["rounded"]
    mean, limit = float(given_["mean"]), float(given_["limit"])
    assert outcome_of(mean, limit, DecisionRule.SIMPLE) == expected["verdict_if_unrounded"]
    assert outcome_of(mean, limit, DecisionRule.REGULATION, given_["step"]) == expected["verdict"]


def test_a_float_is_rounded_as_the_decimal_it_prints_as() -> None:
    # 0.15/0.1 is 1.4999999999999998 in binary; half to even gives two steps.
    assert round_to_step(0.15, "0.1") == Decimal("0.2")
    assert round_to_step(0.35, "0.1") == Decimal("0.4")
    assert round_to_step(-0.25, "0.1") == Decimal("-0.2")


@pytest.mark.parametrize(
    ("mpe_pct", "step", "end_pct"),
    [(1.0, "0.1", 1.05), (1.5, "0.1", 1.55), (2.0, "0.2", 2.1), (2.5, "0.2", 2.5), (0.2, "0.02", 0.21)],
)
def test_where_an_error_still_rounds_to_within_the_limit(mpe_pct: float, step: str, end_pct: float) -> None:
    """2.5 % is no whole number of steps of 0.2 %: half a step beyond it, 2.6 %, fails."""
    assert largest_passing_pct(mpe_pct, Decimal(step)) == pytest.approx(end_pct, abs=1e-12)


@given(st.decimals("0.1", 5, places=2), st.sampled_from(STEPS))
def test_the_largest_error_that_passes_is_the_largest(mpe: Decimal, step: str) -> None:
    end_pct = largest_passing_pct(float(mpe), Decimal(step))
    assert outcome_of(end_pct, float(mpe), DecisionRule.REGULATION, step) == "pass"
    beyond_pct = nextafter(end_pct, inf)
    assert outcome_of(beyond_pct, float(mpe), DecisionRule.REGULATION, step) == "fail"


def test_a_negative_error_that_rounds_to_nothing_keeps_its_sign() -> None:
    assert signed_text(round_to_step("-0.04", "0.1")) == "-0.0"
    assert signed_text(round_to_step("0.04", "0.1")) == "0.0"


@given(st.decimals(-50, 50, allow_nan=False, places=7), st.sampled_from(STEPS))
def test_rounding_gives_whole_steps_within_half_a_step_and_is_symmetric(value: Decimal, step: str) -> None:
    rounded = round_to_step(value, step)
    assert rounded % Decimal(step) == 0
    assert abs(rounded - value) <= Decimal(step) / 2
    assert round_to_step(-value, step) == -rounded
    assert round_to_step(rounded, step) == rounded
    assert rounded.as_tuple().exponent == Decimal(step).as_tuple().exponent


@pytest.mark.parametrize(("value", "step"), [("NaN", "0.1"), ("Infinity", "0.1"), ("1", "0"), ("1", "-0.1")])
def test_what_cannot_be_rounded_is_refused(value: str, step: str) -> None:
    with pytest.raises(ValueError, match="cannot be rounded"):
        round_to_step(value, step)


@pytest.mark.parametrize(
    ("error_pct", "simple", "guarded", "four_way"),
    [
        (0.0, "pass", "pass", "pass"),
        (0.9, "pass", "pass", "pass"),
        (-0.9, "pass", "pass", "pass"),
        (0.9001, "pass", "fail", "conditional pass"),
        (-1.0, "pass", "fail", "conditional pass"),
        (1.0001, "fail", "fail", "conditional fail"),
        (-1.1, "fail", "fail", "conditional fail"),
        (1.1001, "fail", "fail", "fail"),
    ],
)
def test_each_rule_includes_its_limits_and_knows_both_signs(
    error_pct: float, simple: str, guarded: str, four_way: str
) -> None:
    assert outcome_of(error_pct, 1.0, DecisionRule.SIMPLE) == simple
    assert outcome_of(error_pct, 1.0, DecisionRule.GUARDED) == guarded
    assert outcome_of(error_pct, 1.0, DecisionRule.FOUR_WAY) == four_way


@pytest.mark.parametrize(("given_", "expected"), items("C19"))
def test_probabilities_and_acceptance_limits_agree_with_the_worked_cases(
    given_: dict[str, Any], expected: dict[str, Any]
) -> None:
    y, u, limit = given_["y"], given_["u"], given_["limit"]
    found = decide_value(y, u, 2 * u, limit, DecisionRule.FOUR_WAY)
    assert found.probability_of_conformity == pytest.approx(expected["pc"], abs=5e-6)
    assert found.acceptance_limit_pct == pytest.approx(expected["AL_w_eq_U"])
    words = f"{'conditional ' if found.conditional else ''}{found.outcome.lower()}"
    assert words == expected["nonbinary_w_eq_U"].lower()


def test_a_limit_less_a_guard_band_is_met_as_it_is_written() -> None:
    # 1 - 0.8 is 0.19999999999999996 in binary.
    assert decide_value(0.2, 0.4, 0.8, 1.0, DecisionRule.GUARDED).outcome is Outcome.PASS


@pytest.mark.parametrize(("U_pct", "told"), [(0.99, False), (1.0, True), (1.5, True)])
def test_a_guard_band_that_swallows_the_limit_is_told_and_passes_nothing(U_pct: float, told: bool) -> None:
    found = decide_value(0.001, U_pct / 2, U_pct, 1.0, DecisionRule.GUARDED)
    assert [f.reason for f in found.findings] == ([Reason.GUARD_BAND_TOO_WIDE] if told else [])
    assert (found.outcome is Outcome.FAIL) == told
    assert (found.acceptance_limit_pct <= 0.0) == told
    assert decide_value(0.001, U_pct / 2, U_pct, 1.0, DecisionRule.FOUR_WAY).findings == ()


@given(st.floats(-5, 5), st.floats(0, 3), st.floats(0.01, 3))
def test_the_probability_is_that_of_a_normal_spread_and_has_no_side(y: float, u: float, limit: float) -> None:
    p = probability_of_conformity(y, u, limit)
    assert 0.0 <= p <= 1.0
    assert p == probability_of_conformity(-y, u, limit)
    assert p <= probability_of_conformity(y, u, 1.1 * limit) + 1e-12


def test_the_probability_of_a_far_error_keeps_its_digits() -> None:
    # Phi(-10) = 7.619853024160527e-24 (tables); 1 - Phi(10) would be nothing.
    assert probability_of_conformity(2.0, 0.1, 1.0) == pytest.approx(7.619853024160527e-24, rel=1e-9)
    assert probability_of_conformity(1.0, 0.0, 1.0) == 1.0
    assert probability_of_conformity(1.0001, 0.0, 1.0) == 0.0


@given(st.floats(-3, 3), st.floats(0.001, 0.4), st.floats(0.5, 3))
def test_a_guarded_pass_is_a_four_way_pass_is_a_simple_pass(y: float, u: float, limit: float) -> None:
    simple, guarded, four_way = (
        decide_value(y, u, 2 * u, limit, rule)
        for rule in (DecisionRule.SIMPLE, DecisionRule.GUARDED, DecisionRule.FOUR_WAY)
    )
    assert four_way.outcome is simple.outcome
    assert (guarded.outcome is Outcome.PASS) == (
        four_way.outcome is Outcome.PASS and not four_way.conditional
    )
    if guarded.outcome is Outcome.PASS:
        # 2.275 % on either side; both count only where the guard band leaves nothing between them.
        assert guarded.probability_of_conformity > 0.9544


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((nan, 0.1, 0.2, 1.0, "simple"), "^the error is nan"),
        ((1.0, nan, 0.2, 1.0, "simple"), "^the standard uncertainty is nan"),
        ((1.0, 0.1, nan, 1.0, "simple"), "^the expanded uncertainty is nan"),
        ((1.0, 0.1, 0.2, inf, "simple"), "^the limit is inf"),
        ((1.0, 0.1, 0.2, 0.0, "simple"), "^a limit must be above 0"),
        ((1.0, -0.1, 0.2, 1.0, "simple"), "^a limit must be above 0"),
        ((1.0, 0.1, -0.2, 1.0, "simple"), "^a limit must be above 0"),
        ((1.0, 0.1, 0.2, 1.0, "regulation"), "give the rounding step$"),
        ((1.0, 0.1, 0.2, 1.0, "lenient"), "is not a valid"),
    ],
)
def test_what_cannot_be_decided_is_a_defect_and_not_a_verdict(
    figures: tuple[float, float, float, float, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        decide_value(*figures)


def test_a_limit_that_is_no_number_has_no_largest_error() -> None:
    with pytest.raises(ValueError, match=r"^the limit is nan"):
        largest_passing_pct(nan, Decimal("0.1"))


def test_halves_go_to_even_whatever_the_caller_rounds_to_otherwise() -> None:
    with localcontext() as context:
        context.rounding = ROUND_UP
        assert round_to_step("0.25", "0.1") == Decimal("0.2")
        assert round_to_step("0.21", "0.1") == Decimal("0.2")


def test_a_limit_is_met_without_any_uncertainty() -> None:
    found = decide_value(-1.0, 0.0, 0.0, 1.0, DecisionRule.GUARDED)
    assert (found.outcome, found.acceptance_limit_pct, found.probability_of_conformity) == (
        Outcome.PASS,
        1.0,
        1.0,
    )


def test_the_rounded_error_is_told_by_the_rule_that_judges_it_and_by_no_other() -> None:
    by_regulation = decide_value(1.04, 0.05, 0.1, 1.0, DecisionRule.REGULATION, Decimal("0.1"))
    assert (by_regulation.rounded, by_regulation.outcome) == (Decimal("1.0"), Outcome.PASS)
    assert decide_value(1.04, 0.05, 0.1, 1.0, DecisionRule.SIMPLE, Decimal("0.1")).rounded is None


def test_a_guard_band_that_is_too_wide_says_how_wide() -> None:
    (finding,) = decide_value(0.0, 0.75, 1.5, 1.0, DecisionRule.GUARDED).findings
    assert finding.values == {"U": "1.500", "limit": "1"}


@pytest.mark.parametrize(
    ("limits_in_u", "probability"), [(1.0, 0.682689492), (2.0, 0.954499736), (3.0, 0.997300204)]
)
def test_an_error_of_nothing_conforms_with_the_shares_of_the_normal_distribution(
    limits_in_u: float, probability: float
) -> None:
    """GUM table G.1: both tails are outside."""
    assert probability_of_conformity(0.0, 0.1, 0.1 * limits_in_u) == pytest.approx(probability, abs=1e-9)
