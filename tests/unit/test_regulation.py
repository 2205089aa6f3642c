"""The verdict of a regulation on the runs of a load point against the worked cases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.conformity import signed_text
from calibration.regulation import UnbalanceVerdict, judge_runs, judge_unbalance, wants_more_runs
from calibration.rule_files import load_rule_set
from tests.unit.worked_cases import items

RULES = load_rule_set("jjg596-2012")
CLASS_OF_STEP = {str(step): accuracy_class for accuracy_class, step in RULES.rounding_steps_pct.items()}
VERDICTS = {True: "pass", False: "fail"}


@pytest.mark.parametrize(("worked", "expected"), items("C06"))
def test_the_rounded_mean_is_judged_as_in_the_worked_cases(
    worked: dict[str, Any], expected: dict[str, Any]
) -> None:
    runs, mpe = [Decimal(worked["mean"])] * 2, Decimal(worked["limit"])
    found = judge_runs(runs, mpe, RULES, worked["cls"].split()[0])
    assert found.rounded_pct is not None
    assert signed_text(found.rounded_pct) == expected["rounded"]
    assert VERDICTS[found.is_within] == expected["verdict"]
    unrounded = judge_runs(runs, mpe, replace(RULES, judges_rounded=False), worked["cls"].split()[0])
    assert VERDICTS[unrounded.is_within] == expected["verdict_if_unrounded"]


@pytest.mark.parametrize(("worked", "expected"), items("C07"))
def test_a_mean_near_its_limit_is_measured_again_as_in_the_worked_cases(
    worked: dict[str, Any], expected: dict[str, Any]
) -> None:
    first, more = ([Decimal(v) for v in worked[key]] for key in ("first", "extra_if_needed"))
    mpe, accuracy_class = Decimal(worked["limit"]), CLASS_OF_STEP[worked["step"]]
    found = judge_runs(first, mpe, RULES, accuracy_class)
    assert float(found.mean_pct) == expected["mean_first"]
    assert found.wants_more_runs == expected["triggered"]
    runs = [*first, *more] if found.wants_more_runs else first
    final = judge_runs(runs, mpe, RULES, accuracy_class)
    assert len(runs) == expected["n_used"]
    assert not final.wants_more_runs
    assert float(final.mean_pct) == expected["final_mean"]
    assert final.rounded_pct is not None
    assert signed_text(final.rounded_pct) == expected["rounded"]
    assert VERDICTS[final.is_within] == expected["verdict"]


def test_a_rule_set_that_rounds_nothing_judges_the_mean() -> None:
    rules = load_rule_set("oiml-r46-2012")
    found = judge_runs([Decimal("1.04"), Decimal("1.04")], Decimal("1.0"), rules, "B")
    assert (found.rounded_pct, found.wants_more_runs, found.is_within) == (None, False, False)


@given(st.lists(st.decimals(-3, 3, places=4), min_size=1, max_size=6))
def test_the_sign_of_all_runs_does_not_matter_to_the_verdict(runs: list[Decimal]) -> None:
    one = judge_runs(runs, Decimal(1), RULES, "1")
    other = judge_runs([-r for r in runs], Decimal(1), RULES, "1")
    assert (one.is_within, one.wants_more_runs) == (other.is_within, other.wants_more_runs)
    assert one.mean_pct == -other.mean_pct


def test_runs_and_limits_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^there are no runs to judge; give at least one error$"):
        judge_runs([], Decimal(1), RULES, "1")
    with pytest.raises(ValueError, match=r"^0 is no limit; it must be above 0$"):
        judge_runs([Decimal(1)], Decimal(0), RULES, "1")
    with pytest.raises(
        ValueError, match=r"^there is no error with one phase loaded; give one for each phase$"
    ):
        judge_unbalance(Decimal(0), [], RULES, "1")


@pytest.mark.parametrize(("worked", "expected"), items("C23"))
def test_one_phase_against_balanced_agrees_with_the_worked_cases(
    worked: dict[str, Any], expected: dict[str, Any]
) -> None:
    phases = [Decimal(p) for p in worked["phases"]]
    found = judge_unbalance(Decimal(worked["balanced"]), phases, RULES, worked["cls"])
    assert (float(found.difference_pct), float(found.limit_pct or 0)) == (
        expected["max_diff"],
        expected["limit"],
    )
    assert found.is_within is not None
    assert VERDICTS[found.is_within] == expected["verdict"]


def test_the_limit_of_the_difference_itself_passes_and_beyond_it_fails() -> None:
    at, beyond = (
        judge_unbalance(Decimal("0.2"), [Decimal("0.1"), worst], RULES, "1")
        for worst in (Decimal("-1.3"), Decimal("-1.3001"))
    )
    assert (at.is_within, beyond.is_within) == (True, False)


def test_where_no_difference_is_limited_there_is_no_verdict() -> None:
    found = judge_unbalance(Decimal(0), [Decimal(5)], load_rule_set("oiml-r46-2012"), "A")
    assert found == UnbalanceVerdict(Decimal(5), None, None)


@pytest.mark.parametrize(
    ("mean", "runs", "wanted"),
    [
        ("0.8", 2, True),
        ("-1.2", 2, True),
        ("0.79", 2, False),
        ("1.21", 2, False),
        ("1.0", 3, True),
        ("1.0", 4, False),
    ],
)
def test_two_more_runs_are_wanted_from_0_8_to_1_2_times_the_limit_and_once(
    mean: str, runs: int, wanted: bool
) -> None:
    assert wants_more_runs(runs, Decimal(mean), Decimal(1), RULES) is wanted
    assert judge_runs([Decimal(mean)] * runs, Decimal(1), RULES, "1").wants_more_runs is wanted
    assert not wants_more_runs(runs, Decimal(mean), Decimal(1), replace(RULES, remeasure=None))
