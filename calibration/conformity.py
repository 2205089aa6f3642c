"""From a result to a verdict: rounding as the regulations want it, and the decision rule.

Rounding
    A result is divided by the rounding step, rounded to a whole number with halves to even, and multiplied back
    (JJG 596). In binary floating point this goes wrong where it matters: 0.15/0.1 is 1.4999999999999998. So it
    is done in decimal, from the shortest decimal that the number prints as. The sign is kept: a small negative
    error rounds to -0.0.

Decision
    The rule is chosen before the measurement and recorded with the verdict. *Simple* acceptance (JCGM 106:2012,
    8.2; ILAC-G8) compares the unrounded error with the limit itself: at the limit the risk of a wrong verdict
    is up to 50 %.

INVALID is a verdict on the measurement and never on the meter: no number, or no limit to hold it against.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from math import isfinite

from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason


class DecisionRule(StrEnum):
    """How an error is held against its limit."""

    SIMPLE = "simple"


def round_to_step(value: Decimal | str | float, step: Decimal | str) -> Decimal:
    """A value rounded to whole steps, halves to even, with the digits of the step; unit of both the same.

    A float is taken as the decimal it prints as.
    """
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    width = Decimal(step)
    if not (exact.is_finite() and width.is_finite() and width > 0):
        raise ValueError(f"{value} cannot be rounded to steps of {step}")
    steps = (exact / width).quantize(Decimal(1), ROUND_HALF_EVEN)
    return steps * width


def signed_text(value: Decimal) -> str:
    """A rounded error with its sign always shown; zero has none unless it came from a negative error."""
    return f"{value}" if value.is_zero() else f"{value:+}"


def decide(
    result: ErrorResult, mpe_pct: float | None, rule: DecisionRule | str = DecisionRule.SIMPLE
) -> Verdict:
    """The verdict on a result; mpe_pct: the limit (+-, %), None where the rule set states none.

    A result without a number is INVALID with the result's own findings, one without a limit with NO_LIMIT.
    Errors: ValueError for a rule that does not exist.
    """
    rule = DecisionRule(rule)
    error_pct = result.percentage_error_pct
    if error_pct is None:
        return Verdict(Outcome.INVALID, rule, mpe_pct, findings=result.findings)
    if not isfinite(error_pct):
        raise ValueError(f"an error of {error_pct} % is no result")
    if mpe_pct is None:
        return Verdict(Outcome.INVALID, rule, None, findings=(Finding(Reason.NO_LIMIT),))
    return Verdict(Outcome.PASS if abs(error_pct) <= mpe_pct else Outcome.FAIL, rule, mpe_pct)
