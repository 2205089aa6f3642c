"""What the socket is told of competence: who was trained and authorised for what, what ends soon, who may do a plan."""

from __future__ import annotations

from dataclasses import asdict

from bench.canonical import JsonObject
from bench.control.asking import SignedIn
from bench.plans.plan import CheckedPlan
from bench.registry import competence
from bench.registry.authorisations import Authorisation, all_authorisations
from bench.registry.competence import Expiring, Lacking, Tested
from bench.registry.persons import Person, Role, all_persons
from bench.registry.store import Registry
from bench.registry.trainings import Training, current

_OF_EVERYBODY = frozenset({Role.OFFICE, Role.ADMINISTRATOR})
"""Who sees what there is of others."""


def told_of_competence(database: Registry, by: SignedIn, today: str) -> JsonObject:
    """Of everybody for the office and administrators, else of whoever asks alone; of equipment its custodian's."""
    sees_all = bool(set(by.roles) & _OF_EVERYBODY)
    trainings = current(database)
    given = list(all_authorisations(database))
    return {
        "today": today,
        "checking_is_bound": competence.checking_is_bound(given),
        "renewed_by": competence.administrators(database),
        "persons": [
            _person(person, trainings, given, today)
            for person in all_persons(database).values()
            if person.is_active and (sees_all or person.id == by.person)
        ],
        "expiring": [
            _expiring(each)
            for each in competence.expiring(database, today)
            if sees_all or each.person == by.person
        ],
    }


def told_of_who_may(database: Registry, checked: CheckedPlan, day: str) -> JsonObject:
    """Of everybody who is active and has the role: until when from this day on, or what is lacking."""
    given, tested = list(all_authorisations(database)), competence.tested_by(checked)
    active = [person for person in all_persons(database).values() if person.is_active]
    asked = [Role.VERIFIER, Role.CHECKER] if competence.checking_is_bound(given) else [Role.VERIFIER]
    return {
        role.value: {
            person.id: _may(person, given, tested, day, role) for person in active if role in person.roles
        }
        for role in asked
    }


def _may(
    person: Person, given: list[Authorisation], tested: list[Tested], day: str, role: Role
) -> JsonObject:
    lacks = competence.lacking(person, given, tested, day, role)
    until = None if lacks else competence.lasts_until(person, given, tested, day, role)
    return {"until": until, "lacks": [_lacking(each) for each in lacks]}


def _lacking(found: Lacking) -> JsonObject:
    items = [item.value for item in found.items]
    return {"kind": found.lack.kind.value, "day": found.lack.day, "meter": found.meter, "items": items}


def _person(person: Person, trainings: list[Training], given: list[Authorisation], today: str) -> JsonObject:
    return {
        "id": person.id,
        "name": {"zh": person.name.zh, "latin": person.name.latin},
        "roles": [role.value for role in person.roles],
        "trainings": [_training(each, today) for each in trainings if each.person == person.id],
        "authorisations": [_authorisation(each, today) for each in given if each.person == person.id],
    }


def _training(found: Training, today: str) -> JsonObject:
    return {
        "number": found.number,
        **asdict(found.held),
        "valid_until": found.held.valid_until or None,
        "counts": found.counts_on(today),
    }


def _authorisation(found: Authorisation, today: str) -> JsonObject:
    scope = found.scope
    return {
        "number": found.number,
        "role": scope.role.value,
        "items": [item.value for item in scope.items],
        "kinds": [*scope.wirings, *scope.connections, *scope.quantities, *scope.accuracy_classes],
        "valid_from": scope.valid_from,
        "last_day": found.last_day,
        "taken_back_on": found.taken_back_on or None,
        "training": None if found.training is None else found.training.number,
        "given_by": found.given_by,
        "counts": found.is_valid_on(today),
    }


def _expiring(found: Expiring) -> JsonObject:
    return {
        "kind": found.kind.value,
        "about": found.about,
        "person": found.person,
        "what": list(found.what),
        "last_day": found.last_day,
        "left_days": found.left_days,
        "within_days": found.within_days,
    }
