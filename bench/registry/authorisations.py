"""Authorisations: which tests a person may carry out on which meters, from one day to another.

Whoever runs a verification without one gets an informative result; nothing is refused, since a person who learns must
be able to measure. An authorisation counts while its person is active and a verifier.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.canonical import JsonObject
from bench.dates import require_day
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.plan import CheckedPlan
from bench.registry import trail
from bench.registry.persons import Act, Person, Role, known, require
from bench.registry.store import Registry, writing
from bench.words import item_names
from calibration.nameplate import Connection, MeterUnderTest, Quantity, Wiring
from calibration.quantities import Finding
from calibration.reasons import Reason


@dataclass(frozen=True, slots=True)
class Scope:
    """Tests and kinds of meters; an empty tuple is any. Dates YYYY-MM-DD, both days included."""

    items: tuple[Item, ...]
    connections: tuple[Connection, ...]
    wirings: tuple[Wiring, ...]
    quantities: tuple[Quantity, ...]
    accuracy_classes: tuple[str, ...]
    valid_from: str
    valid_until: str

    def is_of(self, item: Item, meter: MeterUnderTest) -> bool:
        """Whether it is for this test on this kind of meter, whatever the day."""
        wanted: tuple[tuple[str, tuple[str, ...]], ...] = (
            (item, self.items),
            (meter.connection, self.connections),
            (meter.wiring, self.wirings),
            (meter.quantity, self.quantities),
            (meter.accuracy_class, self.accuracy_classes),
        )
        return all(not allowed or each in allowed for each, allowed in wanted)

    def is_valid_on(self, day: str) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Authorisation:
    """revoked_on: wall time, "" where it was not taken back."""

    number: int
    person: str
    scope: Scope
    given_by: str
    wall_time: str
    revoked_on: str = ""


def authorise(state_dir: Path, by: str, named: str, scope: Scope, now: str) -> Authorisation:
    """by: id of the administrator who gives it. Errors: OperatorError."""
    require_day(scope.valid_from, "from")
    require_day(scope.valid_until, "until")
    if scope.valid_until < scope.valid_from:
        raise OperatorError("until is before from; an authorisation ends on its last day or later")
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        person = known(database, named)
        if Role.VERIFIER not in person.roles or not person.is_active:
            raise OperatorError(
                f"{person.id} is no active verifier; give the role first (bench admin person roles)"
            )
        columns = _columns(scope)
        number = database.execute(
            "INSERT INTO authorisation (person, items, connections, wirings, quantities, accuracy_classes, "
            "valid_from, valid_until, given_by, wall_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (person.id, *(json.dumps(v) if isinstance(v, list) else v for v in columns.values()), by, now),
        ).lastrowid
        assert number is not None, "an inserted row has a number"
        trail.add(database, now, by, "authorised", person.id, None, {"number": number, **columns})
    return Authorisation(number, person.id, scope, by, now)


def revoke(state_dir: Path, by: str, number: int, now: str) -> Authorisation:
    """Take one back. Errors: OperatorError where there is none of this number, or it was taken back before."""
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        found = next((a for a in all_authorisations(database) if a.number == number), None)
        if found is None or found.revoked_on:
            raise OperatorError(f"there is no authorisation {number} to revoke; see bench admin person show")
        database.execute("INSERT INTO authorisation_revoked VALUES (?, ?, ?)", (number, by, now))
        trail.add(database, now, by, "authorisation_revoked", found.person, {"number": number}, None)
    return found


def all_authorisations(database: Registry) -> Iterator[Authorisation]:
    """In the order they were given; those that were taken back, too."""
    rows = database.execute(
        "SELECT a.*, COALESCE(r.wall_time, '') AS revoked_on FROM authorisation a "
        "LEFT JOIN authorisation_revoked r ON r.number = a.number ORDER BY a.number"
    )
    for row in rows:
        scope = Scope(
            tuple(map(Item, json.loads(row["items"]))),
            tuple(map(Connection, json.loads(row["connections"]))),
            tuple(map(Wiring, json.loads(row["wirings"]))),
            tuple(map(Quantity, json.loads(row["quantities"]))),
            tuple(json.loads(row["accuracy_classes"])),
            row["valid_from"],
            row["valid_until"],
        )
        yield Authorisation(
            row["number"], row["person"], scope, row["given_by"], row["wall_time"], row["revoked_on"]
        )


def why_not_authorised(
    person: Person, given: Iterable[Authorisation], item: Item, meter: MeterUnderTest, today: str
) -> Finding | None:
    """None where a person may carry out this test on this meter today. given: all authorisations there are.

    An authorisation that was, and is over, is named with its last day; one that was taken back counts as none.
    """
    of_this = [
        a.scope for a in given if a.person == person.id and not a.revoked_on and a.scope.is_of(item, meter)
    ]
    what = {"person": person.id, "meter": _kind(meter), **item_names((item,))}
    if person.is_active and Role.VERIFIER in person.roles:
        if any(scope.is_valid_on(today) for scope in of_this):
            return None
        if over := [scope.valid_until for scope in of_this if scope.valid_until < today]:
            return Finding(Reason.AUTHORISATION_EXPIRED, what | {"day": max(over)})
    return Finding(Reason.NOT_AUTHORISED, what)


def of_plan(
    person: Person, given: Iterable[Authorisation], checked: CheckedPlan, today: str
) -> tuple[Finding, ...]:
    """The same of all tests of a plan: for each reason and kind of meter one finding that names its tests."""
    given = tuple(given)
    lacking: dict[tuple[str, ...], tuple[Finding, list[Item]]] = {}
    for point in checked.points:
        for position in point.positions if point.item.facts.needs_authorisation else ():
            found = why_not_authorised(person, given, point.item, checked.meters[position], today)
            if found is not None:
                key = (found.reason, found.values["meter"], found.values.get("day", ""))
                _, items = lacking.setdefault(key, (found, []))
                items += [point.item] if point.item not in items else []
    return tuple(
        replace(found, values={**found.values, **item_names(items)}) for found, items in lacking.values()
    )


def _kind(meter: MeterUnderTest) -> str:
    return f"{meter.wiring.value} {meter.connection.value} {meter.quantity.value} {meter.accuracy_class}"


def _columns(scope: Scope) -> JsonObject:
    return {
        "items": [item.value for item in scope.items],
        "connections": [c.value for c in scope.connections],
        "wirings": [w.value for w in scope.wirings],
        "quantities": [q.value for q in scope.quantities],
        "accuracy_classes": list(scope.accuracy_classes),
        "valid_from": scope.valid_from,
        "valid_until": scope.valid_until,
    }
