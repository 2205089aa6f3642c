"""A bench that starts on a disk that is full or can only be read says so in one line, and nothing of the files is lost.

A run that meets it is another test (`test_recorder.py`, `tests/safety/test_signals.py`).
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.clock import SystemClock
from bench.errors import InstrumentError, OperatorError
from bench.registry import trail
from bench.registry.store import reading, writing
from tests.bench_process.support import open_journal

NOW = "2026-11-27T06:00:00+00:00"


def begun(state_dir: Path) -> bytes:
    """The journal of a bench that lost its power in a run: whoever opens it next writes that down."""
    journal = open_journal(state_dir, SystemClock().state())
    journal.append("run-000001", "run_started", SystemClock().state(), {})
    journal.close()
    # Many enough that the record of them does not fit into a page that is there already.
    (state_dir / "runs" / "run-000001").mkdir()
    for number in range(50):
        (state_dir / "runs" / "run-000001" / f"edges-{number}.bin").write_bytes(b"edges")
    return (state_dir / "journal.sqlite").read_bytes()


def connecting(monkeypatch: pytest.MonkeyPatch, made: Callable[..., sqlite3.Connection]) -> None:
    monkeypatch.setattr(sqlite3, "connect", made)


def full(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    def made(*of: Any, **named: Any) -> sqlite3.Connection:
        database = connect(*of, **named)
        database.execute("PRAGMA max_page_count = 1")  # as many as there are, and no more
        return database

    return made


def read_only(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    def made(path: Path, **named: Any) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", uri=True, **named)

    return made


@pytest.mark.parametrize(
    ("disk", "said"),
    [(full, "database or disk is full"), (read_only, "attempt to write a readonly database")],
)
def test_a_journal_that_cannot_be_gone_on_with_is_said_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: Any, said: str
) -> None:
    before = begun(tmp_path)
    with monkeypatch.context() as patch:
        connecting(patch, disk(sqlite3.connect))
        with pytest.raises(InstrumentError, match=rf"{said}.*check the disk"):
            open_journal(tmp_path, SystemClock().state())
    assert (tmp_path / "journal.sqlite").read_bytes() == before
    journal = open_journal(tmp_path, SystemClock().state())
    assert [record.kind for record in journal.read(0, 9)] == ["run_started", "interrupted"]
    journal.close()


def test_a_state_folder_that_can_only_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path)
    state, usual = SystemClock().state(), Path.open

    def refused(path: Path, mode: str = "r", *of: Any, **named: Any) -> Any:
        if "w" in mode:
            raise OSError(errno.EROFS, "Read-only file system")
        return usual(path, mode, *of, **named)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(OperatorError, match=r"Read-only file system; check the disk"):
        open_journal(tmp_path, state)


@pytest.mark.parametrize(
    ("disk", "said"),
    [(full, "database or disk is full"), (read_only, "attempt to write a readonly database")],
)
def test_a_registry_that_cannot_be_written_keeps_nothing_of_a_change_and_is_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: Any, said: str
) -> None:
    def change(text: str) -> None:
        with writing(tmp_path, NOW) as database:
            trail.add(database, NOW, "P1", "something", "x", None, {"text": text})

    change("x" * 3000)
    with monkeypatch.context() as patch:
        connecting(patch, disk(sqlite3.connect))
        with pytest.raises(OperatorError, match=rf"registry\.sqlite cannot be written: {said}"):
            change("x" * 9000)
    with reading(tmp_path) as copy:
        assert trail.check(copy).entries == 1
    change("room again")
    with reading(tmp_path) as copy:
        assert trail.check(copy).broken_at is None
