"""Numbered migrations, forward only; each is applied together with its own record in one transaction.

The scripts of a store are a folder of files `001.sql`, `002.sql`, ...: of the journal and the registry in
`bench/schema/`, of the cases in `web/casework/schema/`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from importlib.resources.abc import Traversable

from bench.errors import OperatorError

_OWN_TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    applied TEXT NOT NULL
) STRICT
"""


def migrate(database: sqlite3.Connection, store: str, scripts_dir: Traversable, applied: str) -> None:
    """Bring a database to its newest schema. store: what it is called in errors. applied: wall time for people.

    Errors: OperatorError where the database is newer than this program or was made by a changed migration.
    """
    database.execute(_OWN_TABLE)
    done = dict(database.execute("SELECT number, sha256 FROM migration").fetchall())
    scripts = dict(_scripts(scripts_dir))
    if unknown := sorted(set(done) - set(scripts)):
        raise OperatorError(
            f"the {store} has schema {unknown[-1]:03d}, newer than this program; update the program"
        )
    for number, text in sorted(scripts.items()):
        digest = hashlib.sha256(text.encode()).hexdigest()
        if number in done:
            if done[number] != digest:
                raise OperatorError(
                    f"schema {number:03d} of the {store} differs from this program's; restore the program"
                )
            continue
        with database:
            database.execute("BEGIN IMMEDIATE")
            if database.execute("SELECT 1 FROM migration WHERE number = ?", (number,)).fetchone():
                continue  # another process was quicker
            for statement in _statements(text):
                database.execute(statement)
            database.execute("INSERT INTO migration VALUES (?, ?, ?)", (number, digest, applied))


def _scripts(folder: Traversable) -> Iterator[tuple[int, str]]:
    for entry in folder.iterdir():
        if entry.name.endswith(".sql"):
            yield int(entry.name.removesuffix(".sql")), entry.read_text(encoding="utf-8")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a trigger is one, with the semicolons inside it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
