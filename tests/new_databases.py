"""A database that is new gets its schema from one that was made once for all tests: to go through the migrations takes
twenty milliseconds of processor, a copy of what they make less than one, and thousands of tests open a new database.

What is there already goes through the migrations as ever, and so does whatever calls `migrate` itself.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources.abc import Traversable

import pytest

from bench.migrations import migrate
from bench.records import journal
from bench.registry import store as registry
from web.casework import store as casework

Migrate = Callable[[sqlite3.Connection, str, Traversable, str], None]


def from_a_copy(schema: Traversable, cleanup: ExitStack) -> Migrate:
    """`migrate` for the store whose migrations are in `schema`."""
    lock = threading.Lock()
    made: list[sqlite3.Connection] = []

    def copied(database: sqlite3.Connection, store: str, scripts_dir: Traversable, applied: str) -> None:
        if scripts_dir is schema:
            with lock:
                if not made:
                    made.append(cleanup.enter_context(closing(_migrated(store, schema))))
                _copy_where_new(made[0], database, applied)
        migrate(database, store, scripts_dir, applied)

    return copied


def _migrated(store: str, schema: Traversable) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate(database, store, schema, "")
    return database


def _copy_where_new(made: sqlite3.Connection, database: sqlite3.Connection, applied: str) -> None:
    if database.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None:
        return
    try:
        made.backup(database)
        database.execute("UPDATE migration SET applied = ?", (applied,))
    except sqlite3.Error:
        return  # as on a full disk: what the migrations say to that is said by them


@contextmanager
def shared() -> Iterator[None]:
    """For the databases that are opened meanwhile."""
    with ExitStack() as cleanup, pytest.MonkeyPatch.context() as patch:
        for module in (journal, registry, casework):
            patch.setattr(module, "migrate", from_a_copy(module._SCHEMA, cleanup))
        yield
