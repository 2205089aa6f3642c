"""The departments that requests go through: a list that the laboratory edits. One that is closed keeps its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line
from web.casework.store import Casework
from web.service.model import DEPARTMENT_OF

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST = 40
"""Characters of what it is called."""


@dataclass(frozen=True, slots=True)
class Department:
    name: str
    zh: str
    en: str
    is_open: bool

    def shown(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def departments(cw: Casework) -> list[Department]:
    """In the order in which they were added; those that are closed, too."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM department ORDER BY rowid").fetchall()
    return [Department(row["name"], row["zh"], row["en"], row["closed_at"] is None) for row in rows]


def keep(cw: Casework, name: str, zh: str, en: str, by: str) -> None:
    """A new one, or another word for one that there is, which is open again.

    name: for machines, in small Latin letters. Errors: Refused no_such_name, text_missing, text_too_long.
    """
    with attempt(cw, by, "keep_department") as database:
        if not _NAME.fullmatch(name):
            raise Refused("no_such_name", written=name[:LONGEST])
        database.execute(
            "INSERT INTO department VALUES (?, ?, ?, NULL) ON CONFLICT (name) DO UPDATE"
            " SET zh = excluded.zh, en = excluded.en, closed_at = NULL",
            (name, one_line(zh, LONGEST), one_line(en, LONGEST)),
        )


def close(cw: Casework, name: str, by: str) -> None:
    """Nothing goes there any more. Errors: Refused no_such_department, department_is_first, department_has_work."""
    with attempt(cw, by, "close_department") as database:
        require(cw, name)
        if name in DEPARTMENT_OF.values():
            raise Refused("department_is_first")
        (waiting,) = database.execute(
            "SELECT (SELECT COUNT(*) FROM request WHERE department = ?1 AND closed_at IS NULL)"
            " + (SELECT COUNT(*) FROM hand_off WHERE to_department = ?1 AND settled_at IS NULL)",
            (name,),
        ).fetchone()
        if waiting:
            raise Refused("department_has_work", count=str(waiting))
        database.execute("UPDATE department SET closed_at = ? WHERE name = ?", (cw.now(), name))


def require(cw: Casework, name: str) -> Department:
    """Errors: Refused no_such_department, where there is none that is open."""
    for one in departments(cw):
        if one.name == name and one.is_open:
            return one
    raise Refused("no_such_department")
