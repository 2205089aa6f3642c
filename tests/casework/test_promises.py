"""What is promised, and the days that follow from it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from bench.errors import OperatorError
from tests.casework.stories import Clock, after_test, applied, plan_of, planned
from web.casework import cases, follow_ups
from web.casework.model import CaseState
from web.casework.promises import PROMISES, deadline, read_promises
from web.casework.store import Casework
from web.texts import text

OURS = files("web.casework") / "promises.toml"


def test_ours_say_that_they_are_ours_and_name_a_payer_for_every_result() -> None:
    assert not PROMISES.is_set_by_the_laboratory
    cost = PROMISES.cost
    payers = {cost.when_pass, cost.when_fail, cost.when_invalid, cost.when_unjudged, cost.when_retest}
    assert payers == {"customer", "laboratory"}
    for payer in payers:
        assert text(f"promise.{payer}", "zh")


def test_each_state_is_due_on_a_day_that_follows_from_the_promises(cw: Casework, clock: Clock) -> None:
    case = applied(cw)
    assert case.deadline == "2026-11-29"
    case = planned(cw, "B")
    assert case.deadline == "2026-12-01"
    case = cases.plan(cw, case.id, replace(plan_of("B"), appointment="2026-12-05T14:00"))
    assert case.deadline == "2026-12-05"
    case = after_test(cw, "C")
    assert case.deadline == "2026-11-29"
    clock.move(days=1)
    case = cases.explain(cw, case.id, "P2")
    assert case.deadline == "2026-12-27"
    assert cases.close(cw, case.id, "客户没有再来", "P1").deadline is None


@pytest.mark.usefixtures("in_shanghai")
def test_days_are_counted_from_the_day_that_it_is_at_this_place(cw: Casework, clock: Clock) -> None:
    clock.move(hours=9)  # 17:00 UTC: there it is the next day
    assert applied(cw).deadline == "2026-11-30"
    case = after_test(cw, "C")
    assert case.deadline == "2026-11-30"
    month, half_a_year = follow_ups.of(cw, case.id)
    assert month.tested_on == "2026-11-27"
    assert (month.due_on, half_a_year.due_on) == ("2026-12-27", "2027-05-29")


def test_nothing_is_due_where_nothing_is_promised() -> None:
    assert deadline(CaseState.CLOSED, "2026-11-26T08:00:00+00:00", PROMISES) is None
    assert deadline(CaseState.PLANNED, "2026-11-26T08:00:00+00:00", PROMISES) is None


def test_a_laboratory_sets_its_own(tmp_path: Path) -> None:
    own = tmp_path / "promises.toml"
    said = OURS.read_text("utf-8").replace("plan_days = 3", "plan_days = 7")
    own.write_text(said.replace("laboratory = false", "laboratory = true"), "utf-8")
    with closing(Casework(tmp_path / "casework.sqlite", Clock(), own)) as cw:
        assert cw.promises.is_set_by_the_laboratory
        assert applied(cw).deadline == "2026-12-03"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("plan_days = 3", "", "plan_days is missing"),
        ("plan_days = 3", "plan_days = 0", "plan_days is missing or no whole number"),
        ("plan_days = 3", "plan_days = true", "plan_days is missing or no whole number"),
        ("plan_days = 3", "plan_days = 3\nfree_days = 1", "free_days is no promise"),
        ("[cost]", "[costs]", r"\[cost\] is missing"),
        ("[promises]", "x = 1\n[promises]", "x is no promise"),
        ('fee = "60.00"', "fee = 60", "fee is missing or no amount"),
        ('fee = "60.00"', 'fee = "sixty"', "fee is missing or no amount"),
        ('fee = "60.00"', 'fee = "NaN"', "fee is missing or no amount"),
        ('fee = "60.00"', 'fee = "-1"', "fee is missing or no amount"),
        ('"CNY"', '"yuan"', "currency is missing"),
        ('pass = "customer"', 'pass = "nobody"', "pass is missing or nobody who pays"),
        ("laboratory = false", 'laboratory = "no"', "neither true nor false"),
        ("[promises]", "[promises", "cannot be read"),
    ],
)
def test_what_is_no_list_of_promises_is_said_to_be_none(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    own = tmp_path / "promises.toml"
    ours = OURS.read_text("utf-8")
    assert before in ours
    own.write_text(ours.replace(before, after, 1), "utf-8")
    with pytest.raises(OperatorError, match=said):
        read_promises(own)


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read_promises(tmp_path / "promises.toml")


def test_a_telephone_need_not_be_said_and_is_one_line(tmp_path: Path) -> None:
    assert PROMISES.telephone == ""
    own, ours = tmp_path / "own.toml", OURS.read_text("utf-8")
    own.write_text(ours.replace('telephone = ""', 'telephone = " 0512 0000 0000 "'), "utf-8")
    assert read_promises(own).telephone == "0512 0000 0000"
    own.write_text(ours.replace('[contact]\ntelephone = ""\n', ""), "utf-8")
    assert read_promises(own).telephone == ""
    for wrong in ("telephone = 5", 'telephone = "1\\n2"', f'telephone = "{"1" * 61}"', 'phone = "1"'):
        own.write_text(ours.replace('telephone = ""', wrong), "utf-8")
        with pytest.raises(OperatorError):
            read_promises(own)
