"""The verdict of a regulation on the runs of one load point: their mean, rounded, against the limit.

By JJG 596-2012 (from memory) the mean of at least two runs is rounded to the step of the class and held against the
limit, which itself passes. A mean between 0.8 and 1.2 times the limit gets two further runs, and the mean of all is
judged. A regulation of this kind knows no uncertainty; what the bench adds is in `calibration/conformity.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from calibration.conformity import round_to_step
from calibration.rules import RuleSet


@dataclass(frozen=True, slots=True)
class RegulationVerdict:
    """All figures in %. rounded_pct: None where the rule set rounds nothing. wants_more_runs: before it is final."""

    mean_pct: Decimal
    rounded_pct: Decimal | None
    wants_more_runs: bool
    is_within: bool


@dataclass(frozen=True, slots=True)
class UnbalanceVerdict:
    """The largest difference (%) of the error with one phase loaded from that with balanced load, without its sign.

    limit_pct and is_within: None where the rule set asks nothing.
    """

    difference_pct: Decimal
    limit_pct: Decimal | None
    is_within: bool | None


def judge_runs(
    runs_pct: Sequence[Decimal], mpe_pct: Decimal, rules: RuleSet, accuracy_class: str
) -> RegulationVerdict:
    """What the regulation says of these runs (%). Errors: ValueError without runs, or a limit that is none."""
    if not runs_pct:
        raise ValueError("there are no runs to judge; give at least one error")
    if not mpe_pct > 0:
        raise ValueError(f"{mpe_pct} is no limit; it must be above 0")
    mean = sum(runs_pct, Decimal()) / len(runs_pct)
    step, judged_step = rules.rounding_step_pct(accuracy_class), rules.judged_step_pct(accuracy_class)
    rounded = None if step is None else round_to_step(mean, step)
    judged = mean if judged_step is None else round_to_step(mean, judged_step)
    wants_more = wants_more_runs(len(runs_pct), mean, mpe_pct, rules)
    return RegulationVerdict(mean, rounded, wants_more, abs(judged) <= mpe_pct)


def wants_more_runs(runs: int, mean_pct: Decimal, mpe_pct: Decimal, rules: RuleSet) -> bool:
    """Whether a mean lies so near its limit that the rule set asks for further runs, and has not had them yet."""
    again = rules.remeasure
    return again is not None and runs < rules.repeats + again.more and again.wants_more(mean_pct, mpe_pct)


def judge_unbalance(
    balanced_pct: Decimal, one_phase_pct: Sequence[Decimal], rules: RuleSet, accuracy_class: str
) -> UnbalanceVerdict:
    """The errors (%) with one phase loaded, each in turn, against that with balanced load, at I_b (I_n), PF 1."""
    if not one_phase_pct:
        raise ValueError("there is no error with one phase loaded; give one for each phase")
    difference = max(abs(each - balanced_pct) for each in one_phase_pct)
    limit_pct = rules.unbalance_limit_pct(accuracy_class)
    if limit_pct is None:
        return UnbalanceVerdict(difference, None, None)
    limit = Decimal(repr(limit_pct))
    return UnbalanceVerdict(difference, limit, difference <= limit)
