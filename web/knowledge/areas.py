"""Areas (cells of the grid) and the teams that look after them. Questions and cases are seen by area.

Whoever writes down a case or a question types an area as it is called; `of` finds which one is meant. What was written
and is none of the list stays as it is, and is counted as itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line
from web.casework.store import Casework

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST = 40
"""Characters of what an area or a team is called."""


@dataclass(frozen=True, slots=True)
class Team:
    """members: ids of persons."""

    name: str
    zh: str
    en: str
    members: tuple[str, ...]

    def shown(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Area:
    """team: the name of the one that is responsible."""

    name: str
    zh: str
    en: str
    team: str

    def shown(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def teams(cw: Casework) -> list[Team]:
    with cw.reading() as database:
        members: dict[str, list[str]] = {}
        for row in database.execute("SELECT team, person FROM team_member ORDER BY person"):
            members.setdefault(row["team"], []).append(row["person"])
        rows = database.execute("SELECT * FROM team ORDER BY name").fetchall()
    return [Team(row["name"], row["zh"], row["en"], tuple(members.get(row["name"], ()))) for row in rows]


def areas(cw: Casework) -> list[Area]:
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM area ORDER BY name").fetchall()
    return [Area(row["name"], row["zh"], row["en"], row["team"]) for row in rows]


def keep_team(cw: Casework, name: str, zh: str, en: str, members: tuple[str, ...], by: str) -> None:
    """A new team, or other words and members for one. name: for machines, in small Latin letters and digits.

    Errors: Refused no_such_name, text_missing, text_too_long.
    """
    with attempt(cw, by, "keep_team") as database:
        _require_name(name)
        database.execute(
            "INSERT INTO team VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET zh = excluded.zh, en = excluded.en",
            (name, one_line(zh, LONGEST), one_line(en, LONGEST)),
        )
        database.execute("DELETE FROM team_member WHERE team = ?", (name,))
        database.executemany(
            "INSERT INTO team_member VALUES (?, ?)", [(name, p) for p in sorted(set(members))]
        )


def keep_area(cw: Casework, name: str, zh: str, en: str, team: str, by: str) -> None:
    """A new area, or other words and another team for one. Errors: Refused as above, and no_such_team."""
    with attempt(cw, by, "keep_area") as database:
        _require_name(name)
        if all(one.name != team for one in teams(cw)):
            raise Refused("no_such_team")
        database.execute(
            "INSERT INTO area VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET zh = excluded.zh, en = excluded.en, team = excluded.team",
            (name, one_line(zh, LONGEST), one_line(en, LONGEST), team),
        )


def of(known: list[Area], written: str) -> Area | None:
    """Which area is meant by what somebody wrote: its name or what it is called, in any case and width."""
    wanted = _folded(written)
    return next((one for one in known if wanted and wanted in map(_folded, (one.name, one.zh, one.en))), None)


def shown(known: list[Area], written: str, language: str) -> str:
    """What somebody wrote, as the area that is meant is called; as it was written where none is."""
    meant = of(known, written)
    return written if meant is None else meant.shown(language)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refused("no_such_name", written=name[:LONGEST])
