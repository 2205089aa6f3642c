"""Stopping a load point early, by a rule that is declared before the run.

Who looks again and again and stops at the first look that pleases is wrong far more often than the uncertainty says:
10 to 23 % at the limit for a test at every pulse with k = 2 (simulated). So the looks are declared, at
tau_1 2^k (k = 0 to 5), and the risk of a wrong early decision on one side is shared out among them: each look may be
wrong with risk/looks. By the union bound all looks together stay within the risk, however they correlate, and looks of
one run do correlate.

    PASS  if  |y| + k u <= A        FAIL  if  |y| - k u > A        else measure on

A is the largest |y| that the ordinary rule passes: the MPE, or the end of what still rounds to within it.

k is the one-sided quantile of Student's t for the look's degrees of freedom at risk/looks: 2.67 for six looks, 2.275 %
and a well known u. After the last look the ordinary decision rule judges.
"""

from __future__ import annotations

from math import isfinite

from calibration.quantities import Outcome
from calibration.student_t import coverage_factor

RISK_ONE_SIDE = 0.02275
"""Of a wrong early decision with the true error at the limit; what k = 2 leaves on one side."""
MOST_LOOKS = 6


def looks_s(first_s: float, longest_s: float) -> tuple[float, ...]:
    """The declared looks: window lengths (s) of first_s, doubled up to five times, none beyond longest_s.

    Errors: ValueError where not even the first look fits.
    """
    if not (0.0 < first_s <= longest_s and isfinite(first_s)):
        raise ValueError(
            f"the first look comes after {first_s:g} s, the longest time is {longest_s:g} s; it must not be later"
        )
    return tuple(at_s for k in range(MOST_LOOKS) if (at_s := first_s * 2**k) <= longest_s)


def early_decision(
    error_pct: float,
    standard_uncertainty_pct: float,
    degrees_of_freedom: float,
    mpe_pct: float,
    *,
    looks: int,
    risk_one_side: float = RISK_ONE_SIDE,
) -> Outcome | None:
    """PASS or FAIL where one of `looks` declared looks can decide already, None: measure on.

    mpe_pct: the largest |error| (%) that the ordinary rule passes; under one that judges rounded errors that is
    `conformity.largest_passing_pct`.
    Errors: ValueError for figures that are none, or without looks.
    """
    if not (isfinite(error_pct) and standard_uncertainty_pct > 0.0 and mpe_pct > 0.0):
        raise ValueError("an early decision needs an error, an uncertainty above 0 and a limit above 0")
    if looks < 1 or not 0.0 < risk_one_side < 0.5:
        raise ValueError(f"{looks} looks cannot share a risk of {risk_one_side}")
    reach = coverage_factor(degrees_of_freedom, 1.0 - 2.0 * risk_one_side / looks) * standard_uncertainty_pct
    if abs(error_pct) + reach <= mpe_pct:
        return Outcome.PASS
    return Outcome.FAIL if abs(error_pct) - reach > mpe_pct else None
