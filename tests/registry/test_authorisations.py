"""Authorisations: for which test, which meter and which day, and what a run without one is worth."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.app import open_bench
from bench.errors import OperatorError
from bench.items import Item
from bench.records.journal_reading import JournalReader
from bench.registry import persons
from bench.registry.authorisations import (
    Authorisation,
    Scope,
    all_authorisations,
    authorise,
    of_plan,
    revoke,
    why_not_authorised,
)
from bench.registry.persons import Person, Role
from bench.registry.store import reading
from calibration.nameplate import Connection, Quantity, Wiring
from calibration.quantities import Finding
from calibration.reasons import Reason, sentence
from tests.bench_process.support import METER as METER_TEXT
from tests.bench_process.support import bench_config, plan_of
from tests.registry.laboratory import EVERYTHING, PASSWORD, WHEN, laboratory, staffed

VERIFIER = Person("P3", (Role.VERIFIER,), True)
METER = plan_of().meters["1"]
DAYS = st.dates().map(lambda day: day.isoformat())


def scope(**changes: object) -> Scope:
    return dataclasses.replace(EVERYTHING, **changes)  # type: ignore[arg-type]


def why(given_scope: Scope, today: str = "2026-11-26", person: Person = VERIFIER) -> Finding | None:
    given_one = Authorisation(1, "P3", given_scope, "P1", WHEN)
    return why_not_authorised(person, [given_one], Item.BASIC_ERROR, METER, today)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"items": (Item.BASIC_ERROR, Item.NO_LOAD)},
        {"connections": (Connection.DIRECT,), "wirings": (Wiring.SINGLE_PHASE,)},
        {"quantities": (Quantity.ACTIVE,), "accuracy_classes": ("2", "1")},
        {"valid_from": "2026-11-26", "valid_until": "2026-11-26"},
    ],
)
def test_what_is_in_the_scope_is_authorised(changes: dict[str, object]) -> None:
    assert why(scope(**changes)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"items": (Item.NO_LOAD,)},
        {"connections": (Connection.CT,)},
        {"wirings": (Wiring.THREE_WIRE, Wiring.FOUR_WIRE)},
        {"quantities": (Quantity.REACTIVE,)},
        {"accuracy_classes": ("0.5S", "11")},
        {"valid_from": "2026-11-27"},
    ],
)
def test_what_is_not_in_the_scope_is_not(changes: dict[str, object]) -> None:
    found = why(scope(**changes))
    assert found is not None
    assert found.reason is Reason.NOT_AUTHORISED


def test_one_that_is_over_says_since_when() -> None:
    found = why(scope(valid_until="2026-11-25"))
    assert found is not None
    assert (found.reason, found.values["day"]) == (Reason.AUTHORISATION_EXPIRED, "2026-11-25")


@pytest.mark.parametrize(
    "person",
    [Person("P3", (Role.VERIFIER,), False), Person("P3", (Role.CHECKER,), True), Person("P4", (), True)],
)
def test_it_counts_for_an_active_verifier_and_for_nobody_else(person: Person) -> None:
    found = why(EVERYTHING, person=person)
    assert found is not None
    assert found.reason is Reason.NOT_AUTHORISED


@given(first=DAYS, last=DAYS, today=DAYS)
@settings(max_examples=200)
def test_days_count_from_the_first_to_the_last_both_included(first: str, last: str, today: str) -> None:
    is_inside = (
        tuple(map(int, first.split("-")))
        <= tuple(map(int, today.split("-")))
        <= tuple(map(int, last.split("-")))
    )
    assert (why(scope(valid_from=first, valid_until=last), today) is None) == is_inside


def test_a_plan_names_its_tests_once_for_each_kind_of_meter() -> None:
    tests = 'tests = ["warm_up", "visual", "no_load", "basic_error"]\nload_points = ["Ib 1.0", "Imax 1.0"]\n'
    checked = plan_of(tests + METER_TEXT)
    (found,) = of_plan(VERIFIER, [], checked, "2026-11-26")
    said = sentence(found.reason, found.values, "en")
    assert (
        said
        == "P3 is not authorised for visual inspection, no load (creep), basic error (1p2w direct active 1)"
    )
    assert "潜动" in sentence(found.reason, found.values, "zh")


def test_they_are_given_and_taken_back_and_all_of_it_is_kept(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    given_one = authorise(tmp_path, lab.administrator, "李伟", scope(items=(Item.NO_LOAD,)), WHEN)
    assert (given_one.person, given_one.given_by) == (lab.verifier, lab.administrator)
    revoke(tmp_path, lab.administrator, given_one.number, WHEN)
    for number in (given_one.number, 99):
        with pytest.raises(OperatorError, match=f"there is no authorisation {number} to revoke"):
            revoke(tmp_path, lab.administrator, number, WHEN)
    with reading(tmp_path) as database:
        (kept,) = all_authorisations(database)
    assert kept == dataclasses.replace(given_one, revoked_on=WHEN)
    assert why_not_authorised(VERIFIER, [kept], Item.NO_LOAD, METER, "2026-11-26") is not None


@pytest.mark.parametrize(
    ("by", "named", "changes", "said"),
    [
        ("P2", "P3", {}, "P2 may not change persons and their authorisations"),
        ("P3", "P3", {}, "P3 may not"),
        ("P1", "P2", {}, "P2 is no active verifier"),
        ("P1", "P7", {}, "there is no one person 'P7'"),
        ("P1", "P3", {"valid_until": "2019-12-31"}, "until is before from"),
        ("P1", "P3", {"valid_until": "2026-02-30"}, "is no date"),
        ("P1", "P3", {"valid_from": "20260101"}, "is no date"),
        ("P1", "P3", {"valid_from": "2026-1-1'; --"}, "is no date"),
    ],
)
def test_what_is_no_authorisation_is_refused(
    tmp_path: Path, by: str, named: str, changes: dict[str, object], said: str
) -> None:
    staffed(tmp_path)
    with pytest.raises(OperatorError, match=said):
        authorise(tmp_path, by, named, scope(**changes), WHEN)
    with reading(tmp_path) as database:
        assert list(all_authorisations(database)) == []


def test_a_run_records_its_verifier_by_id_and_what_was_missing(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    with open_bench(bench_config(tmp_path), lambda line: None) as process:
        with pytest.raises(OperatorError, match="wrong"):
            process.let_in(lab.verifier, "not the password")
        who = process.let_in("李伟", PASSWORD)
        process.run(plan_of(), verifier=who)
        authorise(tmp_path, lab.administrator, who, EVERYTHING, WHEN)
        process.run(plan_of(), verifier=who)
        process.run(plan_of())
    journal = JournalReader(tmp_path)
    first, second, third = (journal.run(run_id)[0] for run_id in journal.run_ids())
    journal.close()
    assert [r.fields()["station"]["verifier"] for r in (first, second, third)] == ["P3", "P3", ""]
    assert "not_authorised" in reasons(first.body)
    assert not {"not_authorised", "verifier_unknown"} & reasons(second.body)
    assert "verifier_unknown" in reasons(third.body)
    assert all("李伟".encode() not in record.body for record in (first, second, third))


def reasons(body: bytes) -> set[str]:
    return {found["reason"] for found in json.loads(body)["station"]["not_official_because"]}


def test_who_goes_on_with_a_run_is_who_began_it(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    other = persons.add(
        tmp_path, lab.administrator, persons.Name("", "Other"), (Role.VERIFIER,), PASSWORD, WHEN
    ).id
    authorise(tmp_path, lab.administrator, other, EVERYTHING, WHEN)
    with open_bench(bench_config(tmp_path), lambda line: None) as process:
        process.run(plan_of(), verifier=lab.verifier)
        assert process.prepare(plan_of(), "1", lab.verifier).briefing.taken_over
        with pytest.raises(OperatorError, match="verifier was P3 and is now P4"):
            process.prepare(plan_of(), "1", other)
