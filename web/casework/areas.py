"""Areas (cells of the grid), the department that looks after each, and every spelling by which one is meant.

Whoever writes down a case, a request or a question types an area as it is called, and that is kept as it was typed.
Which area is meant is found whenever it is read, by `resolving`, or by `meant_by` for one alone: so a spelling that is
added later holds for what is there already, and no history is written anew. What is none of the list is an area by
itself, as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line
from web.casework.store import Casework, Database

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST = 40
"""Characters of what an area is called."""
LONGEST_SPELLING, MOST_SPELLINGS = 60, 30


@dataclass(frozen=True, slots=True)
class Area:
    """department: the name of the one that is responsible. spellings: beside its name and what it is called."""

    name: str
    zh: str
    en: str
    department: str
    spellings: tuple[str, ...] = ()

    def shown(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def areas(cw: Casework) -> list[Area]:
    with cw.reading() as database:
        return _all(database)


def keep(
    cw: Casework, name: str, zh: str, en: str, department: str, by: str, spellings: Collection[str] = ()
) -> None:
    """A new area, or other words, spellings and another department for one. name: for machines.

    Errors: Refused no_such_name, no_such_department, text_missing, text_too_long, spellings_many, spelling_taken.
    """
    with attempt(cw, by, "keep_area") as database:
        require_name(name)
        row = database.execute(
            "SELECT 1 FROM department WHERE name = ? AND closed_at IS NULL", (department,)
        ).fetchone()
        if row is None:
            raise Refused("no_such_department")
        if len(spellings) > MOST_SPELLINGS:
            raise Refused("spellings_many", most=str(MOST_SPELLINGS))
        called = (one_line(zh, LONGEST), one_line(en, LONGEST))
        kept = {_folded(one): one_line(one, LONGEST_SPELLING) for one in spellings}
        own = {_folded(one) for one in (name, *called)}
        _require_free(database, name, own | kept.keys())
        database.execute(
            "INSERT INTO area VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET zh = excluded.zh, en = excluded.en, department = excluded.department",
            (name, *called, department),
        )
        database.execute("DELETE FROM area_spelling WHERE area = ?", (name,))
        database.executemany(
            "INSERT INTO area_spelling VALUES (?, ?, ?)",
            [(folded, name, one) for folded, one in kept.items() if folded not in own],
        )


def resolving(database: Database) -> Callable[[str], str]:
    """From what somebody wrote to the name of the area that is meant, in any case and width; what is none of the list
    as it was written. The one place that decides which area something is of."""
    meant = _meant(_all(database))
    return lambda written: meant.get(_folded(written), written)


def meant_by(database: Database, written: str) -> str:
    """The same for one of them, without reading all spellings of all areas."""
    folded = _folded(written)
    row = database.execute("SELECT area FROM area_spelling WHERE folded = ?", (folded,)).fetchone()
    if row is not None:
        return str(row["area"])
    known = database.execute("SELECT name, zh, en FROM area")
    return next((area["name"] for area in known if folded in map(_folded, area)), written)


def naming(known: Iterable[Area], language: str) -> Callable[[str], str]:
    """From any spelling of an area to what it is called; what is none of the list as it was written."""
    every = {one.name: one for one in known}
    meant = _meant(every.values())

    def called(written: str) -> str:
        area = every.get(meant.get(_folded(written), ""))
        return written if area is None else area.shown(language)

    return called


def require_name(name: str) -> None:
    """Of an area or a department. Errors: Refused no_such_name."""
    if not _NAME.fullmatch(name):
        raise Refused("no_such_name", written=name[:LONGEST])


def _all(database: Database) -> list[Area]:
    spellings: dict[str, list[str]] = {}
    for row in database.execute("SELECT area, written FROM area_spelling ORDER BY written"):
        spellings.setdefault(row["area"], []).append(row["written"])
    return [
        Area(row["name"], row["zh"], row["en"], row["department"], tuple(spellings.get(row["name"], ())))
        for row in database.execute("SELECT * FROM area ORDER BY name")
    ]


def _meant(known: Iterable[Area]) -> dict[str, str]:
    """The name of the area for each of its spellings, folded."""
    return {
        _folded(one): area.name for area in known for one in (*area.spellings, area.zh, area.en, area.name)
    }


def _require_free(database: Database, name: str, folded: Collection[str]) -> None:
    """No spelling means two areas."""
    others = [one for one in _all(database) if one.name != name]
    for spelling, area in _meant(others).items():
        if spelling in folded:
            raise Refused("spelling_taken", written=spelling, area=area)


@lru_cache(maxsize=1024)
def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
