"""What is aimed at: an indicator, a direction, a figure, for everybody, a department or a person. Open to those who are
judged by it: a person sees the own and the team's, the office all of them (`visible_to`).

A result is met, missed, or not to be told: with too few answers there is no figure, and so no result.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.store import Casework, Row
from web.service.departments import require
from web.service.facts import Facts
from web.service.figures import Figure
from web.service.indicators import Indicator, figure
from web.service.months import Span

EVERYBODY = ""
_TEAM = "team:"


class Direction(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Target:
    """holder: `EVERYBODY`, `team:` and a department, or a person."""

    id: int
    indicator: Indicator
    holder: str
    direction: Direction
    value: Decimal

    @property
    def team(self) -> str | None:
        return self.holder.removeprefix(_TEAM) if self.holder.startswith(_TEAM) else None

    def is_met_by(self, found: Figure) -> bool | None:
        """None where there is no figure."""
        if found.value is None:
            return None
        return (
            found.value >= self.value if self.direction is Direction.AT_LEAST else found.value <= self.value
        )


@dataclass(frozen=True, slots=True)
class Result:
    target: Target
    found: Figure
    is_met: bool | None


def team(department: str) -> str:
    """The holder that a department is."""
    return _TEAM + department


def targets(cw: Casework) -> list[Target]:
    """Those that hold now: everybody's first, then the teams', then the persons'."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM target WHERE ended_at IS NULL ORDER BY id").fetchall()
    found = [_target(row) for row in rows]
    return sorted(found, key=lambda one: (one.holder != EVERYBODY, one.team is None, one.holder))


def aim(cw: Casework, indicator: str, holder: str, direction: Direction, value: Decimal, by: str) -> Target:
    """From now on, in the place of the one that this indicator and this holder had.

    Errors: Refused no_such_indicator, no_such_department, no_such_holder.
    """
    with attempt(cw, by, "aim") as database:
        if indicator not in tuple(Indicator):
            raise Refused("no_such_indicator")
        if holder.startswith(_TEAM):
            require(cw, holder.removeprefix(_TEAM))
        elif holder != EVERYBODY and not _is_person(holder):
            raise Refused("no_such_holder")
        at = cw.now()
        database.execute(
            "UPDATE target SET ended_at = ? WHERE indicator = ? AND holder = ? AND ended_at IS NULL",
            (at, indicator, holder),
        )
        (number,) = database.execute(
            "INSERT INTO target (indicator, holder, direction, value, set_at, set_by) VALUES (?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (indicator, holder, direction, str(value), at, by),
        ).fetchone()
        return next(one for one in targets(cw) if one.id == number)


def end(cw: Casework, number: int, by: str) -> None:
    """Errors: Refused no_such_target."""
    with attempt(cw, by, "end_target") as database:
        ended = database.execute(
            "UPDATE target SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (cw.now(), number)
        )
        if ended.rowcount == 0:
            raise Refused("no_such_target")


def visible_to(found: list[Target], person: str, teams: frozenset[str], is_office: bool) -> list[Target]:
    """Of somebody in the office all; of others everybody's, those of the own teams, and the own."""
    return [
        one
        for one in found
        if is_office or one.holder in (EVERYBODY, person) or (one.team is not None and one.team in teams)
    ]


def result(facts: Facts, target: Target, span: Span) -> Result:
    """Of what the holder had in hand."""
    if target.holder == EVERYBODY:
        own = facts
    elif target.team is not None:
        own = facts.of_team(target.team)
    else:
        own = facts.of_person(target.holder)
    found = figure(own, target.indicator, span)
    return Result(target, found, target.is_met_by(found))


def _is_person(holder: str) -> bool:
    return holder[:1] == "P" and holder[1:].isascii() and holder[1:].isdigit()


def _target(row: Row) -> Target:
    return Target(
        row["id"],
        Indicator(row["indicator"]),
        row["holder"],
        Direction(row["direction"]),
        Decimal(row["value"]),
    )
