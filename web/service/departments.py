"""The departments: a list that the laboratory edits, with who belongs to each. One that is closed keeps its name.

A department has requests in hand, is responsible for areas, and has targets and results; there is no other list of
teams (docs/decisions/0032-one-list-of-departments.md).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from web.casework.areas import require_name
from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line
from web.casework.store import Casework
from web.service.model import DEPARTMENT_OF

LONGEST = 40
"""Characters of what it is called."""


@dataclass(frozen=True, slots=True)
class Department:
    """members: ids of persons."""

    name: str
    zh: str
    en: str
    is_open: bool
    members: tuple[str, ...]

    def shown(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def departments(cw: Casework) -> list[Department]:
    """In the order in which they were added; those that are closed, too."""
    with cw.reading() as database:
        members: dict[str, list[str]] = {}
        for row in database.execute("SELECT department, person FROM department_member ORDER BY person"):
            members.setdefault(row["department"], []).append(row["person"])
        rows = database.execute("SELECT * FROM department ORDER BY rowid").fetchall()
    return [
        Department(
            row["name"], row["zh"], row["en"], row["closed_at"] is None, tuple(members.get(row["name"], ()))
        )
        for row in rows
    ]


def of_person(cw: Casework, person: str) -> frozenset[str]:
    """The names of the open departments that somebody belongs to."""
    return frozenset(one.name for one in departments(cw) if one.is_open and person in one.members)


def keep(cw: Casework, name: str, zh: str, en: str, by: str, members: Collection[str] = ()) -> None:
    """A new one, or other words and members for one that there is, which is open again.

    name: for machines, in small Latin letters. Errors: Refused no_such_name, text_missing, text_too_long.
    """
    with attempt(cw, by, "keep_department") as database:
        require_name(name)
        database.execute(
            "INSERT INTO department VALUES (?, ?, ?, NULL) ON CONFLICT (name) DO UPDATE"
            " SET zh = excluded.zh, en = excluded.en, closed_at = NULL",
            (name, one_line(zh, LONGEST), one_line(en, LONGEST)),
        )
        database.execute("DELETE FROM department_member WHERE department = ?", (name,))
        database.executemany(
            "INSERT INTO department_member VALUES (?, ?)", [(name, one) for one in sorted(set(members))]
        )


def close(cw: Casework, name: str, by: str) -> None:
    """Nothing goes there any more.

    Errors: Refused no_such_department, department_is_first, department_has_areas, department_has_work.
    """
    with attempt(cw, by, "close_department") as database:
        require(cw, name)
        if name in DEPARTMENT_OF.values():
            raise Refused("department_is_first")
        (of_it,) = database.execute("SELECT COUNT(*) FROM area WHERE department = ?", (name,)).fetchone()
        if of_it:
            raise Refused("department_has_areas", count=str(of_it))
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
