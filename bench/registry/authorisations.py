"""Authorisations: which tests a person may carry out, or check, on which meters, from one day to another.

Whoever runs a verification without one gets an informative result; nothing is refused, since a person who learns must
be able to measure. Before a customer's eyes it is refused (`competence.py`). An authorisation counts while its person
is active and has its role; one that rests on a training lapses with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bench.canonical import JsonObject
from bench.dates import day_of, require_day
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.plan import CheckedPlan
from bench.registry import trail
from bench.registry.persons import Act, Person, Role, known, require
from bench.registry.store import Registry, writing
from bench.registry.trainings import Training, standing, standing_at
from bench.words import item_names
from calibration.nameplate import Connection, MeterUnderTest, Quantity, Wiring
from calibration.quantities import Finding
from calibration.reasons import Reason


@dataclass(frozen=True, slots=True)
class Scope:
    """Tests and kinds of meters; an empty tuple is any. Dates YYYY-MM-DD, both days included.

    role: to verify, or to check what another one has verified.
    """

    items: tuple[Item, ...]
    connections: tuple[Connection, ...]
    wirings: tuple[Wiring, ...]
    quantities: tuple[Quantity, ...]
    accuracy_classes: tuple[str, ...]
    valid_from: str
    valid_until: str
    role: Role = Role.VERIFIER

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


@dataclass(frozen=True, slots=True)
class Authorisation:
    """revoked_on: wall time, "" where it was not taken back. training: what it rests on, as it stands now; None for
    nothing."""

    number: int
    person: str
    scope: Scope
    given_by: str
    wall_time: str
    revoked_on: str = ""
    training: Training | None = None

    @property
    def last_day(self) -> str:
        """Its own, or that of the training it rests on if that is earlier."""
        until = "" if self.training is None else self.training.held.valid_until
        return min(self.scope.valid_until, until) if until else self.scope.valid_until

    @property
    def taken_back_on(self) -> str:
        """Wall time at which it was revoked, or its training was corrected to one that was not passed; "" for never."""
        if self.revoked_on or self.training is None or self.training.held.is_passed:
            return self.revoked_on
        return self.training.wall_time

    def is_valid_on(self, day: str) -> bool:
        return not self.taken_back_on and self.scope.valid_from <= day <= self.last_day


class LackKind(StrEnum):
    MISSING = "missing"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Lack:
    """Why somebody is not authorised. day: the first, or the last one of an authorisation; "" where there is none."""

    kind: LackKind
    day: str = ""


def authorise(
    state_dir: Path, by: str, named: str, scope: Scope, now: str, training: int | None = None
) -> Authorisation:
    """by: id of the administrator who gives it. training: number of what it rests on. Errors: OperatorError."""
    require_day(scope.valid_from, "from")
    require_day(scope.valid_until, "until")
    if scope.valid_until < scope.valid_from:
        raise OperatorError("until is before from; an authorisation ends on its last day or later")
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        person = known(database, named)
        if scope.role not in person.roles or not person.is_active:
            raise OperatorError(
                f"{person.id} is no active {scope.role}; give the role first (bench admin person roles)"
            )
        rests_on = None if training is None else standing_at(database, training)
        if rests_on is not None:
            _require_bears(rests_on, person, scope)
        columns = _columns(scope)
        number = database.execute(
            "INSERT INTO authorisation (person, items, connections, wirings, quantities, accuracy_classes, "
            "valid_from, valid_until, role, training, given_by, wall_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                person.id,
                *(json.dumps(v) if isinstance(v, list) else v for v in columns.values()),
                training,
                by,
                now,
            ),
        ).lastrowid
        assert number is not None, "an inserted row has a number"
        told = {"number": number, **columns} | ({} if training is None else {"training": training})
        trail.add(database, now, by, "authorised", person.id, None, told)
    return Authorisation(number, person.id, scope, by, now, training=rests_on)


def _require_bears(training: Training, person: Person, scope: Scope) -> None:
    """Errors: OperatorError where nothing of this person can rest on it."""
    if training.person != person.id:
        raise OperatorError(f"training {training.number} is {training.person}'s; name one of {person.id}")
    if not training.counts_on(scope.valid_from):
        until = training.held.valid_until
        why = f"expired on {until}" if training.held.is_passed else "was not passed"
        raise OperatorError(f"training {training.number} {why}; an authorisation cannot rest on it")


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
    trainings = standing(database)
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
            Role(row["role"]),
        )
        yield Authorisation(
            row["number"],
            row["person"],
            scope,
            row["given_by"],
            row["wall_time"],
            row["revoked_on"],
            None if row["training"] is None else trainings[row["training"]],
        )


def lack_of(
    person: Person,
    given: Iterable[Authorisation],
    item: Item,
    meter: MeterUnderTest,
    day: str,
    role: Role = Role.VERIFIER,
) -> Lack | None:
    """None where a person may carry out (or check) this test on this meter on a day. given: all there are.

    Of several reasons: one that is over, one that begins later, one that was taken back, none at all.
    """
    if not person.is_active or role not in person.roles:
        return Lack(LackKind.MISSING)
    mine = [a for a in given if a.person == person.id and a.scope.role is role and a.scope.is_of(item, meter)]
    if any(each.is_valid_on(day) for each in mine):
        return None
    held = [each for each in mine if not each.taken_back_on]
    if over := [each.last_day for each in held if each.last_day < day]:
        return Lack(LackKind.EXPIRED, max(over))
    if held:
        return Lack(LackKind.NOT_YET, min(each.scope.valid_from for each in held))
    if mine:
        return Lack(LackKind.REVOKED, day_of(max(each.taken_back_on for each in mine)))
    return Lack(LackKind.MISSING)


def why_not_authorised(
    person: Person,
    given: Iterable[Authorisation],
    item: Item,
    meter: MeterUnderTest,
    today: str,
    role: Role = Role.VERIFIER,
) -> Finding | None:
    """The same as a finding: one that is over is named with its last day; one that was taken back counts as none."""
    lack = lack_of(person, given, item, meter, today, role)
    if lack is None:
        return None
    what = {"person": person.id, "meter": kind_of(meter), **item_names((item,))}
    if lack.kind is LackKind.EXPIRED:
        return Finding(Reason.AUTHORISATION_EXPIRED, what | {"day": lack.day})
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


def kind_of(meter: MeterUnderTest) -> str:
    """Of a meter, what authorisations ask about."""
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
        "role": scope.role.value,
    }
