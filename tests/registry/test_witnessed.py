"""In the registry: a verifier has one meter under test, a meter stays with one person, a retest is for others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.admin.trail import trail as trail_command
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import OperatorError
from bench.registry import kept_texts, persons, trail, witnessed
from bench.registry.persons import Name, Role
from bench.registry.refusals_kept import AT_ONCE, ONE_IN_S, KeptRefusals
from bench.registry.store import glancing, reading
from bench.registry.trail_and_tables import that_differ
from bench.registry.witnessed import Case, CaseRole, CaseState
from tests.bench_process.support import BENCH
from tests.registry.laboratory import PASSWORD, WHEN, staffed

DIGEST = "ab" * 32


@dataclass(frozen=True)
class Staff:
    """Ids: an administrator, a checker and a verifier, and a second of each of the two; an office; a technician."""

    state_dir: Path
    administrator: str
    checker: str
    verifier: str
    other_verifier: str
    other_checker: str
    office: str
    technician: str

    def assign(self, case: str = "C2026-0001", serial: str = "M-1", **changes: str) -> Case:
        by = changes.pop("by", self.office)
        named = {"verifier": self.verifier, "checker": self.checker} | changes
        return witnessed.assign(self.state_dir, by, Case(case, serial, **named), WHEN)

    def begin(self, case: str = "C2026-0001", by: str = "") -> Case:
        return witnessed.begin(self.state_dir, by or self.verifier, case, WHEN)

    def hand_over(self, to: str, by: str, role: CaseRole = CaseRole.VERIFIER, why: str = "ill") -> Case:
        return witnessed.hand_over(self.state_dir, by, "C2026-0001", role, to, why, WHEN)

    def release(self, by: str = "", why: str = "the customer had to leave", case: str = "C2026-0001") -> Case:
        return witnessed.release(self.state_dir, by or self.verifier, case, why, WHEN)

    def end(self, case: str = "C2026-0001", by: str = "") -> Case:
        return witnessed.end(self.state_dir, by or self.verifier, case, DIGEST, WHEN)

    def case(self, case: str = "C2026-0001") -> Case:
        with reading(self.state_dir) as database:
            return witnessed.named(database, case)

    def busy(self) -> dict[str, str]:
        with reading(self.state_dir) as database:
            return witnessed.under_test(database)


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    lab = staffed(tmp_path)

    def more(role: Role, name: str) -> str:
        return persons.add(tmp_path, lab.administrator, Name("", name), (role,), PASSWORD, WHEN).id

    return Staff(
        tmp_path,
        lab.administrator,
        lab.checker,
        lab.verifier,
        more(Role.VERIFIER, "Liu Yang"),
        more(Role.CHECKER, "Sun Li"),
        more(Role.OFFICE, "Chen Jing"),
        more(Role.TECHNICIAN, "Zhou Bo"),
    )


def refused(reason: Refusal, act: Callable[[], object]) -> dict[str, object]:
    with pytest.raises(RefusedByRuleError) as error:
        act()
    assert error.value.reason is reason
    assert "\n" not in str(error.value)
    return dict(error.value.values)


def test_from_assigned_to_ended_with_the_trail_of_it(staff: Staff) -> None:
    assert staff.assign().state is CaseState.ASSIGNED
    assert staff.busy() == {}
    assert staff.begin().state is CaseState.BEGUN
    assert staff.begin() == staff.case(), "who begins twice has begun"
    assert staff.busy() == {staff.verifier: "C2026-0001"}
    assert staff.end().state is CaseState.ENDED
    assert staff.busy() == {}
    with reading(staff.state_dir) as database:
        acts = [(e.what, e.who) for e in trail.entries(database) if e.about == "C2026-0001"]
        last = list(trail.entries(database))[-1]
        assert that_differ(database) == ()
    assert acts == [
        ("case_assigned", staff.office),
        ("case_begun", staff.verifier),
        ("case_ended", staff.verifier),
    ]
    assert last.new is not None
    assert last.new["digest"] == DIGEST


# --- who may be named


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"by": "technician"}, Refusal.ROLE_MISSING),
        ({"verifier": "checker"}, Refusal.SAME_PERSON),
        ({"verifier": "other_checker"}, Refusal.NOT_A_VERIFIER),
        ({"checker": "other_verifier"}, Refusal.NOT_A_CHECKER),
        ({"verifier": "nobody"}, Refusal.PERSON_UNKNOWN),
        ({"retest_of": "C2026-0009"}, Refusal.CASE_UNKNOWN),
    ],
)
def test_who_cannot_be_named_is_not(staff: Staff, changes: dict[str, str], reason: Refusal) -> None:
    refused(reason, lambda: staff.assign(**{key: getattr(staff, who, who) for key, who in changes.items()}))
    refused(Refusal.CASE_UNKNOWN, staff.case)


def test_who_has_left_is_not_named_and_begins_nothing(staff: Staff) -> None:
    staff.assign()
    persons.set_active(staff.state_dir, staff.administrator, staff.verifier, WHEN, is_active=False)
    refused(Refusal.PERSON_UNKNOWN, lambda: staff.assign("C2026-0002"))
    refused(Refusal.PERSON_UNKNOWN, staff.begin)


@pytest.mark.parametrize(
    ("case", "serial"), [("2026-1", "M-1"), ("C2026-0001\n", "M-1"), ("C2026-0001", " ")]
)
def test_what_is_no_case_is_not_kept(staff: Staff, case: str, serial: str) -> None:
    with pytest.raises(OperatorError):
        staff.assign(case, serial)
    with reading(staff.state_dir) as database:
        assert witnessed.all_cases(database) == []


def test_persons_change_freely_before_the_beginning_and_not_after(staff: Staff) -> None:
    staff.assign()
    assert staff.assign(verifier=staff.other_verifier).verifier == staff.other_verifier
    refused(Refusal.NOT_YOUR_CASE, staff.begin)
    staff.begin(by=staff.other_verifier)
    refused(Refusal.CASE_BEGUN, staff.assign)
    staff.end(by=staff.other_verifier)
    refused(Refusal.CASE_ENDED, staff.assign)
    refused(Refusal.CASE_ENDED, lambda: staff.begin(by=staff.other_verifier))


# --- one verifier, one meter


def test_a_busy_verifier_begins_no_second_case(staff: Staff) -> None:
    staff.assign()
    staff.assign("C2026-0002", "M-2")
    staff.begin()
    said = refused(Refusal.VERIFIER_BUSY, lambda: staff.begin("C2026-0002"))
    assert said == {"person": staff.verifier, "case": "C2026-0001"}
    staff.end()
    assert staff.begin("C2026-0002").state is CaseState.BEGUN


def test_a_meter_under_test_is_begun_by_nobody_else(staff: Staff) -> None:
    staff.assign()
    staff.assign("C2026-0002", verifier=staff.other_verifier)
    staff.begin()
    refused(Refusal.METER_BUSY, lambda: staff.begin("C2026-0002", staff.other_verifier))


def test_of_two_cases_that_a_verifier_begins_at_once_one_is_begun(staff: Staff) -> None:
    for number in range(1, 9):
        staff.assign(f"C2026-000{number}", f"M-{number}")

    def try_one(number: int) -> str:
        try:
            return staff.begin(f"C2026-000{number}").state.value
        except RefusedByRuleError as error:
            return error.reason.value

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(try_one, range(1, 9))) == ["begun"] + ["verifier_busy"] * 7


def test_the_table_itself_holds_one_meter_for_a_verifier(staff: Staff) -> None:
    """Whatever a program forgets to ask."""
    staff.assign()
    staff.begin()
    with closing(sqlite3.connect(staff.state_dir / "registry.sqlite")) as database:
        for row in (("C2026-0002", staff.verifier, "M-2"), ("C2026-0002", "P9", "M-1")):
            with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
                database.execute("INSERT INTO case_under_test VALUES (?, ?, ?)", row)
        for change in ("DELETE FROM case_version", "UPDATE case_version SET verifier = 'P9'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(change)


def test_only_its_verifier_or_an_administrator_ends_it(staff: Staff) -> None:
    staff.assign()
    refused(Refusal.CASE_NOT_BEGUN, staff.end)
    staff.begin()
    refused(Refusal.NOT_YOUR_CASE, lambda: staff.end(by=staff.other_verifier))
    refused(Refusal.NOT_YOUR_CASE, lambda: staff.end(by=staff.checker))
    with pytest.raises(OperatorError, match="64 hexadecimal digits"):
        witnessed.end(staff.state_dir, staff.verifier, "C2026-0001", "AB" * 32, WHEN)
    staff.end(by=staff.administrator)
    refused(Refusal.CASE_ENDED, staff.end)


# --- handovers


def test_a_handover_is_explicit_with_its_reason_and_frees_who_hands_over(staff: Staff) -> None:
    staff.assign()
    staff.assign("C2026-0002", "M-2")
    staff.begin()
    staff.hand_over(staff.other_verifier, staff.verifier, why="李伟的孩子病了")
    assert staff.case().verifier == staff.other_verifier
    assert staff.busy() == {staff.other_verifier: "C2026-0001"}
    staff.begin("C2026-0002")
    with reading(staff.state_dir) as database:
        (kept,) = witnessed.handovers(database, "C2026-0001")
        assert that_differ(database) == ()
        last = [e for e in trail.entries(database) if e.what == "case_handed_over"][-1]
    assert (kept.role, kept.from_person, kept.to_person, kept.why) == (
        CaseRole.VERIFIER, staff.verifier, staff.other_verifier, "李伟的孩子病了",
    )  # fmt: skip
    assert "孩子" not in str(last), "what the trail keeps for ever is a reference"
    kept_texts.forget(staff.state_dir, staff.administrator, "C2026-0001", WHEN)
    with reading(staff.state_dir) as database:
        (kept,) = witnessed.handovers(database, "C2026-0001")
    assert kept.why is None


@pytest.mark.parametrize("why", ["", "  ", "two\nlines"])
def test_without_a_reason_nothing_is_handed_over(staff: Staff, why: str) -> None:
    staff.assign()
    staff.begin()
    with pytest.raises(OperatorError, match="the reason"):
        staff.hand_over(staff.other_verifier, staff.verifier, why=why)
    assert staff.case().verifier == staff.verifier


def test_who_may_hand_over_and_to_whom(staff: Staff) -> None:
    staff.assign()
    staff.begin()
    refused(Refusal.NOT_YOUR_CASE, lambda: staff.hand_over(staff.other_verifier, staff.other_verifier))
    refused(Refusal.NOT_YOUR_CASE, lambda: staff.hand_over(staff.other_verifier, staff.checker))
    refused(Refusal.NOT_A_VERIFIER, lambda: staff.hand_over(staff.checker, staff.verifier))
    refused(Refusal.PERSON_UNKNOWN, lambda: staff.hand_over("P99", staff.verifier))
    staff.assign("C2026-0002", "M-2", verifier=staff.other_verifier)
    staff.begin("C2026-0002", staff.other_verifier)
    refused(Refusal.VERIFIER_BUSY, lambda: staff.hand_over(staff.other_verifier, staff.verifier))
    staff.end("C2026-0002", staff.other_verifier)
    staff.hand_over(staff.other_verifier, staff.administrator)
    assert staff.case().verifier == staff.other_verifier


def test_who_has_verified_in_a_case_does_not_check_it_later(staff: Staff) -> None:
    both = (Role.VERIFIER, Role.CHECKER)
    for who in (staff.verifier, staff.checker):
        persons.set_roles(staff.state_dir, staff.administrator, who, both, WHEN)
    staff.assign()
    staff.begin()
    refused(Refusal.SAME_PERSON, lambda: staff.hand_over(staff.checker, staff.verifier))
    staff.hand_over(staff.other_verifier, staff.verifier)
    refused(Refusal.SAME_PERSON, lambda: staff.hand_over(staff.verifier, staff.checker, CaseRole.CHECKER))
    staff.hand_over(staff.other_checker, staff.checker, CaseRole.CHECKER)
    refused(Refusal.SAME_PERSON, lambda: staff.hand_over(staff.checker, staff.other_verifier))


def test_after_the_end_only_the_checker_changes(staff: Staff) -> None:
    staff.assign()
    staff.begin()
    staff.end()
    refused(Refusal.CASE_ENDED, lambda: staff.hand_over(staff.other_verifier, staff.verifier))
    staff.hand_over(staff.other_checker, staff.checker, CaseRole.CHECKER)
    assert (staff.case().checker, staff.case().state) == (staff.other_checker, CaseState.ENDED)
    assert staff.busy() == {}


# --- retests


def test_a_retest_is_of_the_same_meter_by_others(staff: Staff) -> None:
    staff.assign()
    staff.begin()
    staff.end()
    again = {"case": "C2026-0002", "retest_of": "C2026-0001"}
    others = {"verifier": staff.other_verifier, "checker": staff.other_checker}
    for own in ({"verifier": staff.verifier}, {"checker": staff.checker}):
        said = refused(Refusal.RETEST_SAME_PERSON, lambda own=own: staff.assign(**again | others | own))
        assert said == {"person": next(iter(own.values())), "case": "C2026-0001"}
    refused(Refusal.RETEST_OTHER_METER, lambda: staff.assign(serial="M-2", **again | others))
    staff.assign(**again | others)
    staff.begin("C2026-0002", staff.other_verifier)
    refused(
        Refusal.RETEST_SAME_PERSON,
        lambda: witnessed.hand_over(
            staff.state_dir,
            staff.other_verifier,
            "C2026-0002",
            CaseRole.VERIFIER,
            staff.verifier,
            "ill",
            WHEN,
        ),
    )


def test_a_retest_is_not_for_who_has_handed_the_case_over_and_is_for_who_never_began(staff: Staff) -> None:
    third = persons.add(
        staff.state_dir, staff.administrator, Name("", "Xu"), (Role.VERIFIER,), PASSWORD, WHEN
    )
    staff.assign(verifier=third.id)
    staff.assign()
    staff.begin()
    staff.hand_over(staff.other_verifier, staff.verifier)
    staff.end(by=staff.other_verifier)
    again = {"case": "C2026-0002", "retest_of": "C2026-0001", "checker": staff.other_checker}
    refused(Refusal.RETEST_SAME_PERSON, lambda: staff.assign(**again, verifier=staff.verifier))
    assert staff.assign(**again, verifier=third.id).verifier == third.id


def test_a_case_is_no_retest_of_itself(staff: Staff) -> None:
    staff.assign()
    refused(Refusal.RETEST_OTHER_METER, lambda: staff.assign(retest_of="C2026-0001"))


# --- a customer who leaves before the test


def test_a_case_that_is_released_is_assigned_again_and_its_verifier_and_its_meter_are_free(
    staff: Staff,
) -> None:
    staff.assign()
    staff.begin()
    assert staff.release().state is CaseState.ASSIGNED
    assert staff.busy() == {}
    with reading(staff.state_dir) as database:
        entry = list(trail.entries(database))[-1]
        assert (entry.what, entry.who, entry.wall_time) == ("case_released", staff.verifier, WHEN)
        assert that_differ(database) == ()
    (kept,) = kept_texts.all_texts(staff.state_dir, "C2026-0001")
    assert kept.text == "the customer had to leave"
    assert entry.new is not None
    assert entry.new["why"] == kept.reference
    staff.assign("C2026-0002", "M-2")
    staff.begin("C2026-0002")
    staff.assign(verifier=staff.other_verifier)
    assert staff.begin(by=staff.other_verifier).verifier == staff.other_verifier


def test_who_may_release_a_case_and_when(staff: Staff) -> None:
    staff.assign()
    refused(Refusal.CASE_NOT_BEGUN, staff.release)
    staff.begin()
    for person in (staff.other_verifier, staff.checker, staff.technician):
        refused(Refusal.ROLE_MISSING, lambda person=person: staff.release(by=person))
    with pytest.raises(OperatorError, match="reason"):
        staff.release(why=" ")
    assert staff.busy() == {staff.verifier: "C2026-0001"}
    for person in (staff.office, staff.administrator):
        staff.release(by=person)
        staff.begin()
    staff.end()
    refused(Refusal.CASE_ENDED, staff.release)


# --- kills and changes beside


def _die_while_handing_over(state_dir: Path, by: str, to: str) -> None:
    def die(*unused: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    trail.add = die  # type: ignore[assignment]
    witnessed.hand_over(state_dir, by, "C2026-0001", CaseRole.VERIFIER, to, "ill", WHEN)


def test_a_kill_in_a_handover_leaves_the_case_with_whom_it_was(staff: Staff) -> None:
    staff.assign()
    staff.begin()
    arguments = (staff.state_dir, staff.verifier, staff.other_verifier)
    victim = multiprocessing.get_context("spawn").Process(target=_die_while_handing_over, args=arguments)
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert staff.case().verifier == staff.verifier
    assert staff.busy() == {staff.verifier: "C2026-0001"}
    with reading(staff.state_dir) as database:
        assert witnessed.handovers(database, "C2026-0001") == []
    staff.hand_over(staff.other_verifier, staff.verifier)


def test_a_case_that_is_changed_beside_the_trail_is_named(staff: Staff) -> None:
    staff.assign()
    staff.assign("C2026-0002", "M-2")
    staff.assign("C2026-0003", "M-3", verifier=staff.other_verifier)
    staff.begin("C2026-0003", staff.other_verifier)
    with closing(sqlite3.connect(staff.state_dir / "registry.sqlite")) as database:
        database.execute("DELETE FROM case_under_test")
        database.execute(
            "INSERT INTO case_version (case_id, serial, verifier, checker, retest_of, state, by, wall_time) "
            "VALUES ('C2026-0002', 'M-2', 'P9', 'P2', '', 'assigned', 'P9', '')"
        )
        database.commit()
    with reading(staff.state_dir) as database:
        assert that_differ(database) == ("C2026-0002", "C2026-0003")


def test_a_glance_changes_nothing_and_is_of_an_empty_registry_where_there_is_none(
    staff: Staff, tmp_path: Path
) -> None:
    staff.assign()
    with glancing(staff.state_dir) as database:
        assert witnessed.named(database, "C2026-0001").serial == "M-1"
    with (
        pytest.raises(OperatorError, match="cannot be read"),
        glancing(staff.state_dir) as database,
    ):
        database.execute("DELETE FROM person_name")
    with glancing(tmp_path / "nowhere") as database:
        assert witnessed.all_cases(database) == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["指定检定员和核验员", "开始见证检定", "交接", "结束见证检定", "未登录者  拒绝"]),
        (
            "en",
            ["case assigned", "case begun", "case handed over", "case ended", "nobody signed in  refused"],
        ),
    ],
)
def test_the_trail_tells_of_it_in_both_languages(staff: Staff, lang: str, said: list[str]) -> None:
    staff.assign()
    staff.begin()
    staff.hand_over(staff.other_verifier, staff.verifier)
    staff.end(by=staff.other_verifier)
    error = RefusedByRuleError(Refusal.SESSION_EXPIRED)
    KeptRefusals(staff.state_dir).keep("case_begin", "C2026-0001", None, error, WHEN, 0.0)
    config = staff.state_dir / "bench.toml"
    config.write_text(BENCH.format(state_dir=staff.state_dir, simulation=""), "utf-8")
    done = CliRunner().invoke(
        trail_command, ["--config", str(config), "--lang", lang], catch_exceptions=False
    )
    told = [line for line in done.stdout.splitlines() if "C2026-0001" in line]
    assert len(told) == len(said)
    assert all(word in line for word, line in zip(said, told, strict=True))


# --- what was refused


def test_a_flood_of_refusals_is_counted_and_kept_within_bounds(tmp_path: Path) -> None:
    kept = KeptRefusals(tmp_path)
    error = RefusedByRuleError(Refusal.NOT_YOUR_CASE, case="C2026-0001", owner="P2")
    for number in range(10_000):
        kept.keep("start", "C2026-0001", "P3", error, WHEN, number / 1000.0)
    with reading(tmp_path) as database:
        found = list(trail.entries(database))
    assert len(found) == AT_ONCE
    assert (found[0].who, found[0].about, found[0].new) == (
        "P3", "C2026-0001", {"act": "start", "reason": "not_your_case"},
    )  # fmt: skip
    kept.keep("sign_in", "", None, error, WHEN, 10.0 + ONE_IN_S)
    with reading(tmp_path) as database:
        last = list(trail.entries(database))[-1]
    assert last.new is not None
    assert (last.who, last.new["left_out"]) == (trail.NOBODY, 10_000 - AT_ONCE)
