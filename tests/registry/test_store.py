"""The registry's file: one transaction a change, whatever happens in between and whoever else writes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bench.errors import OperatorError
from bench.migrations import migrate
from bench.registry import store, trail
from bench.registry.commissioning import latest, save
from bench.registry.store import glancing, reading, writing

WHEN = "2026-11-23T08:00:00+00:00"


def test_what_was_measured_last_is_read_and_the_rest_is_kept(tmp_path: Path) -> None:
    assert latest(tmp_path) is None
    save(tmp_path, {"refresh_s": "0.25"}, WHEN)
    save(tmp_path, {"refresh_s": "0.26", "说明": "第二次"}, WHEN)
    assert latest(tmp_path) == {"refresh_s": "0.26", "说明": "第二次"}
    with reading(tmp_path) as database:
        assert database.execute("SELECT COUNT(*) FROM commissioning").fetchone()[0] == 2


def test_a_float_is_no_record_since_two_machines_would_write_it_differently(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="float"):
        save(tmp_path, {"refresh_s": 0.25}, WHEN)


def test_reading_makes_no_file_and_takes_no_lock(tmp_path: Path) -> None:
    with reading(tmp_path):
        assert list(tmp_path.iterdir()) == []
    with writing(tmp_path, WHEN) as database:
        trail.add(database, WHEN, "P1", "something", "X", None, None)
        with reading(tmp_path) as copy:
            assert list(trail.entries(copy)) == []


@pytest.mark.parametrize("table", ["commissioning", "trail"])
@pytest.mark.parametrize("change", ["UPDATE {} SET body = x'00'", "DELETE FROM {}"])
def test_what_is_kept_is_neither_changed_nor_removed(tmp_path: Path, table: str, change: str) -> None:
    save(tmp_path, {"a": "b"}, WHEN)
    with writing(tmp_path, WHEN) as database:
        trail.add(database, WHEN, "P1", "something", "X", None, None)
    with (
        closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute(change.format(table))


def _write_and_fail(state_dir: Path) -> None:
    with writing(state_dir, WHEN) as database:
        trail.add(database, WHEN, "P1", "something", "X", None, None)
        trail.add(database, WHEN, "P1", "something", "X", None, {"a": 0.5})


def test_what_fails_in_between_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="float"):
        _write_and_fail(tmp_path)
    with reading(tmp_path) as copy:
        assert list(trail.entries(copy)) == []


def _write_many(state_dir: Path, who: str, count: int) -> None:
    for number in range(count):
        with writing(state_dir, WHEN) as database:
            trail.add(database, WHEN, who, "something", str(number), None, {"by": who})


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    """Also the first time, when each of them finds no schema."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_many, args=(tmp_path, f"P{n}", 15)) for n in (1, 2, 3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with reading(tmp_path) as copy:
        found = list(trail.entries(copy))
        assert trail.check(copy).broken_at is None
    assert [entry.number for entry in found] == list(range(1, 46))
    for who in ("P1", "P2", "P3"):
        assert [e.about for e in found if e.who == who] == [str(n) for n in range(15)]


class OvertakenConnection(sqlite3.Connection):
    """Just before its first transaction another process makes the whole schema."""

    overtake: Callable[[], None] | None = None

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE" and self.overtake is not None:
            overtake, self.overtake = self.overtake, None
            overtake()
        return super().execute(sql, *values)


def test_a_schema_that_another_process_has_made_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, factory=OvertakenConnection)) as database:
        database.overtake = lambda: save(tmp_path, {"first": "here"}, WHEN)
        migrate(database, "registry", files("bench") / "schema" / "registry", WHEN)
    assert latest(tmp_path) == {"first": "here"}


def _die_in_a_transaction(state_dir: Path) -> None:
    with writing(state_dir, WHEN) as database:
        # More than the page cache holds, so that the file itself has been written to when the process dies.
        database.execute("PRAGMA cache_size = 1")
        for number in range(200):
            trail.add(database, WHEN, "P2", "half", str(number), None, {"text": "x" * 4000})
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_in_a_transaction_leaves_all_that_was_before_and_nothing_of_it(tmp_path: Path) -> None:
    _write_many(tmp_path, "P1", 3)
    victim = multiprocessing.get_context("spawn").Process(target=_die_in_a_transaction, args=(tmp_path,))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert (tmp_path / "registry.sqlite-journal").stat().st_size > 0
    with reading(tmp_path) as copy:
        assert [entry.who for entry in trail.entries(copy)] == ["P1", "P1", "P1"]
    _write_many(tmp_path, "P1", 1)
    with reading(tmp_path) as copy:
        assert trail.check(copy).entries == 4


@pytest.mark.parametrize(
    "content", [b"not a database, and longer than a header" * 50, b"SQLite format 3\0junk" * 99]
)
def test_a_file_that_is_no_registry_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "registry.sqlite").write_bytes(content)
    said = "cannot be read: .*; give it to the bench's user, or restore it from a back-up"
    with pytest.raises(OperatorError, match=said):
        latest(tmp_path)
    with pytest.raises(OperatorError, match=r"cannot be written: .*; check the folder"):
        save(tmp_path, {}, WHEN)


def test_nobody_else_can_read_the_hashes_of_passwords(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    save(tmp_path, {}, WHEN)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)  # as an older program has made it
    save(tmp_path, {}, WHEN)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_belongs_to_whom_the_folder_belongs(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)
    save(tmp_path, {}, WHEN)
    for path in tmp_path.iterdir():
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346), path.name


def test_a_registry_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    save(tmp_path, {}, WHEN)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        database.execute("INSERT INTO migration VALUES (999, '', '')")
        database.commit()
    with pytest.raises(OperatorError, match="newer than this program"):
        latest(tmp_path)


def test_who_reads_waits_for_a_writer_that_hangs_no_longer_than_who_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped while it had the lock: a run would not start, and nobody would know why."""
    save(tmp_path, {}, WHEN)
    monkeypatch.setattr(store, "_PATIENCE_S", 0.05)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OperatorError, match="cannot be read: database is locked"):
            latest(tmp_path)


LOST = r"registry\.sqlite is (gone|empty), and something had been kept in it; .*restore a back-up.*请检查存储"


@pytest.mark.parametrize("left", [None, b""])
def test_one_that_its_disk_has_emptied_or_lost_is_not_begun_anew(tmp_path: Path, left: bytes | None) -> None:
    path = tmp_path / "registry.sqlite"
    save(tmp_path, {"kept": "here"}, WHEN)
    whole = path.read_bytes()
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    for look in (reading(tmp_path), glancing(tmp_path), writing(tmp_path, WHEN)):
        with pytest.raises(OperatorError, match=LOST), look:
            raise AssertionError("it is open")
    assert path.exists() == (left is not None), "nothing is made in its place"
    path.write_bytes(whole)
    assert latest(tmp_path) == {"kept": "here"}


def test_one_into_which_nobody_has_ever_written_is_begun(tmp_path: Path) -> None:
    def refused() -> None:
        with writing(tmp_path, WHEN):
            raise OperatorError("who asks may not")

    with pytest.raises(OperatorError, match="may not"):
        refused()
    (tmp_path / "registry.sqlite").write_bytes(b"")  # as a kill leaves it before its schema is made
    with reading(tmp_path) as copy:
        assert list(trail.entries(copy)) == []
    save(tmp_path, {"first": "here"}, WHEN)
    assert latest(tmp_path) == {"first": "here"}
