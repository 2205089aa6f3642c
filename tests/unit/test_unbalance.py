"""Which phase, loaded alone, departs most from balanced load, by hand."""

from __future__ import annotations

from decimal import Decimal

from calibration.rule_files import load_rule_set
from calibration.unbalance import most_unbalanced

RULES = load_rule_set("jjg596-2012")  # 1.5 % for class 1


def test_the_phase_that_differs_most_is_judged_with_its_sign() -> None:
    found = most_unbalanced(0.2, {"A": 1.0, "B": -1.4, "C": 0.2}, RULES, "1")
    assert found is not None
    assert (found.phase, found.difference_pct, found.is_within) == ("B", Decimal("-1.6"), False)
    assert found.limit_pct == Decimal("1.5")


def test_a_difference_of_the_limit_is_within_it() -> None:
    found = most_unbalanced(0.1, {"A": 1.6}, RULES, "1")
    assert found is not None
    assert found.is_within
