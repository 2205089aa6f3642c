"""Who may do what before a customer's eyes, how long still, and what of the registry expires next.

A run that nobody watches may be measured by anybody, and is informative (`authorisations.py`). A witnessed one is a
promise to a customer: without an authorisation for each of its tests on this kind of meter it is not begun, and whoever
is refused is told since when, and who can renew it. To check is bound likewise as soon as the laboratory has authorised
anybody to check; until then the role alone is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.dates import days_between
from bench.items import Item
from bench.plans.plan import CheckedPlan
from bench.registry.authorisations import (
    Authorisation,
    Lack,
    LackKind,
    all_authorisations,
    kind_of,
    lack_of,
)
from bench.registry.cards import CardState
from bench.registry.equipment import all_cards
from bench.registry.persons import MAY, Act, Person, Role, all_persons
from bench.registry.store import Registry
from bench.registry.trainings import current
from calibration.nameplate import MeterUnderTest

SOON_DAYS = (7, 30, 60)
"""Something that ends is announced so many days before, more urgently each time."""
_OVER_DAYS = 60
"""What has ended is named so long, unless something stands in its place."""
_REFUSED = {
    LackKind.MISSING: Refusal.AUTHORISATION_MISSING,
    LackKind.NOT_YET: Refusal.AUTHORISATION_NOT_YET,
    LackKind.EXPIRED: Refusal.AUTHORISATION_EXPIRED,
    LackKind.REVOKED: Refusal.AUTHORISATION_REVOKED,
}


@dataclass(frozen=True, slots=True)
class Lacking:
    """Tests that somebody is not authorised for, for one reason. meter: its kind."""

    lack: Lack
    meter: str
    items: tuple[Item, ...]


Tested = tuple[MeterUnderTest, Sequence[Item]]
"""A meter, and the tests on it that need an authorisation."""


def tested_by(checked: CheckedPlan) -> list[Tested]:
    """What a plan tests, by meter."""
    items: dict[str, list[Item]] = {}
    for point in checked.points:
        for position in point.positions if point.item.facts.needs_authorisation else ():
            of_meter = items.setdefault(position, [])
            of_meter += [point.item] if point.item not in of_meter else []
    return [(checked.meters[position], tested) for position, tested in items.items()]


def lacking(
    person: Person, given: Iterable[Authorisation], tested: Iterable[Tested], day: str, role: Role
) -> list[Lacking]:
    """By reason and kind of meter; none where the person may do all of it on that day."""
    given = tuple(given)
    found: dict[tuple[Lack, str], list[Item]] = {}
    for meter, items in tested:
        for item in items:
            lack = lack_of(person, given, item, meter, day, role)
            if lack is not None:
                found.setdefault((lack, kind_of(meter)), []).append(item)
    return [Lacking(lack, meter, tuple(items)) for (lack, meter), items in found.items()]


def lasts_until(
    person: Person, given: Iterable[Authorisation], tested: Iterable[Tested], day: str, role: Role
) -> str:
    """The last day until which all of it may be done without a gap, from a day on which it may."""
    given = tuple(given)
    return min(
        (
            _covered_until([a for a in given if _is_for(a, person, role, item, meter)], day)
            for meter, items in tested
            for item in items
        ),
        default="9999-12-31",
    )


def _is_for(given: Authorisation, person: Person, role: Role, item: Item, meter: MeterUnderTest) -> bool:
    return given.person == person.id and given.scope.role is role and given.scope.is_of(item, meter)


def _covered_until(given: Iterable[Authorisation], day: str) -> str:
    """Later ones count only where they begin on or before the last day of the one before, or the day after."""
    until = day
    for each in sorted(given, key=lambda a: a.scope.valid_from):
        begins_in_time = each.scope.valid_from <= until or days_between(until, each.scope.valid_from) == 1
        if not each.taken_back_on and begins_in_time and each.last_day > until:
            until = each.last_day
    return until


def checking_is_bound(given: Iterable[Authorisation]) -> bool:
    """Whether the laboratory has ever authorised somebody to check."""
    return any(each.scope.role is Role.CHECKER for each in given)


def require_may_verify(database: Registry, who: str, checked: CheckedPlan, today: str) -> None:
    """Errors: RefusedByRuleError with the tests, since when, and who can renew it."""
    person = all_persons(database)[who]
    require_authorised(
        database, lacking(person, all_authorisations(database), tested_by(checked), today, Role.VERIFIER), who
    )


def require_may_check(database: Registry, who: str, tested: Tested, today: str) -> None:
    """Whoever signs as checker is authorised to check, where the laboratory authorises persons to.

    Errors: RefusedByRuleError.
    """
    given = tuple(all_authorisations(database))
    if checking_is_bound(given):
        person = all_persons(database)[who]
        require_authorised(database, lacking(person, given, [tested], today, Role.CHECKER), who)


def require_authorised(database: Registry, found: Sequence[Lacking], who: str) -> None:
    """Errors: RefusedByRuleError where something is lacking: what of it comes first."""
    if found:
        first = found[0]
        raise RefusedByRuleError(
            _REFUSED[first.lack.kind],
            person=who,
            items=[item.value for item in first.items],
            meter=first.meter,
            day=first.lack.day,
            renewed_by=administrators(database),
        )


def administrators(database: Registry) -> list[str]:
    """Who can give authorisations, by name and id: for somebody who has signed in. The trail keeps none of it."""
    return [
        " ".join(filter(None, (person.name.zh, person.name.latin, f"({person.id})")))
        for person in all_persons(database).values()
        if person.is_active and set(person.roles) & set(MAY[Act.PERSONS])
    ]


# --- what expires


class Kind(StrEnum):
    TRAINING = "training"
    AUTHORISATION = "authorisation"
    EQUIPMENT = "equipment"


@dataclass(frozen=True, slots=True)
class Expiring:
    """kind and about: number of the training or authorisation, or the card. person: whose it is; of equipment, its
    custodian. what: the subject of a training, tests of an authorisation (empty: all), model of equipment.
    last_day: YYYY-MM-DD. left_days: negative where it is over."""

    kind: Kind
    about: str
    person: str
    what: tuple[str, ...]
    last_day: str
    left_days: int

    @property
    def within_days(self) -> int:
        """The smallest of `SOON_DAYS` that it ends within; 0 where it is over."""
        return 0 if self.left_days < 0 else next(days for days in SOON_DAYS if self.left_days <= days)


def expiring(database: Registry, today: str) -> list[Expiring]:
    """What ends within the longest of `SOON_DAYS`, or has ended lately and nothing newer stands in its place; what
    ends first comes first. Of active persons, and of equipment in use."""
    active = {person.id for person in all_persons(database).values() if person.is_active}
    found = [*_of_trainings(database, today), *_of_authorisations(database, today)]
    of_persons = [each for each in found if each.person in active]
    soon = (
        each
        for each in (*of_persons, *_of_equipment(database, today))
        if -_OVER_DAYS <= each.left_days <= max(SOON_DAYS)
    )
    return sorted(soon, key=lambda each: (each.last_day, each.kind, each.about))


def _of_trainings(database: Registry, today: str) -> Iterable[Expiring]:
    """The last one of each subject that a person has passed."""
    last: dict[tuple[str, str], Expiring] = {}
    lasting: set[tuple[str, str]] = set()
    for training in current(database):
        held, of = training.held, (training.person, training.held.subject)
        if held.is_passed and not held.valid_until:
            lasting.add(of)
        elif held.is_passed and (of not in last or last[of].last_day < held.valid_until):
            left = days_between(today, held.valid_until)
            last[of] = Expiring(
                Kind.TRAINING, str(training.number), training.person, (held.subject,), held.valid_until, left
            )
    return [each for of, each in last.items() if of not in lasting]


def _of_authorisations(database: Registry, today: str) -> Iterable[Expiring]:
    """The last one of each scope that a person has."""
    last: dict[tuple[object, ...], Authorisation] = {}
    for each in all_authorisations(database):
        scope = each.scope
        of = (
            each.person, scope.role, scope.items, scope.connections, scope.wirings, scope.quantities,
            scope.accuracy_classes,
        )  # fmt: skip
        if not each.taken_back_on and (of not in last or last[of].last_day < each.last_day):
            last[of] = each
    for each in last.values():
        left = days_between(today, each.last_day)
        what = tuple(item.value for item in each.scope.items)
        yield Expiring(Kind.AUTHORISATION, str(each.number), each.person, what, each.last_day, left)


def _of_equipment(database: Registry, today: str) -> Iterable[Expiring]:
    for card in all_cards(database).values():
        if card.certificate is not None and card.set_aside is CardState.IN_USE:
            until = card.certificate.valid_until
            left = days_between(today, until)
            yield Expiring(Kind.EQUIPMENT, card.id, card.custodian, (card.model,), until, left)
