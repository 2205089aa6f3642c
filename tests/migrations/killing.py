"""Upgrades that are killed: before each statement, and at instants within them; what each has left.

    python -m tests.migrations.killing registry|casework FILE FOLDER

FILE is of an earlier schema. Each upgrade is that of a process of its own, forked from this one (which has one thread),
on a copy in FOLDER, with so small a cache that pages are written to the file before the end. Prints counts as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.migrations import migrate
from tests.migrations.earlier import CASEWORK, REGISTRY, Store, is_sound, opened, rows_of

NOW = "2026-11-27T08:00:00+00:00"
_INSTANTS = 20


def upgrade(store: Store, path: Path, watch: Callable[[sqlite3.Connection], None]) -> None:
    with closing(opened(path)) as database:
        database.execute("PRAGMA cache_size = 8")
        watch(database)
        migrate(database, store.name, store.scripts, NOW)


class Count:
    """Counts calls; at one of them the process is killed."""

    def __init__(self, last: int | None = None) -> None:
        self.calls, self._last = 0, last

    def __call__(self, *_: object) -> int:
        if self.calls == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.calls += 1
        return 0


def statements(count: Count) -> Callable[[sqlite3.Connection], None]:
    return lambda database: database.set_trace_callback(count)


def instructions(count: Count) -> Callable[[sqlite3.Connection], None]:
    """Of SQLite's virtual machine, of which a statement is some dozens."""
    return lambda database: database.set_progress_handler(count, 1)


def killed(store: Store, path: Path, watch: Callable[[sqlite3.Connection], None]) -> None:
    """At the latest when it is done."""
    child = os.fork()
    if child == 0:
        upgrade(store, path, watch)
        os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, status


def rolled_back(path: Path) -> bytes:
    """The file as whoever opens it next finds it."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("SELECT 1 FROM sqlite_schema").fetchone()
    return path.read_bytes()


def main() -> None:
    store = {"registry": REGISTRY, "casework": CASEWORK}[sys.argv[1]]
    source, whole, path = (
        Path(sys.argv[2]),
        Path(sys.argv[3], "whole.sqlite"),
        Path(sys.argv[3], "killed.sqlite"),
    )
    seen = {"old": 0, "new": 0, "neither": 0, "half_written": 0, "statements": 0}
    for watched in (statements, instructions):
        total = Count()
        shutil.copy(source, whole)
        upgrade(store, whole, watched(total))
        if watched is statements:
            seen["statements"] = total.calls
        every = 1 if watched is statements else max(1, total.calls // _INSTANTS)
        for last in [*range(0, total.calls, every), None]:
            shutil.copy(source, path)
            killed(store, path, watched(Count(last)))
            seen["half_written"] += path.stat().st_size != source.stat().st_size
            found = rolled_back(path)
            is_new = found != source.read_bytes() and rows_of(path) == rows_of(whole) and is_sound(path)
            seen["old" if found == source.read_bytes() else "new" if is_new else "neither"] += 1
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
