"""Trainings: entered, corrected by a newer entry, kept for good; what rests on them, and what is announced to end."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.control.refused_reasons import RefusedByRuleError
from bench.errors import OperatorError
from bench.items import Item
from bench.registry import competence, equipment, persons, trail, trainings
from bench.registry.authorisations import (
    Authorisation,
    Lack,
    LackKind,
    Scope,
    all_authorisations,
    authorise,
    lack_of,
    revoke,
)
from bench.registry.persons import Person, Role
from bench.registry.store import reading
from bench.registry.trainings import Held, Training
from tests.bench_process.support import plan_of
from tests.registry.laboratory import CERTIFICATE, EVERYTHING, WHEN, Laboratory, reference_file, staffed
from tests.registry.test_admin_persons import as_admin, config, ran  # noqa: F401

HELD = Held(
    "Type X: display and registers", "Maker A", True, "2026-01-01", "read ten registers", True, "2026-12-31"
)
METER = plan_of().meters["1"]
NOW = "2026-11-26T08:00:00+00:00"
TODAY = "2026-11-26"


def held(**changes: object) -> Held:
    return dataclasses.replace(HELD, **changes)  # type: ignore[arg-type]


def scope(until: str, **changes: object) -> Scope:
    return dataclasses.replace(EVERYTHING, valid_until=until, **changes)  # type: ignore[arg-type]


def given(state_dir: Path) -> list[Authorisation]:
    with reading(state_dir) as database:
        return list(all_authorisations(database))


def lack(state_dir: Path, lab: Laboratory, day: str = TODAY, role: Role = Role.VERIFIER) -> Lack | None:
    who = Person(lab.verifier if role is Role.VERIFIER else lab.checker, (role,), True)
    return lack_of(who, given(state_dir), Item.BASIC_ERROR, METER, day, role)


def test_a_correction_stands_in_the_place_of_the_entry_and_both_are_kept(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    first = trainings.add(tmp_path, lab.administrator, "李伟", HELD, WHEN)
    second = trainings.correct(tmp_path, lab.administrator, first.number, held(is_passed=False), NOW)
    assert (second.person, second.corrects) == (lab.verifier, first.number)
    with reading(tmp_path) as database:
        assert trainings.all_trainings(database) == [first, second]
        assert set(trainings.standing(database).values()) == {second}
        assert trainings.current(database) == [second]
        said = [entry for entry in trail.entries(database) if entry.what.startswith("training_")]
    assert [(entry.what, entry.about) for entry in said] == [
        ("training_entered", lab.verifier), ("training_corrected", lab.verifier),
    ]  # fmt: skip
    assert (said[0].new or {})["subject"] == HELD.subject
    with pytest.raises(OperatorError, match="training 1 was corrected; 2 stands in its place"):
        trainings.correct(tmp_path, lab.administrator, first.number, HELD, NOW)


@pytest.mark.parametrize("change", ["UPDATE training SET is_passed = 0", "DELETE FROM training"])
def test_nothing_is_changed_beside_it(tmp_path: Path, change: str) -> None:
    lab = staffed(tmp_path)
    trainings.add(tmp_path, lab.administrator, lab.verifier, HELD, WHEN)
    with (
        closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute(change)


@pytest.mark.parametrize(
    ("by", "named", "changes", "said"),
    [
        ("P3", "P3", {}, "P3 may not change persons"),
        ("P1", "P9", {}, "there is no one person 'P9'"),
        ("P1", "P3", {"subject": " "}, "the subject is empty"),
        ("P1", "P3", {"result": "x" * 201}, "the practical result has 201 characters"),
        ("P1", "P3", {"held_by": "a\nb"}, "who held it has a character"),
        ("P1", "P3", {"held_on": "2026-13-01"}, "is no date"),
        ("P1", "P3", {"held_on": "2026-11-28"}, "is yet to come"),
        ("P1", "P3", {"valid_until": "2025-12-31"}, "until is before the day"),
        ("P1", "P3", {"valid_until": "next year"}, "is no date"),
    ],
)
def test_what_is_no_training_is_refused(
    tmp_path: Path, by: str, named: str, changes: dict[str, object], said: str
) -> None:
    staffed(tmp_path)
    with pytest.raises(OperatorError, match=said):
        trainings.add(tmp_path, by, named, held(**changes), NOW)
    with reading(tmp_path) as database:
        assert trainings.all_trainings(database) == []


# --- what rests on them


def test_an_authorisation_lapses_with_its_training(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    training = trainings.add(tmp_path, lab.administrator, lab.verifier, HELD, WHEN)
    authorise(tmp_path, lab.administrator, lab.verifier, EVERYTHING, NOW, training.number)
    (kept,) = given(tmp_path)
    assert (kept.training, kept.last_day) == (training, "2026-12-31")
    assert lack(tmp_path, lab, "2026-12-31") is None
    assert lack(tmp_path, lab, "2027-01-01") == Lack(LackKind.EXPIRED, "2026-12-31")


def test_one_that_a_correction_takes_the_ground_from_counts_no_more(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    number = trainings.add(tmp_path, lab.administrator, lab.verifier, HELD, WHEN).number
    authorise(tmp_path, lab.administrator, lab.verifier, EVERYTHING, NOW, number)
    trainings.correct(tmp_path, lab.administrator, number, held(is_passed=False), NOW)
    assert lack(tmp_path, lab) == Lack(LackKind.REVOKED, TODAY)


@pytest.mark.parametrize(
    ("whose", "changes", "said"),
    [
        ("P2", {}, "training 1 is P2's; name one of P3"),
        ("P3", {"is_passed": False}, "was not passed"),
        ("P3", {"valid_until": "2026-02-01"}, "expired on 2026-02-01"),
    ],
)
def test_nothing_rests_on_what_does_not_bear(
    tmp_path: Path, whose: str, changes: dict[str, object], said: str
) -> None:
    lab = staffed(tmp_path)
    trainings.add(tmp_path, lab.administrator, whose, held(**changes), NOW)
    with pytest.raises(OperatorError, match=said):
        authorise(
            tmp_path, lab.administrator, lab.verifier, scope("2027-12-31", valid_from="2026-03-01"), NOW, 1
        )
    assert given(tmp_path) == []


def test_why_somebody_is_not_authorised(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    assert lack(tmp_path, lab) == Lack(LackKind.MISSING)
    number = authorise(
        tmp_path, lab.administrator, lab.verifier, scope("2027-12-31", valid_from="2026-12-01"), WHEN
    ).number
    assert lack(tmp_path, lab) == Lack(LackKind.NOT_YET, "2026-12-01")
    revoke(tmp_path, lab.administrator, number, NOW)
    assert lack(tmp_path, lab) == Lack(LackKind.REVOKED, TODAY)
    authorise(tmp_path, lab.administrator, lab.verifier, scope("2026-11-25"), WHEN)
    assert lack(tmp_path, lab) == Lack(LackKind.EXPIRED, "2026-11-25")


def test_to_verify_is_not_to_check(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    with pytest.raises(OperatorError, match="P2 is no active verifier"):
        authorise(tmp_path, lab.administrator, lab.checker, EVERYTHING, WHEN)
    assert not competence.checking_is_bound(given(tmp_path))
    authorise(tmp_path, lab.administrator, lab.checker, scope("2999-12-31", role=Role.CHECKER), WHEN)
    assert competence.checking_is_bound(given(tmp_path))
    assert lack(tmp_path, lab, role=Role.CHECKER) is None
    assert lack(tmp_path, lab) == Lack(LackKind.MISSING)


def test_who_checks_is_bound_once_somebody_is_authorised_to(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    tested = (METER, (Item.NO_LOAD, Item.BASIC_ERROR))
    with reading(tmp_path) as database:
        competence.require_may_check(database, lab.checker, tested, TODAY)
    no_load = scope("2999-12-31", role=Role.CHECKER, items=(Item.NO_LOAD,))
    authorise(tmp_path, lab.administrator, lab.checker, no_load, WHEN)
    with reading(tmp_path) as database, pytest.raises(RefusedByRuleError) as refused:
        competence.require_may_check(database, lab.checker, tested, TODAY)
    assert refused.value.reason == "authorisation_missing"
    assert refused.value.values["items"] == ["basic_error"]
    assert refused.value.values["renewed_by"] == ["赵敏 Zhao Min (P1)"]


def test_how_long_all_of_a_plan_may_be_done(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    for first, last, items in (
        ("2026-01-01", "2026-12-31", ()),
        ("2027-01-01", "2027-06-30", ()),
        ("2027-07-02", "2027-12-31", ()),
        ("2026-01-01", "2027-12-31", (Item.NO_LOAD,)),
    ):
        authorise(tmp_path, lab.administrator, lab.verifier, scope(last, valid_from=first, items=items), WHEN)
    who = Person(lab.verifier, (Role.VERIFIER,), True)

    def lasts(*items: Item) -> str:
        return competence.lasts_until(who, given(tmp_path), [(METER, items)], TODAY, Role.VERIFIER)

    assert lasts(Item.BASIC_ERROR) == "2027-06-30", "a day lies between the second and the third"
    assert lasts(Item.NO_LOAD) == "2027-12-31"
    assert lasts(Item.NO_LOAD, Item.BASIC_ERROR) == "2027-06-30"


# --- what ends


def ending(state_dir: Path, today: str = TODAY) -> list[tuple[str, str, int]]:
    with reading(state_dir) as database:
        return [(each.kind, each.last_day, each.within_days) for each in competence.expiring(database, today)]


def test_what_ends_is_announced_in_time_and_what_is_renewed_is_not(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    authorise(tmp_path, lab.administrator, lab.verifier, scope("2026-12-03"), WHEN)
    authorise(tmp_path, lab.administrator, lab.verifier, scope("2027-01-25", items=(Item.NO_LOAD,)), WHEN)
    authorise(tmp_path, lab.administrator, lab.verifier, scope("2027-01-26", items=(Item.STARTING,)), WHEN)
    trainings.add(tmp_path, lab.administrator, lab.verifier, held(valid_until="2026-11-25"), WHEN)
    trainings.add(
        tmp_path, lab.administrator, lab.verifier, held(subject="Safety", valid_until="2026-09-26"), WHEN
    )
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    certificate = dataclasses.replace(CERTIFICATE, valid_until="2026-12-26")
    equipment.certify(tmp_path, lab.administrator, "RS-1", certificate, WHEN)
    assert ending(tmp_path) == [
        ("training", "2026-11-25", 0),
        ("authorisation", "2026-12-03", 7),
        ("equipment", "2026-12-26", 30),
        ("authorisation", "2027-01-25", 60),
    ]
    trainings.add(tmp_path, lab.administrator, lab.verifier, held(valid_until=""), WHEN)
    authorise(tmp_path, lab.administrator, lab.verifier, EVERYTHING, WHEN)
    assert [last for _, last, _ in ending(tmp_path)] == ["2026-12-26", "2027-01-25"]
    persons.set_active(tmp_path, lab.administrator, lab.verifier, NOW, is_active=False)
    assert ending(tmp_path) == [("equipment", "2026-12-26", 30)]


# --- on the command line


def test_the_administrator_enters_corrects_and_sees_them(config: Path) -> None:  # noqa: F811
    ran(config, "person", "first", "--name", "Zhao Min", typed="correct horse battery\n")
    as_admin(config, "person", "add", "--name", "Li Wei", "--role", "verifier", more="a new and long one\n")
    assert ran(config, "training", "list", "--lang", "en").output == "no training is entered\n"
    words = ("--subject", "Type X", "--on", "2026-01-05", "--result", "read ten registers")
    until = ("--until", "2999-12-31")
    entered = as_admin(
        config, "training", "add", "P2", *words, "--maker", "Maker A", "--passed", *until, "--lang", "en"
    )
    assert entered.output.strip() == (
        "training 1: P2, Type X, the maker Maker A, 2026-01-05, practical part passed: read ten registers, "
        "until 2999-12-31"
    )
    given = as_admin(
        config, "person", "authorise", "P2", "--training", "1", "--until", "9000-01-01", "--lang", "en"
    )
    assert "to 2999-12-31, given by P1, on training 1" in given.output
    as_admin(config, "training", "correct", "1", *words, "--body", "the institute", "--not-passed")
    shown = ran(config, "training", "list", "P2", "--lang", "zh").output
    assert [word for word in ("(已更正)", "(更正 1)", "实操不合格") if word not in shown] == []
    assert "revoked" in ran(config, "person", "show", "P2", "--lang", "en").output
    listed = json.loads(ran(config, "training", "list", "--json").output)
    assert [each["corrects"] for each in listed] == [None, 1]
    assert ran(config, "expiring", "--lang", "en").output == "nothing ends within 60 days\n"
    with pytest.raises(OperatorError, match="--maker for a maker of meters, or else --body"):
        as_admin(config, "training", "add", "P2", *words, "--passed")


def test_a_training_that_was_not_passed_counts_for_nothing() -> None:
    assert not Training(1, "P3", held(is_passed=False), None, "P1", WHEN).counts_on("2026-02-01")
