"""Databases of every schema that was ever released, with what was written into them then.

Each is made by going the way of a real one: a migration, rows for what is new in it, the next migration. In the order
of their release, which is not that of their numbers (`released.toml`).
"""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bench.migrations import migrate
from tests.migrations import content_casework, content_registry

WHEN = "2026-11-24T08:00:00+00:00"
RELEASED: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("released.toml").read_text("utf-8")
)
Content = Mapping[int, Callable[[sqlite3.Connection], None]]
Rows = dict[str, list[dict[str, object]]]
MOVED: dict[str, tuple[str, dict[str, str]]] = {
    "team": ("department", {}),
    "team_member": ("department_member", {"team": "department"}),
    "area": ("area", {"team": "department"}),
}
"""Where the rows of a table are that a migration took apart, and what its columns are called there."""


@dataclass(frozen=True)
class Store:
    """name: of NAME.sqlite. content: what is written after each migration."""

    name: str
    scripts: Traversable
    content: Content

    @property
    def released(self) -> list[int]:
        return [int(number) for number in RELEASED[self.name]]

    def script(self, number: int) -> str:
        return (self.scripts / f"{number:03d}.sql").read_text("utf-8")


REGISTRY = Store("registry", files("bench") / "schema" / "registry", content_registry.CONTENT)
CASEWORK = Store("casework", files("web.casework") / "schema", content_casework.CONTENT)
JOURNAL_SCRIPTS = files("bench") / "schema" / "journal"


def opened(path: Path) -> sqlite3.Connection:
    """As the programs open it."""
    database = sqlite3.connect(path, isolation_level=None)
    database.row_factory = sqlite3.Row
    for pragma in ("journal_mode = TRUNCATE", "synchronous = FULL", "foreign_keys = ON"):
        database.execute(f"PRAGMA {pragma}")
    return database


def make_each(store: Store, folder: Path) -> dict[int, Path]:
    """Number of the newest migration -> a file of that schema."""
    scripts, going = folder / "scripts", folder / "going.sqlite"
    scripts.mkdir()
    made = {}
    with closing(opened(going)) as database:
        for number in store.released:
            (scripts / f"{number:03d}.sql").write_text(store.script(number), "utf-8")
            migrate(database, store.name, scripts, WHEN)
            with database:
                database.execute("BEGIN")
                store.content[number](database)
            made[number] = folder / f"{store.name}-{number:03d}.sqlite"
            shutil.copy(going, made[number])
    return made


def rows_of(path: Path) -> Rows:
    """Everything in it, a table by its name."""
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        tables = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            )
        ]
        return {table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")] for table in tables}


def schema_of(path: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute("SELECT type, name, COALESCE(sql, '') FROM sqlite_schema"))


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as database:
        (said,) = database.execute("PRAGMA integrity_check").fetchone()
        return said == "ok" and not database.execute("PRAGMA foreign_key_check").fetchall()


def all_there(before: Rows, after: Rows) -> None:
    """Each row is there as it was, in the columns that it had."""
    for table, rows in before.items():
        place, renamed = MOVED.get(table, (table, {}))
        if place not in after:
            place, renamed = table, {}
        there = after[place]
        for row in rows:
            names = {} if not there or set(row) <= set(there[0]) else renamed
            expected = {names.get(name, name): value for name, value in row.items()}
            assert any(expected.items() <= found.items() for found in there), (table, row)
