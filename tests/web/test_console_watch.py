"""What the bench does to a case is in casework without any page open: once, and also after the web was away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.control.client import ControlRefusedError
from tests.web import canned
from tests.web import console_case as made
from web.bench_link import BenchAwayError
from web.case_watch import CaseWatch
from web.casework import cases
from web.casework.model import Case, CaseState, Outcome
from web.casework.store import Casework
from web.feed import Moment

RUN = "run-000001"


class Records:
    """A link that has only records; `None`: the bench is away."""

    def __init__(self, records: list[dict[str, Any]] | None = None) -> None:
        self.kept = records
        self.cases: dict[str, dict[str, Any]] = {}
        self.times_asked = 0
        self.asked_since: list[int] = []

    def ask(self, question: Any) -> Any:
        self.times_asked += 1
        if self.kept is None:
            raise BenchAwayError("no bench")
        return question(self)

    def case(self, case: str) -> dict[str, Any]:
        if case not in self.cases:
            raise ControlRefusedError("no such case", "case_unknown", {})
        return self.cases[case]

    def records(self, since: int) -> tuple[list[dict[str, Any]], int]:
        assert self.kept is not None
        self.asked_since.append(since)
        part = [{"number": n, "body": json.dumps(body)} for n, body in enumerate(self.kept)][
            since : since + 2
        ]
        return part, since + len(part)


@pytest.fixture
def cw(tmp_path: Path) -> Iterator[Casework]:
    casework = Casework(tmp_path / "casework.sqlite", lambda: made.NOW)
    yield casework
    casework.close()


def moment(
    state: dict[str, Any], case: Case | None, run_id: str = RUN, verifier: str = made.VERIFIER
) -> Moment:
    if state["run"] is not None:
        state["run"] |= {"id": run_id, "case": None if case is None else case.id, "verifier": verifier}
    return Moment(1, state, is_connected=True)


def watch(cw: Casework, records: list[dict[str, Any]] | None = None) -> CaseWatch:
    return CaseWatch(None, cw, Records(records or []))  # type: ignore[arg-type]


@pytest.mark.parametrize(("over", "outcome"), [
    (canned.finished_pass, Outcome.PASS), (canned.finished_fail, Outcome.FAIL),
    (canned.finished_invalid, Outcome.INVALID), (canned.interrupted, Outcome.INVALID),
])  # fmt: skip
def test_a_run_begins_and_ends_the_test_of_its_case_however_often_it_is_seen(
    cw, over, outcome: Outcome
) -> None:
    case = made.ticked(cw)
    seen = watch(cw)
    for _ in range(2):
        seen.look(moment(canned.measuring(), case))
        assert cases.case(cw, case.id).state is CaseState.TESTING
        assert cases.case(cw, case.id).run_ids == (RUN,)
    for _ in range(2):
        seen.look(moment(over(), case))
    after = cases.case(cw, case.id)
    assert (after.state, after.outcome) == (CaseState.TESTED, outcome)


def test_a_run_that_was_over_when_the_web_came_back_is_written_down_from_the_state(cw) -> None:
    case = made.ticked(cw)
    watch(cw).look(moment(canned.finished_fail(), case))
    after = cases.case(cw, case.id)
    assert (after.state, after.outcome, after.run_ids) == (CaseState.TESTED, Outcome.FAIL, (RUN,))


@pytest.mark.parametrize(("last", "outcome"), [
    ({"kind": "run_ended", "verdict": "PASS"}, Outcome.PASS),
    ({"kind": "interrupted"}, Outcome.INVALID),
])  # fmt: skip
@pytest.mark.parametrize("shown", ["idle", "another run"])
def test_a_run_that_the_bench_shows_no_longer_is_found_in_the_records(
    cw, last, outcome: Outcome, shown: str
) -> None:
    case = made.under_test(cw)
    others = [{"run": "run-000000", "kind": "run_ended", "verdict": "FAIL"}]
    records = [
        *others,
        {"run": RUN, "kind": "run_started", "case": case.id},
        {"run": RUN, "kind": "window"},
        {"run": RUN} | last,
    ]
    state = moment(canned.idle(), None) if shown == "idle" else moment(canned.measuring(), None, "run-000002")
    watch(cw, records).look(state)
    after = cases.case(cw, case.id)
    assert (after.state, after.outcome) == (CaseState.TESTED, outcome)


def test_a_run_that_began_and_ended_while_the_web_was_away_is_found_by_its_case(cw) -> None:
    case = made.ticked(cw)
    records = Records(
        [
            {"run": RUN, "kind": "run_started", "case": case.id},
            {"run": RUN, "kind": "run_ended", "verdict": "FAIL"},
        ]
    )
    records.cases[case.id] = {"verifier": made.VERIFIER, "runs": [RUN]}
    CaseWatch(None, cw, records).look(moment(canned.measuring(), None, "run-000002"))  # type: ignore[arg-type]
    after = cases.case(cw, case.id)
    assert (after.state, after.outcome, after.run_ids) == (CaseState.TESTED, Outcome.FAIL, (RUN,))


@pytest.mark.parametrize("whose", [{}, {"case": "C2026-0999"}])
def test_the_verdict_of_another_run_with_the_same_number_is_not_the_case_s(cw, whose: dict[str, str]) -> None:
    case = made.under_test(cw)
    records = [
        {"run": RUN, "kind": "run_started"} | whose,
        {"run": RUN, "kind": "run_ended", "verdict": "FAIL"},
    ]
    watch(cw, records).look(moment(canned.idle(), None))
    after = cases.case(cw, case.id)
    assert (after.state, after.outcome) == (CaseState.TESTED, Outcome.INVALID)


def test_a_run_without_an_end_in_the_records_goes_on(cw) -> None:
    case = made.under_test(cw)
    watch(cw, [{"run": RUN, "kind": "run_started", "case": case.id}]).look(moment(canned.idle(), None))
    assert cases.case(cw, case.id).state is CaseState.TESTING


def test_no_record_is_read_twice(cw) -> None:
    case = made.under_test(cw)
    records = Records([{"run": "run-000007", "kind": "note"} for _ in range(5)])
    seen = CaseWatch(None, cw, records)  # type: ignore[arg-type]
    seen.look(moment(canned.idle(), None))
    assert records.asked_since == [0, 2, 4, 5]
    assert records.kept is not None
    records.kept.append({"run": RUN, "kind": "run_ended", "verdict": "PASS"})
    seen.look(moment(canned.measuring(), None, "run-000008"))
    assert records.asked_since[4:] == [5, 6]
    assert cases.case(cw, case.id).outcome is Outcome.PASS


def test_a_bench_that_comes_back_is_read_from_the_beginning(cw) -> None:
    case = made.under_test(cw)
    records = Records([{"run": "run-000007", "kind": "note"} for _ in range(5)])
    seen = CaseWatch(None, cw, records)  # type: ignore[arg-type]
    seen.look(moment(canned.idle(), None))
    seen.look(Moment(2, canned.idle(), is_connected=False))
    records.kept = [{"run": RUN, "kind": "run_ended", "verdict": "FAIL"}]
    seen.look(moment(canned.idle(), None))
    assert cases.case(cw, case.id).outcome is Outcome.FAIL


def test_what_could_not_be_asked_is_asked_again(cw) -> None:
    case = made.under_test(cw)
    records = Records(None)
    seen = CaseWatch(None, cw, records)  # type: ignore[arg-type]
    seen.look(moment(canned.idle(), None))
    assert cases.case(cw, case.id).state is CaseState.TESTING
    records.kept = [{"run": RUN, "kind": "run_ended", "verdict": "PASS"}]
    seen.look(moment(canned.idle(), None))
    assert cases.case(cw, case.id).state is CaseState.TESTED


def test_a_record_that_its_disk_has_damaged_hides_no_other_one(cw) -> None:
    case = made.under_test(cw)

    class Damaged(Records):
        def records(self, since: int) -> tuple[list[dict[str, Any]], int]:
            part, following = super().records(since)
            return [{**each, "body": "{\x01"} if each["number"] == 1 else each for each in part], following

    ended = {"run": RUN, "kind": "run_ended", "verdict": "PASS"}
    records = Damaged([{"run": RUN, "kind": "run_started", "case": case.id}, {"kind": "window"}, ended])
    CaseWatch(None, cw, records).look(moment(canned.idle(), None))  # type: ignore[arg-type]
    assert cases.case(cw, case.id).outcome is Outcome.PASS


def test_a_defect_at_one_state_does_not_end_the_watch(cw, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*unused: object) -> None:
        raise KeyError("a defect")

    case = made.ticked(cw)
    seen = watch(cw)
    with monkeypatch.context() as patch:
        patch.setattr(cases, "begin_test", fail)
        seen.look(moment(canned.measuring(), case))
    seen.look(moment(canned.finished_pass(), case))
    assert cases.case(cw, case.id).outcome is Outcome.PASS


def test_what_is_of_no_case_or_not_connected_touches_nothing(cw) -> None:
    case = made.ticked(cw)
    seen = watch(cw)
    seen.look(moment(canned.finished_pass(), None))
    seen.look(Moment(2, moment(canned.finished_pass(), case).state, is_connected=False))
    assert cases.case(cw, case.id).state is CaseState.READY


def test_a_run_that_a_person_stopped_before_it_had_a_verdict_is_invalid_and_can_be_repeated(cw) -> None:
    case = made.ticked(cw)
    stopped = canned.finished_invalid()
    stopped["run"]["verdict"] = None
    seen = watch(cw)
    seen.look(moment(stopped, case))
    assert cases.case(cw, case.id).outcome is Outcome.INVALID
    seen.look(moment(canned.measuring(), case, "run-000002"))
    again = cases.case(cw, case.id)
    assert (again.state, again.run_ids) == (CaseState.TESTING, (RUN, "run-000002"))


def test_casework_that_refuses_does_not_end_the_watch(cw) -> None:
    case = made.ready(cw)  # nothing is ticked: casework knows of no test
    seen = watch(cw)
    seen.look(moment(canned.measuring(), case))
    seen.look(moment(canned.finished_pass(), case))
    assert cases.case(cw, case.id).state is CaseState.READY
