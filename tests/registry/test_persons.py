"""Persons: roles, passwords, the waiting after wrong ones, and names that can be deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import OperatorError
from bench.registry import person_passwords, persons, trail
from bench.registry.approvals import approve
from bench.registry.person_passwords import wait_after_s
from bench.registry.persons import Name, Person, Role, all_persons, authenticate
from bench.registry.store import reading
from calibration.rule_files import load_rule_set
from tests.registry.laboratory import PASSWORD, WHEN, staffed
from tests.registry.test_approvals import history_of, why_not_approved

RULES = load_rule_set("jjg596-2012")
HASHER_OF_THE_PROGRAM = person_passwords.HASHER


def later(seconds: float) -> str:
    return (datetime.fromisoformat(WHEN) + timedelta(seconds=seconds)).isoformat()


def persons_of(state_dir: Path) -> dict[str, Person]:
    with reading(state_dir) as database:
        return all_persons(database)


def test_there_is_one_first_administrator_and_no_second(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    assert (lab.administrator, lab.checker, lab.verifier) == ("P1", "P2", "P3")
    with pytest.raises(OperatorError, match="there is an administrator already"):
        persons.first_administrator(tmp_path, Name("", "Mallory"), PASSWORD, WHEN)
    with pytest.raises(OperatorError, match="P1 is the last administrator"):
        persons.set_active(tmp_path, "P1", "P1", WHEN, is_active=False)
    with pytest.raises(OperatorError, match="P1 is the last administrator"):
        persons.set_roles(tmp_path, "P1", "P1", (Role.OFFICE,), WHEN)
    assert persons_of(tmp_path)["P1"].roles == (Role.ADMINISTRATOR,)


@pytest.mark.parametrize("who", ["P2", "P3"])
def test_only_an_administrator_changes_persons(tmp_path: Path, who: str) -> None:
    staffed(tmp_path)
    changes = [
        lambda: persons.add(tmp_path, who, Name("", "X"), (Role.ADMINISTRATOR,), PASSWORD, WHEN),
        lambda: persons.set_roles(tmp_path, who, who, (Role.ADMINISTRATOR,), WHEN),
        lambda: persons.set_active(tmp_path, who, "P1", WHEN, is_active=False),
        lambda: persons.rename(tmp_path, who, "P1", Name("", "X"), WHEN),
        lambda: persons.forget(tmp_path, who, "P1", WHEN),
        lambda: persons.set_password(tmp_path, who, "P1", PASSWORD, WHEN),
    ]
    before = persons_of(tmp_path)
    for change in changes:
        with pytest.raises(OperatorError, match=f"{who} may not change persons"):
            change()
    assert persons_of(tmp_path) == before


def test_a_person_is_let_in_by_id_or_by_a_name_that_only_one_has(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    for named in ("P3", "p3", " 李伟 "):
        assert authenticate(tmp_path, named, PASSWORD, WHEN).id == lab.verifier
    persons.add(tmp_path, "P1", Name("李伟", ""), (Role.OFFICE,), PASSWORD, WHEN)
    with pytest.raises(OperatorError, match="wrong"):
        authenticate(tmp_path, "李伟", PASSWORD, WHEN)


@pytest.mark.parametrize(
    ("named", "password"), [("P9", PASSWORD), ("P2", PASSWORD + "x"), ("P2", ""), ("", "")]
)
def test_nobody_is_told_which_of_person_and_password_is_wrong(
    tmp_path: Path, named: str, password: str
) -> None:
    staffed(tmp_path)
    with pytest.raises(OperatorError, match="the person or the password is wrong"):
        authenticate(tmp_path, named, password, WHEN)


def test_who_has_left_is_not_let_in_and_comes_back_with_a_new_password(tmp_path: Path) -> None:
    staffed(tmp_path)
    persons.set_active(tmp_path, "P1", "P2", WHEN, is_active=False)
    with pytest.raises(OperatorError, match="wrong"):
        authenticate(tmp_path, "P2", PASSWORD, WHEN)
    with pytest.raises(OperatorError, match="P2 has left"):
        persons.set_password(tmp_path, "P1", "P2", PASSWORD, WHEN)
    persons.set_active(tmp_path, "P1", "P2", WHEN, is_active=True)
    with pytest.raises(OperatorError, match="wrong"):
        authenticate(tmp_path, "P2", PASSWORD, WHEN)
    persons.set_password(tmp_path, "P1", "P2", "another long password", WHEN)
    assert authenticate(tmp_path, "P2", "another long password", WHEN).id == "P2"


def test_an_administrator_who_has_left_changes_nothing(tmp_path: Path) -> None:
    staffed(tmp_path)
    other = persons.add(tmp_path, "P1", Name("", "Second"), (Role.ADMINISTRATOR,), PASSWORD, WHEN).id
    persons.set_active(tmp_path, "P1", other, WHEN, is_active=False)
    with pytest.raises(OperatorError, match="P4 may not change persons"):
        persons.set_roles(tmp_path, other, "P2", (Role.OFFICE,), WHEN)


def test_passwords_are_argon2id_of_the_strength_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_passwords, "HASHER", HASHER_OF_THE_PROGRAM)
    staffed(tmp_path)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        hashes = [row[0] for row in database.execute("SELECT hash FROM person_password")]
    assert all(each.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for each in hashes)
    assert len(set(hashes)) == 3  # one password, three salts
    assert PASSWORD.encode() not in (tmp_path / "registry.sqlite").read_bytes()


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Bench-2026-2026", "aaaaaaaaaaaa", "abcabcabcabc", "qwertyuiop123", "1qaz2wsx3edc4rfv",
        "987654321098", "Passw0rd!Passw0rd!", "administrator1", "ZhaoMin-bench-99", "密码密码密码密码密码密码",
    ],
)  # fmt: skip
def test_a_password_that_everybody_takes_is_refused(tmp_path: Path, password: str) -> None:
    staffed(tmp_path)
    with pytest.raises(OperatorError, match="one that many take"):
        persons.set_password(tmp_path, "P1", "P1", password, WHEN)
    assert authenticate(tmp_path, "P1", PASSWORD, WHEN).id == "P1"


@pytest.mark.parametrize(
    "password", ["bench of four grey stones", "7391-8264-5017", "北京天气晴朗我们去爬山吧"]
)
def test_a_usual_word_among_others_is_no_obstacle(tmp_path: Path, password: str) -> None:
    staffed(tmp_path)
    persons.set_password(tmp_path, "P1", "P1", password, WHEN)
    assert authenticate(tmp_path, "P1", password, WHEN).id == "P1"


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 257, "ZhaoMin Zhao Min", "zhaomin2026!!!!", "赵敏赵敏赵敏赵敏赵敏赵敏", "P1P1P1P1P1P1"],
)
def test_a_password_that_is_short_or_the_own_name_is_refused(tmp_path: Path, password: str) -> None:
    staffed(tmp_path)
    with pytest.raises(OperatorError, match=r"a password has 12|own name"):
        persons.set_password(tmp_path, "P1", "P1", password, WHEN)
    assert authenticate(tmp_path, "P1", PASSWORD, WHEN).id == "P1"


def test_the_same_letters_are_the_same_password_however_they_are_composed(tmp_path: Path) -> None:
    staffed(tmp_path)
    persons.set_password(tmp_path, "P2", "P2", "caf\u00e9 au lait noir", WHEN)
    assert authenticate(tmp_path, "P2", "cafe\u0301 au lait noir", WHEN).id == "P2"


def wrong(state_dir: Path, now: str) -> str:
    with pytest.raises(OperatorError) as refused:
        authenticate(state_dir, "P2", "certainly not this", now)
    return str(refused.value)


def test_wrong_passwords_make_one_wait_longer_each_time_and_a_right_one_ends_it(tmp_path: Path) -> None:
    staffed(tmp_path)
    assert all("is wrong" in wrong(tmp_path, WHEN) for _ in range(4))
    assert "try again in 2 s" in wrong(tmp_path, WHEN)
    with pytest.raises(OperatorError, match="try again in 1 s"):
        authenticate(tmp_path, "P2", PASSWORD, later(1))  # the right one, too early
    assert "is wrong" in wrong(tmp_path, later(2))
    assert "try again in 4 s" in wrong(tmp_path, later(2))
    assert authenticate(tmp_path, "P3", PASSWORD, later(2)).id == "P3"  # others need not wait
    assert authenticate(tmp_path, "P2", PASSWORD, later(6)).id == "P2"
    assert "is wrong" in wrong(tmp_path, later(6))


def test_a_clock_that_went_back_begins_the_waiting_anew_and_does_not_lengthen_it(tmp_path: Path) -> None:
    staffed(tmp_path)
    for _ in range(4):
        wrong(tmp_path, WHEN)
    assert "try again in 2 s" in wrong(tmp_path, later(-86_400))
    assert authenticate(tmp_path, "P2", PASSWORD, later(-86_398)).id == "P2"


def test_the_waiting_grows_to_an_hour_and_no_further() -> None:
    assert [wait_after_s(n) for n in (0, 3, 4, 5, 6)] == [0, 0, 2, 4, 8]
    assert wait_after_s(15) == wait_after_s(10**9) == 3600


def test_refused_passwords_are_in_the_trail(tmp_path: Path) -> None:
    staffed(tmp_path)
    wrong(tmp_path, WHEN)
    with reading(tmp_path) as database:
        last = list(trail.entries(database))[-1]
    assert (last.what, last.about, last.who) == ("password_refused", "P2", trail.CONSOLE)


def test_a_name_is_deleted_from_the_file_and_the_deeds_stay(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    approve(tmp_path, RULES, lab.checker, WHEN)
    with pytest.raises(OperatorError, match="P2 is active"):
        persons.forget(tmp_path, lab.administrator, "P2", WHEN)
    assert b"Wang Fang" in (tmp_path / "registry.sqlite").read_bytes()
    persons.set_active(tmp_path, lab.administrator, "P2", WHEN, is_active=False)
    persons.forget(tmp_path, lab.administrator, "P2", WHEN)
    assert b"Wang Fang" not in (tmp_path / "registry.sqlite").read_bytes()
    assert persons_of(tmp_path)["P2"].shown("en") == "P2"
    assert [entry.person for entry in history_of(tmp_path, RULES.name)] == ["P2"]
    with reading(tmp_path) as database:
        assert trail.check(database).broken_at is None


def test_approvals_are_for_checkers_and_administrators_as_soon_as_there_is_one(tmp_path: Path) -> None:
    approve(tmp_path, RULES, "Li Wei, of before", WHEN)
    lab = staffed(tmp_path)
    assert why_not_approved(tmp_path, RULES) is None  # it stays
    for who in (lab.verifier, "Li Wei, of before"):
        with pytest.raises(OperatorError, match=r"may not change approvals|there is no one person"):
            approve(tmp_path, RULES, who, WHEN)
    approve(tmp_path, RULES, lab.checker, WHEN)
    assert [entry.person for entry in history_of(tmp_path, RULES.name)] == ["Li Wei, of before", "P2"]


@pytest.mark.parametrize(
    "name", ["", " ", "a\x00b", "a\nb", "\x1b[31mred", "\ud800", "\u202egnp.exe", "x" * 81, "\t", "P9", "p1"]
)
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    staffed(tmp_path)
    with pytest.raises(OperatorError, match=r"name"):
        persons.add(tmp_path, "P1", Name("", name), (Role.OFFICE,), PASSWORD, WHEN)
    assert list(persons_of(tmp_path)) == ["P1", "P2", "P3"]


def test_text_that_looks_like_sql_is_a_name_like_any_other(tmp_path: Path) -> None:
    staffed(tmp_path)
    name = "Robert'); DROP TABLE person_version;-- %s \\\" 赵"
    made = persons.add(tmp_path, "P1", Name("", name), (Role.OFFICE,), PASSWORD, WHEN)
    assert persons_of(tmp_path)[made.id].name.latin == name
    assert authenticate(tmp_path, name, PASSWORD, WHEN).id == made.id


@pytest.fixture(scope="module")
def staffed_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state_dir = tmp_path_factory.mktemp("lab")
    staffed(state_dir)
    return state_dir


@given(named=st.text(max_size=40), password=st.text(max_size=40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_refused_in_one_line(staffed_dir: Path, named: str, password: str) -> None:
    with pytest.raises(OperatorError) as refused:
        authenticate(staffed_dir, named, password, WHEN)
    assert "\n" not in str(refused.value)


def test_a_password_that_is_no_text_is_wrong_and_no_defect(tmp_path: Path) -> None:
    """Bytes of a script's stdin that are no UTF-8, or half a surrogate pair over the socket."""
    lab = staffed(tmp_path)
    with pytest.raises(OperatorError, match="the person or the password is wrong"):
        authenticate(tmp_path, lab.verifier, "\udcff and more words", WHEN)
    persons.set_password(tmp_path, lab.verifier, lab.verifier, "\udcff and more words", WHEN)
    assert authenticate(tmp_path, lab.verifier, "\udcff and more words", WHEN).id == lab.verifier
