"""casework.sqlite: opened here and nowhere else.

One connection for all threads of the web, behind a lock: an act takes milliseconds, and two threads never wait for
each other in SQLite. A writer's transaction begins by taking the lock of the file, too, so what an act reads in it is
still so when it writes, whatever another process does at the same time; a kill leaves all of it or nothing. TRUNCATE
and FULL as the journal has them: what was acknowledged survives a pulled plug. What is deleted is overwritten
(`secure_delete`). A file that is lost (`bench/use_marks.py`) is not begun anew.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from bench.errors import OperatorError
from bench.migrations import migrate
from bench.use_marks import mark_of, mark_used, require_not_lost
from web.casework.promises import Promises, read_promises

Database = sqlite3.Connection
Row = sqlite3.Row
_SCHEMA = files("web.casework") / "schema"
_PRIVATE = 0o600
_PATIENCE_S = 10.0
"""How long one waits for the transaction of another process, which takes milliseconds."""


_SHIPPED_DEPARTMENTS = 5
"""Of schema 040."""
_FILLED = {
    "migration": "",
    "passage": "",
    "refusal": "",
    "department": f"department WHERE closed_at IS NOT NULL OR rowid > {_SHIPPED_DEPARTMENTS}",
    "handbook_question": "handbook_question WHERE key IS NULL",
    "handbook_answer": "handbook_answer WHERE edition > 1",
}
"""Tables of which a new file has rows, and what in them somebody has written."""


class CaseworkAwayError(OperatorError):
    """The file cannot be written or read just now, as on a full disk; nothing of the act has happened."""


class Casework:
    """The open file. Give it back with `close`.

    now: the wall time, ISO 8601 UTC; every act asks it. promises: a laboratory's own file in the place of
    `promises.toml`.
    Errors: OperatorError where the file cannot be opened or written, or `promises` cannot be read.
    """

    def __init__(self, path: Path, now: Callable[[], str], promises: Path | None = None) -> None:
        self.now = now
        self.promises: Promises = read_promises(promises)
        self.path = path
        self._lock = threading.RLock()
        self._is_writing = False
        self._is_marked = mark_of(path).exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():  # on a read-only disk pages are still shown
                require_not_lost(path)
                path.touch(_PRIVATE)
            if stat.S_IMODE(path.stat().st_mode) != _PRIVATE:
                path.chmod(_PRIVATE)
            # Whoever restores a back-up sees by it that the file is in use. Its lock is none of SQLite's.
            self._in_use = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(self._in_use, fcntl.LOCK_SH | fcntl.LOCK_NB)
                is_replaced = os.fstat(self._in_use).st_ino != path.stat().st_ino
            except (BlockingIOError, FileNotFoundError):
                is_replaced = True
            if is_replaced:
                os.close(self._in_use)
                raise OperatorError(f"{path}: a back-up is being restored; try again in a minute")
            try:
                require_not_lost(path)
            except OperatorError:
                os.close(self._in_use)
                raise
            # Of a restore that was killed. A read-only disk refuses it, also where there is nothing.
            with suppress(OSError):
                path.with_name(f".{path.name}.restoring").unlink()
            self._database = sqlite3.connect(
                path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
        except (sqlite3.Error, OSError) as error:
            raise OperatorError(f"{path} cannot be opened: {error}; check the folder") from error
        try:
            self._database.row_factory = Row
            self._database.execute("PRAGMA journal_mode = TRUNCATE")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("PRAGMA secure_delete = ON")
            self._database.execute("PRAGMA temp_store = MEMORY")  # no copy of anything in another file
            self._database.execute("PRAGMA foreign_keys = ON")
            migrate(self._database, "casework", _SCHEMA, now())
        except sqlite3.Error as error:
            self._close()
            raise OperatorError(f"{path} cannot be opened: {error}; restore it from a back-up") from error
        except BaseException:
            self._close()
            raise

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """One transaction; left by an exception, nothing of it has happened. Inside another one it is part of that.

        Errors: CaseworkAwayError where the file cannot be written.
        """
        with self._lock:
            if self._is_writing:
                yield self._database
                return
            try:
                with self._database:
                    self._database.execute("BEGIN IMMEDIATE")
                    self._is_writing = True
                    yield self._database
                self._mark()
            except sqlite3.OperationalError as error:
                raise CaseworkAwayError(f"{self.path} cannot be written: {error}; check the disk") from error
            finally:
                self._is_writing = False

    def _mark(self) -> None:
        """Once somebody has written something. The act is kept already: what fails here is tried with the next."""
        with suppress(sqlite3.Error):
            if not self._is_marked and has_been_used(self._database):
                mark_used(self.path)
                self._is_marked = True

    @property
    def is_writing(self) -> bool:
        """Whether whoever asks is inside a transaction."""
        with self._lock:
            return self._is_writing

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """What is read in here is of one moment. Inside a transaction it is that one's.

        Errors: CaseworkAwayError where the file cannot be read.
        """
        with self._lock:
            if self._database.in_transaction:
                yield self._database
                return
            try:
                self._database.execute("BEGIN")
                try:
                    yield self._database
                finally:
                    self._database.execute("COMMIT")
            except sqlite3.OperationalError as error:
                raise CaseworkAwayError(f"{self.path} cannot be read: {error}; check the disk") from error

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._database.close()
        # Last: to close any descriptor of a file ends the locks that SQLite has on it in this process.
        if self._in_use >= 0:
            os.close(self._in_use)
            self._in_use = -1


def has_been_used(database: Database) -> bool:
    """Whether there is more in it than a migration or the program puts there."""
    tables = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    written = {row["name"]: row["name"] for row in tables.fetchall()} | _FILLED
    return any(
        database.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() for rows in written.values() if rows
    )
