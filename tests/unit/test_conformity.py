"""Rounding and verdicts against worked cases, and what must never become a FAIL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.conformity import DecisionRule, decide, round_to_step, signed_text
from calibration.quantities import ErrorResult, Finding, Outcome
from calibration.reasons import Reason
from tests.unit.worked_cases import items

STEPS = ("0.02", "0.05", "0.1", "0.2", "0.01", "0.04")


def result(error_pct: float | None, *findings: Finding) -> ErrorResult:
    if error_pct is None:
        return ErrorResult.refused("Ib 1.0", None, findings)
    return ErrorResult("Ib 1.0", None, "fused", 1, percentage_error_pct=error_pct, findings=findings)


@pytest.mark.parametrize(("given_", "expected"), [*items("C01"), *items("C03"), *items("C05")])
def test_rounding_agrees_with_the_worked_cases(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    assert signed_text(round_to_step(given_["value"], given_["step"])) == expected["rounded"]


@pytest.mark.parametrize(("given_", "expected"), items("C06"))
def test_rounding_of_means_and_the_verdict_on_them(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    rounded = round_to_step(float(given_["mean"]), given_["step"])
    assert signed_text(rounded) == expected["rounded"]
    # The simple rule judges the unrounded value.
    verdict = decide(result(float(given_["mean"])), float(given_["limit"]))
    assert verdict.outcome.lower() == expected["verdict_if_unrounded"]
    # The limit is inclusive, on the rounded value too.
    assert decide(result(float(rounded)), float(given_["limit"])).outcome.lower() == expected["verdict"]


def test_a_float_is_rounded_as_the_decimal_it_prints_as() -> None:
    # 0.15/0.1 is 1.4999999999999998 in binary; half to even gives two steps.
    assert round_to_step(0.15, "0.1") == Decimal("0.2")
    assert round_to_step(0.35, "0.1") == Decimal("0.4")
    assert round_to_step(-0.25, "0.1") == Decimal("-0.2")


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
    ("error_pct", "outcome"),
    [
        (1.0, Outcome.PASS),
        (-1.0, Outcome.PASS),
        (1.0001, Outcome.FAIL),
        (-1.0001, Outcome.FAIL),
        (0.0, Outcome.PASS),
    ],
)
def test_simple_acceptance_includes_the_limit_and_knows_both_signs(
    error_pct: float, outcome: Outcome
) -> None:
    verdict = decide(result(error_pct), 1.0)
    assert (verdict.outcome, verdict.decision_rule, verdict.mpe_pct) == (outcome, DecisionRule.SIMPLE, 1.0)
    assert verdict.findings == ()


@pytest.mark.parametrize("mpe_pct", [None, 1.0])
def test_a_result_without_a_number_is_invalid_with_its_reasons_and_never_a_fail(
    mpe_pct: float | None,
) -> None:
    lost = Finding(Reason.PULSES_LOST, {"lost": "3"})
    verdict = decide(result(None, lost), mpe_pct)
    assert (verdict.outcome, verdict.findings) == (Outcome.INVALID, (lost,))


def test_a_load_point_without_a_limit_is_invalid() -> None:
    verdict = decide(result(5.0), None)
    assert verdict.outcome is Outcome.INVALID
    assert [f.reason for f in verdict.findings] == [Reason.NO_LIMIT]


def test_a_remark_on_a_result_does_not_take_its_verdict_away() -> None:
    remark = Finding(Reason.LAG_MISMATCH)
    assert decide(result(0.3, remark), 1.0).outcome is Outcome.PASS


def test_an_error_that_is_no_number_is_a_defect_and_not_a_verdict() -> None:
    with pytest.raises(ValueError, match="no result"):
        decide(result(float("nan")), 1.0)
