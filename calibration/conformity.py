"""From a result to a decision: rounding as the regulations want it, and the decision rule.

Rounding
    A result is divided by the rounding step, rounded to a whole number with halves to even, and multiplied back
    (JJG 596). In binary floating point this goes wrong where it matters: 0.15/0.1 is 1.4999999999999998. So it
    is done in decimal, from the shortest decimal that the number prints as. The sign is kept: a small negative
    error rounds to -0.0.

Decision
    The rule is chosen before the measurement and recorded with the verdict. y is the error, u and U its standard and
    expanded uncertainty, L the limit (+-). Limits are inclusive.

    simple       |y| <= L passes (JCGM 106:2012, 8.2); at the limit the risk of a wrong verdict is up to 50 %
    guarded      |y| <= L - U passes (JCGM 106:2012, 8.3.2; ILAC-G8:09/2019, w = U): a wrong pass is rarer than
                 2.5 % on a side
    four-way     <= L - U pass, <= L conditional pass, <= L + U conditional fail, beyond fail (ILAC-G8:09/2019, 4.2.3)
    regulation   the rounded error is held against L (JJG 596). With n the whole steps in L, |y| <= (n + 1/2) steps
                 passes where n is even, < where it is odd: half a step beyond L where L is in whole steps, else less

    Clause numbers of ILAC-G8 are (unsure).

INVALID is a verdict on the measurement and never on the meter, so it is not decided here: only a number is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from math import isfinite, nextafter
from statistics import NormalDist

from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason

_ROUNDING_DIGITS = 400
"""More than any number has that is typed or measured."""


class DecisionRule(StrEnum):
    """How an error is held against its limit."""

    SIMPLE = "simple"
    GUARDED = "guarded"
    FOUR_WAY = "four-way"
    REGULATION = "regulation"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule makes of an error.

    conditional: the uncertainty reaches across the limit (four-way rule only). acceptance_limit_pct: the largest
    |error| that passes unconditionally, in rounded errors under the regulation rule; where it is not above zero, no
    meter could pass and `findings` says so. probability_of_conformity: that the true error lies within the limits.
    rounded: the error as the regulation rule judged it, None under any other.
    """

    outcome: Outcome
    conditional: bool
    acceptance_limit_pct: float
    probability_of_conformity: float
    findings: tuple[Finding, ...] = ()
    rounded: Decimal | None = None


def round_to_step(value: Decimal | str | float, step: Decimal | str) -> Decimal:
    """A value rounded to whole steps, halves to even, with the digits of the step; unit of both the same.

    A float is taken as the decimal it prints as.
    """
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    width = Decimal(step)
    if not (exact.is_finite() and width.is_finite() and width > 0):
        raise ValueError(f"{value} cannot be rounded to steps of {step}")
    with localcontext() as context:
        # So many digits that the quotient keeps whatever lies just beyond a half; the default 28 would lose it.
        context.prec = _ROUNDING_DIGITS
        steps = (exact / width).quantize(Decimal(1), ROUND_HALF_EVEN)
        return steps * width


def largest_passing_pct(mpe_pct: float, step_pct: Decimal) -> float:
    """The largest unrounded |error| (%) whose rounded value is within the limit (+-, %): the regulation rule's end.

    Class 2 at 2.5 % in steps of 0.2 %: 2.4 is the largest rounded error that passes, so 2.5 is the end, not 2.6.
    """
    whole_steps = _exact("the limit", mpe_pct) // step_pct
    end_pct = float((whole_steps + Decimal("0.5")) * step_pct)
    return (
        end_pct if whole_steps % 2 == 0 else nextafter(end_pct, 0.0)
    )  # halves go to the even number of steps


def signed_text(value: Decimal) -> str:
    """A rounded error with its sign always shown; zero has none unless it came from a negative error."""
    return f"{value:f}" if value.is_zero() else f"{value:+f}"


def decide_value(
    error_pct: float,
    standard_uncertainty_pct: float,
    expanded_uncertainty_pct: float,
    mpe_pct: float,
    rule: DecisionRule | str,
    step_pct: Decimal | None = None,
) -> Decision:
    """Hold an error (%) against its limit (+-, %) by a rule; step_pct: rounding step, for the regulation rule.

    Errors: ValueError for a rule that does not exist, figures that are none, or a missing step.
    """
    rule = DecisionRule(rule)
    error, limit = _exact("the error", error_pct), _exact("the limit", mpe_pct)
    u = _exact("the standard uncertainty", standard_uncertainty_pct)
    U = _exact("the expanded uncertainty", expanded_uncertainty_pct)
    if limit <= 0 or u < 0 or U < 0:
        raise ValueError("a limit must be above 0, an uncertainty not below")
    rounded: Decimal | None = None
    if rule is DecisionRule.REGULATION:
        if step_pct is None:
            raise ValueError("the regulation rule judges a rounded error; give the rounding step")
        error = rounded = round_to_step(error, step_pct)
    guard = U if rule in (DecisionRule.GUARDED, DecisionRule.FOUR_WAY) else Decimal(0)
    is_four_way = rule is DecisionRule.FOUR_WAY
    findings: tuple[Finding, ...] = ()
    if rule is DecisionRule.GUARDED and guard >= limit:
        values = {"U": f"{expanded_uncertainty_pct:.3f}", "limit": f"{mpe_pct:g}"}
        findings = (Finding(Reason.GUARD_BAND_TOO_WIDE, values),)
    return Decision(
        Outcome.PASS if abs(error) <= (limit if is_four_way else limit - guard) else Outcome.FAIL,
        is_four_way and limit - guard < abs(error) <= limit + guard,
        float(limit - guard),
        probability_of_conformity(error_pct, standard_uncertainty_pct, mpe_pct),
        findings,
        rounded,
    )


def probability_of_conformity(error_pct: float, standard_uncertainty_pct: float, mpe_pct: float) -> float:
    """Phi((L - y)/u) - Phi((-L - y)/u): that the true error lies within +-L (JCGM 106:2012, 7.4); all in %.

    Without uncertainty it is 1 within the limits, the limits included, and 0 beyond.
    """
    if standard_uncertainty_pct == 0.0:
        return 1.0 if abs(error_pct) <= mpe_pct else 0.0
    # From the tails of |y|, so that a probability near 0 keeps its digits.
    far = NormalDist().cdf(-(mpe_pct + abs(error_pct)) / standard_uncertainty_pct)
    return max(0.0, NormalDist().cdf((mpe_pct - abs(error_pct)) / standard_uncertainty_pct) - far)


def _exact(what: str, value: float) -> Decimal:
    """The decimal that a float prints as: 1 - 0.8 is 0.2, and a limit is met or not as it is written."""
    if not isfinite(value):
        raise ValueError(f"{what} is {value}; give a number")
    return Decimal(repr(float(value)))
