"""The journal: append-only records in SQLite, each the exact bytes of one canonical JSON object.

One process has it open (a lock file says so), and in it one thread. TRUNCATE + FULL: an acknowledged record
survives a pulled plug. Records are in the order of their numbers; the wall clock in them is for people.

A run without an end in the journal was interrupted (kill, power): opening the journal says so in a record of
its own, which names the raw files that were left.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import re
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.canonical import JsonObject, MerkleTree, canonical_bytes, leaf_hash
from bench.errors import InstrumentError, OperatorError
from bench.ports import ClockState
from bench.records.frozen import to_json
from bench.records.migrations import migrate
from bench.records.raw_files import digests_on_disk

RUN_STARTED, RUN_ENDED, INTERRUPTED = "run_started", "run_ended", "interrupted"


@dataclass(frozen=True, slots=True)
class StoredRecord:
    number: int
    run_id: str
    kind: str
    body: bytes

    def fields(self) -> JsonObject:
        fields: JsonObject = json.loads(self.body)
        return fields


class _Records:
    """Reading the records of an open database."""

    runs_dir: Path
    _database: sqlite3.Connection

    def read(self, since: int, limit: int) -> list[StoredRecord]:
        """At most `limit` records from number `since` on."""
        rows = self._rows(
            "SELECT number, run_id, kind, body FROM record WHERE number >= ? ORDER BY number LIMIT ?",
            (since, limit),
        )
        return [StoredRecord(*row) for row in rows]

    def run(self, run_id: str) -> list[StoredRecord]:
        """All records of a run; empty where there is no such run."""
        rows = self._rows(
            "SELECT number, run_id, kind, body FROM record WHERE run_id = ? ORDER BY number", (run_id,)
        )
        return [StoredRecord(*row) for row in rows]

    def run_ids(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT DISTINCT run_id FROM record ORDER BY number")]

    def _rows(self, query: str, values: tuple[int | str | bytes, ...] = ()) -> list[tuple[Any, ...]]:
        """Errors: InstrumentError where the database's file is damaged."""
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise InstrumentError(
                f"the journal cannot be read: {error}; restore it from a back-up"
            ) from error


class JournalReader(_Records):
    """The journal to read only, also while a bench has it open: it takes no lock and writes nothing.

    Errors: OperatorError where there is no journal; InstrumentError where it cannot be read.
    """

    def __init__(self, state_dir: Path) -> None:
        path = state_dir / "journal.sqlite"
        if not path.is_file():
            raise OperatorError(
                f"{state_dir}: there is no journal; give the state_dir of the bench that ran it"
            )
        self.runs_dir = state_dir / "runs"
        try:
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        except sqlite3.DatabaseError as error:
            raise InstrumentError(f"{path}: {error}; give the bench's user the right to read it") from error
        try:
            self._database.execute("SELECT 1 FROM record LIMIT 1")
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise InstrumentError(
                f"{path}: {error}; a bench that was killed mends it when it starts again"
            ) from error

    def known(self, run_id: str) -> str:
        """The id of a run that is in the journal; run_id: as it stands there, or its number.

        Errors: OperatorError where there is none.
        """
        run_id = f"run-{int(run_id):06d}" if re.fullmatch("[0-9]{1,6}", run_id) else run_id
        if run_id not in (known := self.run_ids()):
            raise OperatorError(
                f"{run_id} is not in this journal; it has {', '.join(known[-10:]) or 'no runs'}"
            )
        return run_id

    def ends_of(self, run_id: str) -> tuple[StoredRecord, StoredRecord]:
        """The first and the last record of a run that is in the journal."""
        query = "SELECT number, run_id, kind, body FROM record WHERE run_id = ? ORDER BY number {} LIMIT 1"
        (first,), (last,) = (self._rows(query.format(order), (run_id,)) for order in ("ASC", "DESC"))
        return StoredRecord(*first), StoredRecord(*last)

    def starts_with(self, key: str, value: str, since: int) -> list[StoredRecord]:
        """The starts of the runs in whose inputs this key has this value anywhere, in their order.

        since: number of a record; the run that it is of and later ones.
        """
        found = canonical_bytes({key: value})[1:-1]  # as it stands in the canonical bytes of a record
        return [
            StoredRecord(*row)
            for row in self._rows(
                "SELECT number, run_id, kind, body FROM record WHERE kind = ?1 AND instr(body, ?2) > 0 AND number >= "
                "(SELECT COALESCE(MAX(number), 0) FROM record WHERE kind = ?1 AND number <= ?3) ORDER BY number",
                (RUN_STARTED, found, since),
            )
        ]

    def verdicts(self, run_id: str, since: int) -> list[StoredRecord]:
        """The verdicts of a run in records from number `since` on."""
        rows = self._rows(
            "SELECT number, run_id, kind, body FROM record WHERE run_id = ? AND number >= ? AND kind = 'verdict' "
            "ORDER BY number",
            (run_id, since),
        )
        return [StoredRecord(*row) for row in rows]

    def leaves(self) -> list[tuple[int, bytes]]:
        """Number and stored leaf hash of every record of the journal, in their order."""
        return self._rows("SELECT number, leaf_sha256 FROM record ORDER BY number")

    def close(self) -> None:
        self._database.close()


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


class Journal(_Records):
    """Used by one thread. Errors: InstrumentError where the disk or the database fails."""

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
        self._path = state_dir / "journal.sqlite"
        with ExitStack() as on_error:
            on_error.callback(self._lock.close)
            self._database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
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
            rows = self._database.execute("SELECT leaf_sha256 FROM record ORDER BY number")
            return MerkleTree(row[0] for row in rows)
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
