"""registry.sqlite: opened here and nowhere else, and here its errors become sentences.

A writer has one transaction, which begins by taking the lock: what it reads in it is still so when it writes, whatever
another process wants at the same time, and a kill leaves all of it or nothing. TRUNCATE and FULL as in the journal.

A reader gets a copy in memory, brought to the newest schema: it holds no lock, a registry that an older program has
written reads like any other, and where there is none yet, it is empty. Whoever looks for a moment, and often, is spared
the copy, and nobody commits meanwhile. One that is lost (`bench/use_marks.py`) is neither read as an empty one nor
begun anew.
"""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

from bench.errors import OperatorError
from bench.migrations import migrate
from bench.owner import give_to_owner_of
from bench.use_marks import mark_used, require_not_lost

Registry = sqlite3.Connection
"""An open registry."""
Row = sqlite3.Row
REGISTRY_FILE = "registry.sqlite"
_STORE = "registry"
_SCHEMA = files("bench") / "schema" / _STORE
_PRIVATE = 0o600
_PATIENCE_S = 10.0
"""How long one waits for the other's transaction, which takes milliseconds."""


@contextmanager
def writing(state_dir: Path, wall_time: str) -> Iterator[Registry]:
    """One transaction; left by an exception, nothing of it has happened. wall_time: ISO 8601 UTC, for people.

    Errors: OperatorError where the registry cannot be written.
    """
    path = state_dir / REGISTRY_FILE
    require_not_lost(path)
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as database:
            database.row_factory = Row
            database.execute("PRAGMA journal_mode = TRUNCATE")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA secure_delete = ON")  # a name that is deleted is gone from the file
            migrate(database, _STORE, _SCHEMA, wall_time)
            database.execute("BEGIN IMMEDIATE")
            with database:
                yield database
            mark_used(path)
    except (sqlite3.Error, OSError) as error:
        raise OperatorError(f"{path} cannot be written: {error}; check the folder") from error


def _make_private(path: Path) -> None:
    """Hashes of passwords are for nobody's eyes but the bench's; an older program has made it readable for all.

    What root makes belongs to whom the folder belongs, or the bench could not read it.
    """
    if not path.exists():
        path.touch(_PRIVATE)
        give_to_owner_of(path.parent, path)
    if stat.S_IMODE(path.stat().st_mode) != _PRIVATE:
        path.chmod(_PRIVATE)


@contextmanager
def reading(state_dir: Path, *, may_be_lost: bool = False) -> Iterator[Registry]:
    """The registry as it is now, as a copy. may_be_lost: one that is lost is empty.

    Errors: OperatorError where it cannot be read.
    """
    path = state_dir / REGISTRY_FILE
    if not may_be_lost:
        require_not_lost(path)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        copy.row_factory = Row
        try:
            if path.is_file():
                # Not read-only: what a kill has left half done is rolled back by whoever comes next.
                uri = f"{path.absolute().as_uri()}?mode=rw"
                with closing(sqlite3.connect(uri, timeout=_PATIENCE_S, uri=True)) as database:
                    database.execute("BEGIN")
                    database.execute("SELECT 1 FROM sqlite_master").fetchone()  # a copy itself waits for ever
                    database.backup(copy)
            migrate(copy, _STORE, _SCHEMA, "")
        except (sqlite3.Error, OSError) as error:
            raise OperatorError(
                f"{path} cannot be read: {error}; give it to the bench's user, or restore it from a back-up"
            ) from error
        yield copy


@contextmanager
def glancing(state_dir: Path) -> Iterator[Registry]:
    """The same for a look that takes no time: of the measuring process, whose registry is of its own schema.

    Errors: OperatorError where it cannot be read.
    """
    path = state_dir / REGISTRY_FILE
    require_not_lost(path)
    if not path.is_file():
        with reading(state_dir) as empty:
            yield empty
        return
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, timeout=_PATIENCE_S, uri=True, isolation_level=None)) as database:
            database.row_factory = Row
            migrate(database, _STORE, _SCHEMA, "")
            database.execute("PRAGMA query_only = ON")
            database.execute("BEGIN")
            yield database
    except (sqlite3.Error, OSError) as error:
        raise OperatorError(f"{path} cannot be read: {error}; check the folder") from error
