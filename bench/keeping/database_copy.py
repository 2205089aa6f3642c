"""A copy of a database while its owner goes on: of one moment, in steps that never hold up a commit for long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.errors import OperatorError

_PAGES_A_STEP, _PAUSE_S = 256, 0.005
_PATIENCE_S = 10.0
_COUNTER = slice(24, 28)
"""Of a file of SQLite: its change counter, which goes up with each transaction (https://www.sqlite.org/fileformat.html)."""
_COUNTED_WITH = 92
"""Where the counter stands a second time: only with the same one is the size in the header believed."""


def change_counter(path: Path) -> int:
    """How often the file was changed. Errors: OSError."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(_COUNTER.stop)[_COUNTER], "big")


def go_on_counting(path: Path, counter: int) -> None:
    """A copy begins to count at 1; from now on its counter goes on from this one. Nobody may have it open.

    Errors: OSError.
    """
    with path.open("r+b") as file:
        for at in (_COUNTER.start, _COUNTED_WITH):
            file.seek(at)
            file.write(counter.to_bytes(_COUNTER.stop - _COUNTER.start))


def copy_database(source: Path, target: Path) -> None:
    """Where somebody commits meanwhile, SQLite begins anew by itself.

    Errors: OperatorError where the source is damaged or cannot be read; OSError where the target cannot be written.
    """
    # Not read-only: what a kill has left half done is rolled back by whoever comes next.
    uri = f"{source.absolute().as_uri()}?mode=rw"
    try:
        with (
            closing(sqlite3.connect(uri, timeout=_PATIENCE_S, uri=True)) as database,
            closing(sqlite3.connect(target)) as copy,
        ):
            database.backup(copy, pages=_PAGES_A_STEP, sleep=_PAUSE_S)
            (found,) = copy.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise OperatorError(f"{source} cannot be copied: {error}; check the file and the disk") from error
    if found != "ok":
        raise OperatorError(f"{source} is damaged ({found}); restore it from an earlier back-up")
