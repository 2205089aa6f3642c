"""The journal read: by the process that writes it, and by others while a bench has it open.

A record is the exact bytes that were hashed (`StoredRecord.body`). Nothing here writes or takes a lock.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.canonical import JsonObject, canonical_bytes
from bench.errors import InstrumentError, OperatorError
from bench.keys.log_key import all_log_publics
from bench.records.kinds import RUN_STARTED, VERDICT
from bench.transparency.checkpoint import Checkpoint
from bench.transparency.notes import note_text

JOURNAL_FILE = "journal.sqlite"
JOURNAL_LOCK = "journal.lock"
"""Beside it: held by the one process that has it open to write."""
UNPACKED, HALF_RESTORED = ".restoring", ".restoring-into-place"
"""Folders beside it: of a back-up that is looked through, and of one that takes its place (`bench restore`)."""

_Values = tuple[int | str | bytes, ...]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """body: the canonical JSON object, byte by byte as it was hashed; number, run and kind stand in it, too."""

    number: int
    run_id: str
    kind: str
    body: bytes

    def fields(self) -> JsonObject:
        """Errors: ValueError for bytes that are no JSON."""
        fields: JsonObject = json.loads(self.body)
        return fields


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """size: records that it covers; run_id: the run at whose end it was signed; note: the signed text."""

    size: int
    run_id: str
    note: str

    def root_claimed(self) -> bytes | None:
        """The root that it states, its signature unseen; None where it cannot be read."""
        try:
            return Checkpoint.from_text(note_text(self.note)).root
        except ValueError:
            return None


class Records:
    """The records of an open database. Errors: InstrumentError where its file is damaged."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def read(self, since: int, limit: int) -> list[StoredRecord]:
        """At most `limit` records from number `since` on."""
        return self._found("number >= ? ORDER BY number LIMIT ?", (since, limit))

    def run(self, run_id: str) -> list[StoredRecord]:
        """All records of a run; empty where there is no such run."""
        return self._found("run_id = ? ORDER BY number", (run_id,))

    def newest_run(self) -> list[StoredRecord]:
        """All records of the run that began last; empty before the first one."""
        newest = self._rows(
            "SELECT run_id FROM record WHERE kind = ? ORDER BY number DESC LIMIT 1", (RUN_STARTED,)
        )
        return self.run(newest[0][0]) if newest else []

    def run_ids(self) -> list[str]:
        """In the order of their first records."""
        return [
            row[0] for row in self._rows("SELECT run_id FROM record GROUP BY run_id ORDER BY MIN(number)")
        ]

    def leaves(self) -> list[tuple[int, bytes]]:
        """Number and stored leaf hash of every record of the journal, in their order."""
        return self._rows("SELECT number, leaf_sha256 FROM record ORDER BY number")

    def checkpoints(self) -> list[StoredCheckpoint]:
        """All signed checkpoints in their order; none in a journal of a time before there were any."""
        return self._checkpoints("size >= 0 ORDER BY size", ())

    def checkpoint_of(self, run_id: str) -> str | None:
        """The first signed checkpoint that covers a run to its last record; None while there is none."""
        found = self._checkpoints(
            "size > (SELECT MAX(number) FROM record WHERE run_id = ?) ORDER BY size LIMIT 1", (run_id,)
        )
        return found[0].note if found else None

    def last_checkpoint(self) -> StoredCheckpoint | None:
        found = self._checkpoints("size >= 0 ORDER BY size DESC LIMIT 1", ())
        return found[0] if found else None

    def _checkpoints(self, condition: str, values: _Values) -> list[StoredCheckpoint]:
        if not self._rows("SELECT 1 FROM sqlite_schema WHERE name = 'checkpoint'"):
            return []
        rows = self._rows(f"SELECT size, run_id, note FROM checkpoint WHERE {condition}", values)
        return [StoredCheckpoint(*row) for row in rows]

    def _found(self, condition: str, values: _Values) -> list[StoredRecord]:
        rows = self._rows(f"SELECT number, run_id, kind, body FROM record WHERE {condition}", values)
        return [StoredRecord(*row) for row in rows]

    def _rows(self, query: str, values: _Values = ()) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise InstrumentError(
                f"the journal cannot be read: {error}; restore it from a back-up"
            ) from error


class JournalReader(Records):
    """The journal to read only, also while a bench has it open.

    Errors: OperatorError where there is no journal; InstrumentError where it cannot be read.
    """

    def __init__(self, state_dir: Path) -> None:
        path = state_dir / JOURNAL_FILE
        if not path.is_file():
            raise OperatorError(
                f"{state_dir}: there is no journal; give the state_dir of the bench that ran it"
            )
        self.runs_dir = state_dir / "runs"
        self.state_dir = state_dir
        try:
            super().__init__(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True))
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

    def log_publics(self) -> list[bytes]:
        """The public keys that its checkpoints may be signed with. Errors: OperatorError where one cannot be read."""
        return all_log_publics(self.state_dir)

    def ends_of(self, run_id: str) -> tuple[StoredRecord, StoredRecord]:
        """The first and the last record of a run that is in the journal."""
        (first,) = self._found("run_id = ? ORDER BY number LIMIT 1", (run_id,))
        (last,) = self._found("run_id = ? ORDER BY number DESC LIMIT 1", (run_id,))
        return first, last

    def starts_with(self, key: str, value: str, since: int) -> list[StoredRecord]:
        """The starts of the runs in whose inputs this key has this value anywhere, in their order.

        since: number of a record; the run that it is of and later ones.
        """
        found = canonical_bytes({key: value})[1:-1]  # as it stands in the canonical bytes of a record
        return self._found(
            "kind = ?1 AND instr(body, ?2) > 0 AND number >= "
            "(SELECT COALESCE(MAX(number), 0) FROM record WHERE kind = ?1 AND number <= ?3) ORDER BY number",
            (RUN_STARTED, found, since),
        )

    def starts_of_cases(self, since: int) -> tuple[list[StoredRecord], int]:
        """The starts of the runs of witnessed cases in records from number `since` on, and the number to go on with."""
        (following,) = self._rows("SELECT COALESCE(MAX(number) + 1, 0) FROM record")[0]
        condition = "kind = ? AND number >= ? AND number < ? AND instr(body, ?) > 0 ORDER BY number"
        return self._found(condition, (RUN_STARTED, since, following, b'"case":"')), max(since, following)

    def verdicts(self, run_id: str, since: int) -> list[StoredRecord]:
        """The verdicts of a run in records from number `since` on."""
        return self._found(
            "run_id = ? AND number >= ? AND kind = ? ORDER BY number", (run_id, since, VERDICT)
        )

    def close(self) -> None:
        self._database.close()
