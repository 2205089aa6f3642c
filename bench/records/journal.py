"""The journal: append-only records in SQLite, each the exact bytes of one canonical JSON object.

Which thread may touch it: the recorder's, and no other. `recorder.py` opens it in its own thread and is the only module
that imports it (an import contract), and SQLite refuses a connection to any thread but the one that opened it. Which
process: one; a lock file says so. Others read (`journal_reading.py`).

TRUNCATE + FULL: an acknowledged record survives a pulled plug. Records are in the order of their numbers; the wall
clock in them is for people.

A run without an end in the journal was interrupted (kill, power): opening the journal says so in a record of
its own, which names the raw files that were left.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from bench.canonical import JsonObject, canonical_bytes
from bench.errors import InstrumentError, OperatorError
from bench.ports import ClockState
from bench.records.frozen import to_json
from bench.records.journal_reading import JOURNAL_FILE, Records
from bench.records.kinds import INTERRUPTED, RUN_ENDED, RUN_STARTED
from bench.records.migrations import migrate
from bench.records.raw_files import digests_on_disk
from bench.transparency.merkle import MerkleTree, leaf_hash


def _require_owner(state_dir: Path) -> None:
    """Files that root makes in the folder of another user are such as the bench can then not write.

    Errors: OperatorError.
    """
    owner = state_dir.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"#{owner}"
        raise OperatorError(
            f"{state_dir} belongs to {name}, who could not write what root makes there; "
            f"run it as: sudo -u {name} bench ..."
        )


class Journal(Records):
    """Errors: InstrumentError where the disk or the database fails; OperatorError where it cannot be opened."""

    def __init__(self, state_dir: Path, opened: ClockState) -> None:
        if state_dir.exists():
            _require_owner(state_dir)
        try:
            self.runs_dir = state_dir / "runs"
            self.runs_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(
                f"{state_dir}: {error.strerror}; set bench.state_dir to a folder to write"
            ) from error
        self._lock = (state_dir / "journal.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise OperatorError(
                f"{state_dir}: another bench process has this journal open; stop it or use another state_dir"
            ) from None
        self._path = state_dir / JOURNAL_FILE
        with ExitStack() as on_error:
            on_error.callback(self._lock.close)
            super().__init__(sqlite3.connect(self._path, isolation_level=None))
            on_error.callback(self._database.close)
            self._tree = self._open(opened)
            self._tell_interrupted(opened)
            on_error.pop_all()

    def _open(self, opened: ClockState) -> MerkleTree:
        """Bring the schema up to date and read the leaves."""
        try:
            self._database.execute("PRAGMA journal_mode = TRUNCATE")
            self._database.execute("PRAGMA synchronous = FULL")
            migrate(self._database, "journal", opened.wall_time)
            return MerkleTree(leaf for _, leaf in self.leaves())
        except sqlite3.DatabaseError as error:
            raise InstrumentError(f"{self._path}: {error}; restore it from a back-up") from error

    def append(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        """Write one record and return its number once it is safe on disk."""
        number = self._tree.size
        record = {"number": number, "run": run_id, "kind": kind, "clock": to_json(clock), **body}
        raw = canonical_bytes(record)
        leaf = leaf_hash(raw)
        try:
            self._database.execute(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?)", (number, run_id, kind, raw, leaf)
            )
        except sqlite3.Error as error:
            raise InstrumentError(f"{self._path}: {error}; check the disk") from error
        self._tree.append(leaf)
        return number

    def end_run(self, run_id: str, clock: ClockState, body: JsonObject) -> int:
        """The last record of a run: with the checkpoint over everything before it."""
        checkpoint = {"size": self._tree.size, "root_sha256": self._tree.root().hex()}
        return self.append(run_id, RUN_ENDED, clock, {**body, "checkpoint": checkpoint})

    def next_run_id(self) -> str:
        (count,) = self._database.execute("SELECT COUNT(DISTINCT run_id) FROM record").fetchone()
        return f"run-{count + 1:06d}"

    def close(self) -> None:
        self._database.close()
        self._lock.close()

    def _tell_interrupted(self, opened: ClockState) -> None:
        unfinished = self._database.execute(
            "SELECT run_id FROM record WHERE kind = ? AND run_id NOT IN "
            "(SELECT run_id FROM record WHERE kind IN (?, ?)) ORDER BY number",
            (RUN_STARTED, RUN_ENDED, INTERRUPTED),
        ).fetchall()
        for (run_id,) in unfinished:
            files = digests_on_disk(self.runs_dir / run_id)
            self.append(run_id, INTERRUPTED, opened, {"raw_files": files})
