"""The made-up year: played by the rules, the same each time, full for every page, and marked wherever it is shown."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.errors import OperatorError
from bench.plans.plan import parse_plan
from tests.casework import stories
from tests.demonstration.conftest import NOW, SEED, Filled
from web.casework import follow_ups, made_up
from web.casework.case_rows import all_cases
from web.casework.history import history, is_intact, refusals
from web.casework.model import CaseState, Outcome
from web.casework.store import Casework
from web.dates import local_day
from web.demonstration.filling import fill
from web.knowledge import periods, questions
from web.knowledge.model import State
from web.service import kudos, measures, meter_types, requests, targets
from web.service.facts import facts
from web.service.figures import LEAST
from web.service.indicators import Indicator, figures, phases
from web.service.items import items
from web.service.measures import Worked
from web.service.model import Kind
from web.service.model import State as RequestState
from web.service.months import Month, month_at, span_of
from web.service.promises_kept import promises_kept

LAST_MONTH = month_at(NOW).before
AT_THE_BENCH = {CaseState.READY, CaseState.TESTING}


def test_every_history_holds_and_nothing_was_refused(filled: Filled) -> None:
    everything = all_cases(filled.cw)
    assert len(everything) > 80
    assert all(is_intact(filled.cw, case.id) for case in everything)
    assert refusals(filled.cw) == []


def test_nothing_happens_later_than_the_end(filled: Filled) -> None:
    for case in all_cases(filled.cw):
        instants = [entry.at for entry in history(filled.cw, case.id)]
        assert instants == sorted(instants)
        assert instants[-1] <= NOW
    for request in requests.requests(filled.cw):
        assert all(event.at <= NOW for event in requests.events(filled.cw, request.id))


def test_every_state_is_gone_through_and_none_says_that_somebody_stands_at_the_bench(filled: Filled) -> None:
    acts = Counter(entry.act for case in all_cases(filled.cw) for entry in history(filled.cw, case.id))
    assert acts.keys() >= {
        "apply", "plan", "receive", "tick", "consent", "photo", "begin_test", "end_test", "explain", "close",
        "postpone", "hand_over", "decline", "withdraw", "retest", "expect", "experience", "satisfaction", "sign",
        "ask", "answer", "follow_up", "self_check", "consumption",
    }  # fmt: skip
    assert {case.state for case in all_cases(filled.cw)} == set(CaseState) - AT_THE_BENCH
    assert {case.outcome for case in all_cases(filled.cw)} == {None, *Outcome}


def test_every_case_is_marked_and_its_people_are_plainly_invented(filled: Filled) -> None:
    assert made_up.has_any(filled.cw)
    for case in all_cases(filled.cw):
        assert made_up.is_made_up(filled.cw, case.id)
        assert case.customer is not None
        assert "Demo customer" in case.customer.name
        assert "no such address" in case.customer.address
        assert case.customer.phone.startswith("000")
        assert all(run.startswith("DEMO-") for run in case.run_ids)
    assert all("Demo customer" in (one.name or "") for one in requests.requests(filled.cw))


def test_a_made_up_case_that_is_done_at_the_bench_says_so(filled: Filled) -> None:
    ended = next(case for case in all_cases(filled.cw) if case.run_ids)
    assert made_up.said_of(filled.cw, ended.id, ended.run_ids) == "case"
    assert made_up.said_of(filled.cw, filled.planned[0].id, ()) == "planned"
    assert made_up.said_of(filled.cw, filled.planned[0].id, ("20261126-0001",)) == "done_here"
    assert made_up.said_of(filled.cw, "C2026-9999", ("20261126-0001",)) == ""


def test_a_mark_cannot_be_taken_off(filled: Filled, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(filled.path) as there, sqlite3.connect(copy) as here:
        there.backup(here)
        with pytest.raises(sqlite3.IntegrityError):
            here.execute("DELETE FROM made_up")
    there.close()
    here.close()


@contextmanager
def another(now: str, seed: int) -> Iterator[Casework]:
    """A second file, open at the end of its play."""
    with tempfile.TemporaryDirectory(dir=stories.memory()) as folder:
        path = Path(folder) / "casework.sqlite"
        fill(path, now, seed)
        cw = Casework(path, lambda: now)
        yield cw
        cw.close()


def told(cw: Casework) -> list[object]:
    """Everything that happened, without salts and tokens."""
    return [
        [(e.at, e.who, e.act, _readable(e.values)) for e in history(cw, case.id)] for case in all_cases(cw)
    ] + [
        (one.id, [(e.at, e.who, e.act, e.said) for e in requests.events(cw, one.id)])
        for one in requests.requests(cw)
    ]


def _readable(values: object) -> object:
    assert isinstance(values, dict)
    return {name: value for name, value in values.items() if not name.endswith(("sha256", "digest"))}


def test_the_same_seed_plays_the_same(filled: Filled) -> None:
    with another(NOW, SEED) as again:
        assert told(again) == told(filled.cw)


def test_any_day_and_seed_will_do() -> None:
    """The first minutes of a month, on a Sunday."""
    with another("2026-03-01T00:10:00+00:00", 2) as cw:
        everything = all_cases(cw)
        assert all(is_intact(cw, case.id) for case in everything)
        assert {case.state for case in everything} == set(CaseState) - AT_THE_BENCH


def test_a_file_that_has_cases_is_left_alone(tmp_path: Path) -> None:
    cw = stories.opened(tmp_path)
    stories.applied(cw)
    cw.close()
    with pytest.raises(OperatorError, match="has cases already"):
        fill(tmp_path / "casework.sqlite", NOW)


def test_what_is_planned_can_be_done_at_the_bench(filled: Filled) -> None:
    assert {case.verifier for case in filled.planned} == {"P3", "P4"}
    for case in filled.planned:
        plan = parse_plan(case.plan_toml or "", ["1"], case.id)
        assert [meter.serial for meter in plan.plan.meter] == [case.serial]
        assert (case.appointment or "")[:10] >= local_day(NOW).isoformat()


def test_the_last_month_has_every_figure(filled: Filled) -> None:
    read, span = facts(filled.cw), span_of(LAST_MONTH)
    found = figures(read, span)
    assert {name for name, one in found.items() if one.value is None} == set()
    assert found[Indicator.COMPLAINTS].value
    assert found[Indicator.APPEALS].value
    assert found[Indicator.SETTLED_WITHOUT].value
    assert all(one.took.value is not None for one in phases(read, span))
    kept = {one.name: one.kept for one in promises_kept(read, span) if one.name != "certificate"}
    assert all(one.n for one in kept.values())
    assert any((one.value or 0) < 100 for one in kept.values())
    by_type = meter_types.by_type(read, span)
    assert len([one for one in by_type if one.errors is not None and one.n >= LEAST]) >= 2


def test_promises_are_kept_mostly_and_missed_partly(filled: Filled) -> None:
    read = facts(filled.cw)
    year = (Month(LAST_MONTH.first).before.before.before.first, LAST_MONTH.last)
    for one in promises_kept(read, year):
        if one.name != "certificate":
            assert 50 < (one.kept.value or 0) < 100, one


def test_requests_of_every_kind_end_in_every_way(filled: Filled) -> None:
    everything = requests.requests(filled.cw)
    assert {one.kind for one in everything} == set(Kind)
    assert {one.state for one in everything} == set(RequestState)
    assert any(one.hand_off for one in everything)
    assert any(one.verification for one in everything)
    today = local_day(NOW).isoformat()
    assert 2 <= sum(one.is_overdue(today) for one in items(filled.cw)) <= 12
    acts = {event.act for one in everything for event in requests.events(filled.cw, one.id)}
    assert acts >= {"take", "hand_over", "accept", "send_back", "not_settled", "close", "decline", "led_to"}


def test_follow_ups_are_due_and_overdue(filled: Filled) -> None:
    due = follow_ups.due(filled.cw, local_day(NOW).isoformat())
    assert 2 <= len(due) <= 15
    assert any(one.is_overdue(local_day(NOW).isoformat()) for one in due)


def test_the_handbook_has_been_through_its_cycle(filled: Filled) -> None:
    everything = periods.periods(filled.cw)
    assert len(everything) >= 4
    assert [one.closed_at is None for one in everything] == [True] + [False] * (len(everything) - 1)
    known = questions.questions(filled.cw)
    assert {one.state for one in known} >= {State.NEW, State.STUDIED, State.REVIEWED, State.SET_ASIDE}
    assert any(one.is_overdue(local_day(NOW).isoformat()) for one in known)
    assert sum(one.key is None and one.state is State.REVIEWED for one in known) == 3
    sources = {asking.source for one in known for asking in questions.askings(filled.cw, one.id)}
    assert len(sources) == 4


def test_measures_have_verdicts_and_one_is_left_to_say(filled: Filled) -> None:
    found = measures.measures(filled.cw, LAST_MONTH)
    assert sorted(one.verdict is None for one in found) == [False, True]
    before = [one.verdict for one in measures.measures(filled.cw, LAST_MONTH.before)]
    assert None not in before
    assert {Worked.WORKED} <= set(before)
    assert measures.measures(filled.cw, LAST_MONTH.next)
    assert {one.holder[:1] for one in targets.targets(filled.cw)} == {"", "t", "P"}
    assert len(kudos.shown(filled.cw)) > 5
    assert len(kudos.waiting(filled.cw)) == 1
