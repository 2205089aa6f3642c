"""A bench that starts on a disk that is full or can only be read says so in one line, and nothing of the files is lost.

A run that meets it says that it has ended, and the next one begins once there is room. More of that:
`test_recorder.py`, `tests/safety/test_signals.py`.
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
from bench.records.journal import Journal
from bench.records.journal_reading import JournalReader
from bench.records.raw_files import RunFiles
from bench.registry import trail
from bench.registry.store import reading, writing
from bench.service import BenchCommands
from tests.bench_process.support import open_journal, plan_of, virtual_bench

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


def test_a_run_that_meets_a_full_disk_is_over_for_all_and_the_next_one_begins_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*unused: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with virtual_bench(tmp_path) as process:
        with monkeypatch.context() as patch:
            patch.setattr(RunFiles, "write_samples", refused)
            with pytest.raises(InstrumentError, match="No space left on device"):
                process.run(plan_of())
        state = process.live.snapshot()[1]
        assert (state["phase"], state["run"]["verdict"], state["is_energised"]) == (
            "interrupted", "INVALID", False,
        )  # fmt: skip
        assert "No space left on device" in state["faults"][-1]["values"]["detail"]
        assert process.run(plan_of()).verdict.value == "PASS"
        assert not BenchCommands(process).health()["journal"]["is_failing"]
    journal = JournalReader(tmp_path)
    try:
        ends = [journal.ends_of(run_id)[1].kind for run_id in journal.run_ids()]
    finally:
        journal.close()
    assert ends == ["interrupted", "run_ended"]


def test_no_verdict_is_shown_whose_record_the_disk_did_not_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*unused: object) -> int:
        raise InstrumentError("database or disk is full")

    with virtual_bench(tmp_path) as process:
        monkeypatch.setattr(Journal, "end_run", refused)
        with pytest.raises(InstrumentError, match="disk is full"):
            process.run(plan_of())
        state = process.live.snapshot()[1]
    assert (state["phase"], state["run"]["verdict"]) == ("interrupted", "INVALID")
    assert state["positions"]["1"]["verdict"] == "INVALID"
