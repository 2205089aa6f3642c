"""Which phase, loaded alone, departs most from balanced load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from calibration.regulation import judge_unbalance
from calibration.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """difference_pct: error with this phase loaded minus that with balanced load (%), with its sign."""

    phase: str
    difference_pct: Decimal
    limit_pct: Decimal
    is_within: bool


def most_unbalanced(
    balanced_pct: float, alone_pct: Mapping[str, float], rules: RuleSet, accuracy_class: str
) -> Unbalanced | None:
    """alone_pct: error (%) by the phase that was loaded alone. None where the rule set has no limit.

    Errors: ValueError without a phase.
    """
    phase = max(alone_pct, key=lambda p: abs(alone_pct[p] - balanced_pct))
    balanced, alone = (Decimal(repr(e)) for e in (balanced_pct, alone_pct[phase]))
    found = judge_unbalance(balanced, [alone], rules, accuracy_class)
    if found.limit_pct is None or found.is_within is None:
        return None
    return Unbalanced(phase, alone - balanced, found.limit_pct, found.is_within)
