"""Persons: who they are, which roles they have, and how they show that it is they.

A person is an id (P1, P2, ...) everywhere but in one table that has the names and can be deleted from. Nobody is
removed: who has left is not active, and what he did stays under his id.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.person_passwords import count_try, is_right, require_password, write_password
from bench.registry.store import Registry, reading, writing
from bench.registry.texts import folded, require_text

_LONGEST_NAME = 80
_ID = re.compile(r"p\d+")


class Role(StrEnum):
    VERIFIER = "verifier"
    CHECKER = "checker"
    TECHNICIAN = "technician"
    OFFICE = "office"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Name:
    """In Chinese and in Latin letters; one of them may be empty, both where the name was deleted."""

    zh: str = ""
    latin: str = ""

    def in_language(self, language: str) -> str:
        first, second = (self.zh, self.latin) if language == "zh" else (self.latin, self.zh)
        return first or second


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    roles: tuple[Role, ...]
    is_active: bool
    name: Name = Name()

    def shown(self, language: str) -> str:
        """For people: the name with the id, or the id alone."""
        name = self.name.in_language(language)
        return f"{name} ({self.id})" if name else self.id


class Act(StrEnum):
    """What somebody wants to change."""

    PERSONS = "persons and their authorisations"
    RULES = "approvals of rule sets"
    EQUIPMENT = "equipment cards"
    DAILY_CHECK = "the control chart"
    CERTIFICATES = "what was issued"
    CUSTOMERS = "what is kept of customers"
    KEYS = "the keys of the bench"


MAY: dict[Act, tuple[Role, ...]] = {
    Act.PERSONS: (Role.ADMINISTRATOR,),
    Act.RULES: (Role.CHECKER, Role.ADMINISTRATOR),
    Act.EQUIPMENT: (Role.ADMINISTRATOR,),
    Act.DAILY_CHECK: (Role.CHECKER, Role.ADMINISTRATOR),
    Act.CERTIFICATES: (Role.CHECKER, Role.ADMINISTRATOR),
    Act.CUSTOMERS: (Role.ADMINISTRATOR,),
    Act.KEYS: (Role.ADMINISTRATOR,),
}
"""Roles that may do it. A card may also be changed by its own custodian and maintainer (`equipment.py`)."""


# --- reading


def all_persons(database: Registry) -> dict[str, Person]:
    """By id, in the order of registration; who has left, too."""
    names = {
        row["person"]: Name(row["zh"], row["latin"]) for row in database.execute("SELECT * FROM person_name")
    }
    found: dict[str, Person] = {}
    for row in database.execute("SELECT * FROM person_version ORDER BY number"):
        who = row["person"]
        roles = tuple(Role(role) for role in json.loads(row["roles"]))
        found[who] = Person(who, roles, bool(row["is_active"]), names.get(who, Name()))
    return found


def has_administrator(database: Registry) -> bool:
    """Whether there is one, or ever was: from then on every change needs a person with a password."""
    return any(
        Role.ADMINISTRATOR in json.loads(row["roles"])
        for row in database.execute("SELECT roles FROM person_version")
    )


def find(database: Registry, named: str) -> Person | None:
    """By id, or by a name that only one person has."""
    persons = all_persons(database)
    wanted = folded(named)
    by_id = [p for p in persons.values() if folded(p.id) == wanted]
    by_name = [p for p in persons.values() if wanted and wanted in (folded(p.name.zh), folded(p.name.latin))]
    return by_id[0] if by_id else by_name[0] if len(by_name) == 1 else None


def known(database: Registry, named: str) -> Person:
    """The same. Errors: OperatorError where there is no such person, or more than one."""
    if (person := find(database, named)) is None:
        ids = ", ".join(all_persons(database)) or "nobody; see bench admin person first"
        raise OperatorError(f"there is no one person {named[:_LONGEST_NAME]!r}; registered are {ids}")
    return person


def id_of(state_dir: Path, named: str) -> str:
    """The id of a person. Errors: as `known`."""
    with reading(state_dir) as database:
        return known(database, named).id


def shown(database: Registry, who: str, language: str) -> str:
    """A person for people, by the id; what is no id (an approval of earlier times has a name) as it is."""
    person = all_persons(database).get(who)
    return who if person is None else person.shown(language)


def require(database: Registry, who: str, act: Act) -> None:
    """Errors: OperatorError where this person may not do it."""
    person = all_persons(database)[who]
    if not person.is_active or not set(person.roles) & set(MAY[act]):
        raise OperatorError(f"{who} may not change {act.value}; that is for {' or '.join(MAY[act])}")


# --- showing who one is


def authenticate(state_dir: Path, named: str, password: str, now: str) -> Person:
    """The active person with this password. now: wall time, ISO 8601 UTC.

    Errors: RefusedByRuleError where there is no such, or one has to wait after wrong ones.
    """
    with writing(state_dir, now) as database:
        person = find(database, named)
        hashed, wait_s = (None, 0.0) if person is None else count_try(database, person.id, now)
    if wait_s > 0.0:
        raise RefusedByRuleError(Refusal.TOO_MANY_WRONG, wait_s=f"{wait_s:.0f}")
    if not is_right(hashed, password) or person is None:
        if person is not None:
            with writing(state_dir, now) as database:
                trail.add(database, now, trail.CONSOLE, "password_refused", person.id, None, None)
        raise RefusedByRuleError(Refusal.SIGN_IN_WRONG)
    with writing(state_dir, now) as database:
        database.execute("UPDATE person_password SET failures = 0 WHERE person = ?", (person.id,))
    return person


# --- changing


def first_administrator(state_dir: Path, name: Name, password: str, now: str) -> Person:
    """Made at the console, once. Errors: OperatorError where there is, or was, one."""
    with writing(state_dir, now) as database:
        if has_administrator(database):
            raise OperatorError(
                "there is an administrator already; let him register others (bench admin person add)"
            )
        return _registered(database, trail.CONSOLE, name, (Role.ADMINISTRATOR,), password, now)


def add(state_dir: Path, by: str, name: Name, roles: tuple[Role, ...], password: str, now: str) -> Person:
    """Register a person; by: id of the administrator who does."""
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        return _registered(database, by, name, roles, password, now)


def _registered(
    database: Registry, by: str, name: Name, roles: tuple[Role, ...], password: str, now: str
) -> Person:
    person = Person(f"P{len(all_persons(database)) + 1}", _ordered(roles), True, _checked(name))
    require_password(password, (person.name.zh, person.name.latin, person.id))
    _write_version(database, by, "person_added", None, person, now)
    database.execute(
        "INSERT INTO person_name VALUES (?, ?, ?)", (person.id, person.name.zh, person.name.latin)
    )
    write_password(database, person.id, password)
    return person


def set_roles(state_dir: Path, by: str, named: str, roles: tuple[Role, ...], now: str) -> Person:
    """Errors: OperatorError also where the last administrator would go."""
    return _changed(state_dir, by, named, now, roles=_ordered(roles))


def set_active(state_dir: Path, by: str, named: str, now: str, *, is_active: bool) -> Person:
    """A person leaves, or comes back. Who has left has no password any more; an administrator gives a new one."""
    return _changed(state_dir, by, named, now, is_active=is_active)


def _changed(
    state_dir: Path,
    by: str,
    named: str,
    now: str,
    *,
    roles: tuple[Role, ...] | None = None,
    is_active: bool | None = None,
) -> Person:
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        old = known(database, named)
        new = Person(
            old.id,
            old.roles if roles is None else roles,
            old.is_active if is_active is None else is_active,
            old.name,
        )
        persons = all_persons(database) | {new.id: new}
        if not any(p.is_active and Role.ADMINISTRATOR in p.roles for p in persons.values()):
            raise OperatorError(f"{old.id} is the last administrator; make another one first")
        _write_version(database, by, "person_changed", old, new, now)
        if not new.is_active:
            database.execute("DELETE FROM person_password WHERE person = ?", (new.id,))
        return new


def rename(state_dir: Path, by: str, named: str, name: Name, now: str) -> Person:
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        old = known(database, named)
        name = _checked(name)
        database.execute("INSERT OR REPLACE INTO person_name VALUES (?, ?, ?)", (old.id, name.zh, name.latin))
        trail.add(database, now, by, "person_renamed", old.id, None, None)
        return Person(old.id, old.roles, old.is_active, name)


def forget(state_dir: Path, by: str, named: str, now: str) -> Person:
    """Delete the name of a person who has left; what he did stays under his id."""
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        person = known(database, named)
        if person.is_active:
            raise OperatorError(f"{person.id} is active; let him leave first (bench admin person leave)")
        database.execute("DELETE FROM person_name WHERE person = ?", (person.id,))
        trail.add(database, now, by, "person_forgotten", person.id, None, None)
        return Person(person.id, person.roles, False)


def set_password(state_dir: Path, by: str, named: str, password: str, now: str) -> Person:
    """Of one's own, or by an administrator of another's."""
    with writing(state_dir, now) as database:
        person = known(database, named)
        if by != person.id:
            require(database, by, Act.PERSONS)
        if not person.is_active:
            raise OperatorError(f"{person.id} has left; let him come back first (bench admin person return)")
        require_password(password, (person.name.zh, person.name.latin, person.id))
        write_password(database, person.id, password)
        trail.add(database, now, by, "password_set", person.id, None, None)
        return person


def _write_version(database: Registry, by: str, what: str, old: Person | None, new: Person, now: str) -> None:
    database.execute(
        "INSERT INTO person_version (person, roles, is_active, wall_time) VALUES (?, ?, ?, ?)",
        (new.id, json.dumps(new.roles), int(new.is_active), now),
    )
    trail.add(database, now, by, what, new.id, None if old is None else told(old), told(new))


def told(person: Person) -> dict[str, object]:
    """Of a person, what the trail keeps: no name."""
    return {"roles": [role.value for role in person.roles], "is_active": person.is_active}


def _ordered(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)


def _checked(name: Name) -> Name:
    if not (name.zh or name.latin):
        raise OperatorError("a person needs a name, in Chinese or in Latin letters")
    zh, latin = (require_name(each) if each else "" for each in (name.zh, name.latin))
    return Name(zh, latin)


def require_name(given: str) -> str:
    """A person's name. Errors: OperatorError for what is none, such as an id: it would be taken for somebody else."""
    name = require_text(given, "the name", _LONGEST_NAME)
    if _ID.fullmatch(folded(name)):
        raise OperatorError(f"{name} is how an id looks and no name; give the person's own")
    return name
