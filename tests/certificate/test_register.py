"""The register: its tables cannot be changed, its numbers have no gap, and what names a customer can be deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.certificate import register
from bench.certificate.model import CertificateKind
from bench.certificate.register import Draft, Issued, Signature, SignsAs
from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.store import Registry, reading, writing
from calibration.quantities import Outcome

NOW = "2026-03-02T10:00:00.000+00:00"
BODY = b'{"customer":"Wang Fang"}'


def drafted(database: Registry, number: int = 1) -> Draft:
    draft = Draft(
        number, CertificateKind.VERIFICATION, "run-000001", "1", "M-1", "", "", "a" * 64, "P2", NOW
    )  # fmt: skip
    columns = "kind, run_id, position, serial, replaces, why, sha256, by, wall_time"
    values = (draft.kind, draft.run_id, "1", "M-1", "", "", draft.sha256, "P2", NOW)
    database.execute(f"INSERT INTO certificate_draft ({columns}) VALUES ({', '.join('?' * 9)})", values)
    database.execute("INSERT INTO certificate_text VALUES (?, ?)", (number, BODY))
    return draft


def issued(number: str, sequence: int, draft: int, year: int = 2026, replaces: str = "") -> Issued:
    return Issued(
        number, year, sequence, draft, CertificateKind.VERIFICATION, "run-000001", "1", "M-1", Outcome.PASS, (),
        "2026-03-01", "2026-03-02", "2026-03-02", "2026-03-02", "", "a" * 64, "b" * 64, "c" * 64, "", 9, "d" * 64,
        "ABCD", replaces, "", (), NOW,
    )  # fmt: skip


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    with writing(tmp_path, NOW) as database:
        drafted(database, 1)
        drafted(database, 2)
        register.add_signature(database, Signature(1, SignsAs.CHECKER, "P2", "a" * 64, NOW))
        register.add_issued(database, issued("2026-1", 1, 1), "P2")
        register.add_withdrawal(database, "2026-1", "torn", "P2", NOW)
        register.add_delivery(database, "2026-1", NOW)
    return tmp_path


TABLES = (
    "certificate_draft", "certificate_signature", "certificate", "certificate_withdrawn", "certificate_delivered",
)  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_changed_or_deleted(state_dir: Path, table: str) -> None:
    with closing(sqlite3.connect(state_dir / "registry.sqlite")) as database:
        assert database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] > 0
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET wall_time = ''"):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(statement)


def test_a_text_can_be_deleted_from_the_file_and_not_be_changed(state_dir: Path) -> None:
    path = state_dir / "registry.sqlite"
    with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE certificate_text SET body = ''")
    assert b"Wang Fang" in path.read_bytes()
    with writing(state_dir, NOW) as registry:
        register.delete_text(registry, 1, "2026-1", "P1", NOW)
        register.delete_text(registry, 2, "D2", "P1", NOW)
    assert b"Wang Fang" not in path.read_bytes()
    with reading(state_dir) as registry:
        assert register.entry_named(registry, "2026-1").is_forgotten
        with pytest.raises(OperatorError, match="the text of D1 was deleted"):
            register.text_of(registry, register.draft_named(registry, "D1"))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (issued("2026-3", 3, 2), "another number"),
        (issued("2026-0", 1, 2), "another number"),
        (issued("2026-1", 2, 2), "UNIQUE"),
        (issued("2026-2", 2, 1), "UNIQUE"),
        (issued("2027-2", 2, 2, 2027), "another number"),
    ],
)
def test_a_gap_and_a_number_given_twice_are_refused(state_dir: Path, row: Issued, why: str) -> None:
    with pytest.raises(OperatorError, match=why), writing(state_dir, NOW) as database:
        register.add_issued(database, row, "P2")


def test_each_year_counts_from_one(state_dir: Path) -> None:
    with reading(state_dir) as database:
        assert register.next_sequence(database, 2026) == 2
        assert register.next_sequence(database, 2027) == 1


def test_a_certificate_is_replaced_once(state_dir: Path) -> None:
    with writing(state_dir, NOW) as database:
        drafted(database, 3)
        register.add_issued(database, issued("2026-2", 2, 2, replaces="2026-1"), "P2")
        assert register.entry_named(database, "2026-1").replaced_by == "2026-2"
    with pytest.raises(OperatorError, match="UNIQUE"), writing(state_dir, NOW) as database:
        register.add_issued(database, issued("2026-3", 3, 3, replaces="2026-1"), "P2")


def test_nobody_signs_twice_in_one_role(state_dir: Path) -> None:
    with (
        pytest.raises(OperatorError, match="D1 is signed as checker by P2 already"),
        writing(state_dir, NOW) as database,
    ):
        register.add_signature(database, Signature(1, SignsAs.CHECKER, "P5", "a" * 64, NOW))


def test_signatures_come_in_the_order_of_the_roles(state_dir: Path) -> None:
    with writing(state_dir, NOW) as database:
        register.add_signature(database, Signature(1, SignsAs.VERIFIER, "P3", "a" * 64, NOW))
        found = register.signatures(database, 1)
    assert [each.role for each in found] == [SignsAs.VERIFIER, SignsAs.CHECKER]


def test_a_text_that_is_not_what_was_drafted_is_refused(state_dir: Path) -> None:
    with reading(state_dir) as database, pytest.raises(OperatorError, match="D2 is not what was drafted"):
        register.text_of(database, register.draft_named(database, "2"))


def test_drafts_and_certificates_that_are_none_are_refused(state_dir: Path) -> None:
    with reading(state_dir) as database:
        for named in ("D9", "P1", "", "D-1", "D" + "9" * 30):
            with pytest.raises(OperatorError, match="there is no draft"):
                register.draft_named(database, named)
        with pytest.raises(OperatorError, match="there is no certificate '2026-9'"):
            register.entry_named(database, "2026-9")


def test_the_trail_tells_of_each_step_without_a_name(state_dir: Path) -> None:
    with reading(state_dir) as database:
        told = [(entry.what, entry.about) for entry in trail.entries(database)]
        assert trail.check(database).broken_at is None
    assert told == [
        ("certificate_signed", "D1"),
        ("certificate_issued", "2026-1"),
        ("certificate_withdrawn", "2026-1"),
    ]


def test_what_was_dropped_does_not_wait(state_dir: Path) -> None:
    with writing(state_dir, NOW) as database:
        register.add_issued(database, issued("2026-2", 2, 2), "P2")
        assert [e.issued.number for e in register.undelivered(database)] == ["2026-2"]
