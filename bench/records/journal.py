"""The journal: append-only records in SQLite, each the exact bytes of one canonical JSON object.

Which thread may touch it: the recorder's, and no other. `recorder.py` opens it in its own thread and is the only module
that imports it (an import contract), and SQLite refuses a connection to any thread but the one that opened it. Which
process: one; a lock file says so. Others read (`journal_reading.py`).

TRUNCATE + FULL: an acknowledged record survives a pulled plug. Records are in the order of their numbers; the wall
clock in them is for people.

A run without an end in the journal was interrupted (kill, power, a disk that took nothing more): opening the journal
says so in a record of its own, which names the raw files that were left; the recorder does so, too, of a run that its
process has given up.

With the last record of a run goes a signed checkpoint over everything up to and with it, in one transaction, so that
there is no end without one. Opening a journal signs for what no checkpoint covers yet: the runs of a time before there
were checkpoints. A journal that is not what its last checkpoint says is not gone on with, nor one that does not know a
run whose raw files are there: a log never signs two histories.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bench.canonical import JsonObject, canonical_bytes
from bench.dates import utc_second
from bench.errors import InstrumentError, OperatorError
from bench.keys.log_key import LogKey
from bench.migrations import migrate
from bench.ports import ClockState
from bench.records.frozen import to_json
from bench.records.journal_reading import HALF_RESTORED, JOURNAL_FILE, JOURNAL_LOCK, UNPACKED, Records
from bench.records.kinds import INTERRUPTED, RUN_ENDED, RUN_STARTED
from bench.records.raw_files import digests_on_disk
from bench.transparency.checkpoint import Checkpoint
from bench.transparency.merkle import MerkleTree, leaf_hash
from bench.transparency.notes import sign_note

_SCHEMA = files("bench") / "schema" / "journal"
_RUN = re.compile(r"run-[0-9]+")
_CHECK_DISK = "check the disk: whether it is full, or was mounted read-only after a fault"


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


def _require_not_half_restored(state_dir: Path) -> None:
    """Of a restore that was killed nothing stays, if nothing was in its place yet. Errors: OperatorError if it was."""
    if (state_dir / HALF_RESTORED).exists():
        raise OperatorError(
            f"{state_dir}: a back-up was put in its place by half when the command ended; give it again: "
            "bench restore FILE / 恢复备份的命令中途结束，数据只恢复了一半；请再次执行：bench restore 文件"
        )
    shutil.rmtree(state_dir / UNPACKED, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Signing:
    """origin: the name of the log, and of its key. open_key: gives the key; told whether it may make one, which it may
    not where this journal has checkpoints already.
    """

    origin: str
    open_key: Callable[[bool], LogKey]


class Journal(Records):
    """Errors: InstrumentError where the disk or the database fails; OperatorError where it cannot be opened."""

    def __init__(self, state_dir: Path, opened: ClockState, signing: Signing) -> None:
        if state_dir.exists():
            _require_owner(state_dir)
        try:
            self.runs_dir = state_dir / "runs"
            self.runs_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(
                f"{state_dir}: {error.strerror}; set bench.state_dir to a folder to write"
            ) from error
        try:
            self._lock = (state_dir / JOURNAL_LOCK).open("w")
        except OSError as error:
            raise OperatorError(f"{state_dir}: {error.strerror}; {_CHECK_DISK}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise OperatorError(
                f"{state_dir}: another bench process has this journal open; stop it or use another state_dir / "
                f"{state_dir}：另一个检定台程序（bench serve 或 bench run）正在使用；请先停止它"
            ) from None
        self._path = state_dir / JOURNAL_FILE
        with ExitStack() as on_error:
            on_error.callback(self._lock.close)
            _require_not_half_restored(state_dir)
            super().__init__(sqlite3.connect(self._path, isolation_level=None))
            on_error.callback(self._database.close)
            self._tree = self._open(opened)
            self._require_all_runs()
            self._origin = signing.origin
            self._key = signing.open_key(self.last_checkpoint() is None)
            self.tell_interrupted(opened)
            self._cover(opened)
            on_error.pop_all()

    def _open(self, opened: ClockState) -> MerkleTree:
        """Bring the schema up to date and read the leaves."""
        try:
            self._database.execute("PRAGMA journal_mode = TRUNCATE")
            self._database.execute("PRAGMA synchronous = FULL")
            migrate(self._database, "journal", _SCHEMA, opened.wall_time)
        except sqlite3.DatabaseError as error:
            do = _CHECK_DISK if isinstance(error, sqlite3.OperationalError) else "restore it from a back-up"
            raise InstrumentError(f"{self._path}: {error}; {do}") from error
        last = self.last_checkpoint()
        tree = MerkleTree()
        root_then = None
        for _, leaf in self.leaves():
            tree.append(leaf)
            if last is not None and tree.size == last.size:
                root_then = tree.root()
        if last is not None and root_then != last.root_claimed():
            raise InstrumentError(
                f"{self._path} is not what its last checkpoint says ({last.size} records, here are {tree.size}); "
                "restore it from a back-up"
            )
        return tree

    def _require_all_runs(self) -> None:
        """Errors: InstrumentError where one has a folder alone. Its record comes first, so the file was emptied, taken
        away or set back.
        """
        known = set(self.run_ids())
        folders = (path.name for path in self.runs_dir.iterdir() if _RUN.fullmatch(path.name))
        if strange := sorted(set(folders) - known):
            raise InstrumentError(
                f"{self._path} knows nothing of {strange[-1]}, whose raw data are there, so records are missing in it; "
                f"check the disk, then move the folder {self._path.parent} away and restore a back-up"
            )

    @property
    def log_key_fingerprint(self) -> str:
        """Of the key that signs this journal's checkpoints."""
        return self._key.fingerprint

    def append(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        """Write one record and return its number once it is safe on disk."""
        raw = self._next(run_id, kind, clock, body)
        with self._writing():
            self._insert(run_id, kind, raw)
        return self._grown(raw)

    def end_run(self, run_id: str, clock: ClockState, body: JsonObject) -> int:
        """The last record of a run: with the checkpoint over everything before it, and a signed one that covers it."""
        checkpoint = {"size": self._tree.size, "root_sha256": self._tree.root().hex()}
        return self._append_last(run_id, RUN_ENDED, clock, {**body, "checkpoint": checkpoint})

    def _append_last(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        raw = self._next(run_id, kind, clock, body)
        tree = self._tree.copy()
        tree.append(leaf_hash(raw))
        with self._writing():
            self._insert(run_id, kind, raw)
            self._sign(tree, run_id, clock)
        return self._grown(raw)

    def _next(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> bytes:
        """The bytes of the next record."""
        record = {"number": self._tree.size, "run": run_id, "kind": kind, "clock": to_json(clock), **body}
        return canonical_bytes(record)

    def _insert(self, run_id: str, kind: str, raw: bytes) -> None:
        values = (self._tree.size, run_id, kind, raw, leaf_hash(raw))
        self._database.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?)", values)

    def _grown(self, raw: bytes) -> int:
        """The number of the record that is now on disk."""
        self._tree.append(leaf_hash(raw))
        return self._tree.size - 1

    def _sign(self, tree: MerkleTree, run_id: str, clock: ClockState) -> None:
        """A checkpoint over what is in the database."""
        at = Checkpoint(self._origin, tree.size, tree.root(), utc_second(clock.wall_time))
        note = sign_note(at.to_text(), self._origin, self._key.sign, self._key.public)
        self._database.execute("INSERT INTO checkpoint VALUES (?, ?, ?)", (tree.size, run_id, note))

    def _cover(self, opened: ClockState) -> None:
        """Sign for records that no checkpoint covers."""
        last = self.last_checkpoint()
        if self._tree.size > (0 if last is None else last.size):
            (record,) = self.read(self._tree.size - 1, 1)
            with self._writing():
                self._sign(self._tree, record.run_id, opened)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it on disk, or nothing."""
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.Error as error:
            raise InstrumentError(f"{self._path}: {error}; check the disk") from error

    def next_run_id(self) -> str:
        (count,) = self._database.execute("SELECT COUNT(DISTINCT run_id) FROM record").fetchone()
        return f"run-{count + 1:06d}"

    def close(self) -> None:
        self._database.close()
        self._lock.close()

    def tell_interrupted(self, now: ClockState) -> None:
        """Of every run without an end. Only while none is under way."""
        unfinished = self._database.execute(
            "SELECT run_id FROM record WHERE kind = ? AND run_id NOT IN "
            "(SELECT run_id FROM record WHERE kind IN (?, ?)) ORDER BY number",
            (RUN_STARTED, RUN_ENDED, INTERRUPTED),
        ).fetchall()
        for (run_id,) in unfinished:
            files = digests_on_disk(self.runs_dir / run_id)
            self._append_last(run_id, INTERRUPTED, now, {"raw_files": files})
