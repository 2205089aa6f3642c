"""Numbered migrations, forward only: all that a database lacks, with the record of each, in one transaction.

So a kill, a full disk or an error on the way leaves the database as it was, and the release before can go on with it.
A script that was released is never edited; what came later is a new one. `tests/migrations/released.toml` holds each
to its bytes, and `tests/migrations/` upgrades a database of every earlier schema.

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
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)


def migrate(database: sqlite3.Connection, store: str, scripts_dir: Traversable, applied: str) -> None:
    """Bring a database to its newest schema. store: of STORE.sqlite, for errors. applied: wall time for people.

    Errors: OperatorError where the database is newer than this program, was made by a changed migration, or where
    there is no room for the newest schema. Nothing of it is changed then.
    """
    scripts = dict(_scripts(scripts_dir))
    if not _missing(database, store, scripts):
        return
    try:
        with database:
            database.execute("BEGIN IMMEDIATE")
            # Once more: another process may have been quicker.
            missing = _missing(database, store, scripts)
            database.execute(_OWN_TABLE)
            for number in missing:
                for statement in _statements(scripts[number]):
                    database.execute(statement)
                row = (number, _sha256(scripts[number]), applied)
                database.execute("INSERT INTO migration VALUES (?, ?, ?)", row)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM:
            raise
        raise OperatorError(
            f"{store}.sqlite cannot be brought to the schema of this release: {error}; nothing was changed, "
            f"make room on its disk and start again / {store}.sqlite 无法升级到本版本的数据格式：{error}；"
            "未作任何改动，请腾出磁盘空间后重新启动"
        ) from error


def _missing(database: sqlite3.Connection, store: str, scripts: dict[int, str]) -> list[int]:
    """What is still to be applied, in its order. Errors: OperatorError where the database is another program's."""
    is_made = database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migration'").fetchone()
    done = dict(database.execute("SELECT number, sha256 FROM migration").fetchall()) if is_made else {}
    if unknown := sorted(set(done) - set(scripts)):
        raise OperatorError(
            f"{store}.sqlite has schema {unknown[-1]:03d}, newer than this program; nothing was changed, start the "
            "newer release, or go back with its data: sudo systemd/install --back (docs/installation.md) / "
            f"{store}.sqlite 的数据格式为 {unknown[-1]:03d}，比本程序新；未作任何改动，请启动较新的版本，"
            "或连同数据一起退回：sudo systemd/install --back"
        )
    for number, sha256 in sorted(done.items()):
        if sha256 != _sha256(scripts[number]):
            raise OperatorError(
                f"schema {number:03d} of {store}.sqlite differs from this program's; nothing was changed, install the "
                f"program again / {store}.sqlite 的数据格式 {number:03d} 与本程序的不同；未作任何改动，请重新安装程序"
            )
    return sorted(set(scripts) - set(done))


def _sha256(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()


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
