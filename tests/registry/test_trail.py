"""The audit trail: an entry that was changed, taken out or put in is named by its number."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.registry import equipment, trail
from bench.registry.store import reading, writing
from bench.registry.trail_and_tables import that_differ
from tests.registry.laboratory import laboratory, reference_file

WHEN = "2026-11-23T08:00:00+00:00"


def written(state_dir: Path, count: int) -> None:
    with writing(state_dir, WHEN) as database:
        for number in range(count):
            trail.add(database, WHEN, "P1", "changed", f"X{number}", None, {"value": str(number)})


def forged(state_dir: Path, *statements: str) -> trail.Chain:
    """The check after somebody with the file in his hands has taken the triggers away."""
    with closing(sqlite3.connect(state_dir / "registry.sqlite")) as database:
        for name in ("trail_stays", "trail_is_kept", "trail_has_no_gap"):
            database.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            database.execute(statement)
        database.commit()
    with reading(state_dir) as copy:
        return trail.check(copy)


def test_the_chain_is_the_hash_of_the_hash_before_and_the_entry(tmp_path: Path) -> None:
    written(tmp_path, 2)
    with reading(tmp_path) as copy:
        bodies = [bytes(row["body"]) for row in copy.execute("SELECT body FROM trail ORDER BY number")]
        found = trail.check(copy)
    by_hand = hashlib.sha256(hashlib.sha256(bytes(32) + bodies[0]).digest() + bodies[1]).hexdigest()
    assert found == trail.Chain(2, by_hand, None)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        (
            "UPDATE trail SET body = CAST(replace(CAST(body AS TEXT), '\"2\"', '\"9\"') AS BLOB) WHERE number = 3",
            3,
        ),
        ("UPDATE trail SET sha256 = zeroblob(32) WHERE number = 3", 3),
        ("DELETE FROM trail WHERE number = 3", 3),
        ("UPDATE trail SET number = 9 WHERE number = 5", 5),
        ("DELETE FROM trail WHERE number = 1", 1),
        ("INSERT INTO trail SELECT 6, body, sha256 FROM trail WHERE number = 5", 6),
    ],
)
def test_a_change_is_told_by_its_number(tmp_path: Path, statement: str, broken_at: int) -> None:
    written(tmp_path, 5)
    assert forged(tmp_path, statement).broken_at == broken_at


def test_what_is_changed_beside_the_trail_is_named(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    with reading(tmp_path) as copy:
        assert that_differ(copy) == ()
    beside = (
        f"UPDATE person_version SET roles = '[\"administrator\"]' WHERE person = '{lab.verifier}'",
        "UPDATE equipment_version SET body = CAST(replace(CAST(body AS TEXT), '0.05', '0.02') AS BLOB)",
        "INSERT INTO person_version (person, roles, is_active, wall_time) VALUES ('P9', '[\"checker\"]', 1, '')",
    )
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        for name in ("person_versions_stay", "equipment_versions_stay"):
            database.execute(f"DROP TRIGGER {name}")
        for statement in beside:
            database.execute(statement)
        database.commit()
    with reading(tmp_path) as copy:
        assert trail.check(copy).broken_at is None, "the chain itself holds"
        assert that_differ(copy) == (lab.verifier, "P9", "RS-1")


@given(number=st.integers(1, 8), at=st.integers(0, 10_000), flip=st.integers(1, 255))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_byte_of_any_entry_is_held_by_the_chain(
    tmp_path_factory: pytest.TempPathFactory, number: int, at: int, flip: int
) -> None:
    state_dir = tmp_path_factory.mktemp("registry")
    written(state_dir, 8)
    with reading(state_dir) as copy:
        body = bytearray(
            copy.execute("SELECT body FROM trail WHERE number = ?", (number,)).fetchone()["body"]
        )
    body[at % len(body)] ^= flip
    changed = f"UPDATE trail SET body = x'{body.hex()}' WHERE number = {number}"
    assert forged(state_dir, changed).broken_at == number
