"""`bench admin person`: who works at this bench, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.admin.acting import Change, changing, now, today
from bench.admin.words import word
from bench.configuration.config import load_config
from bench.items import Item
from bench.records.frozen import to_json
from bench.registry import persons
from bench.registry.authorisations import Authorisation, Scope, all_authorisations, authorise, revoke
from bench.registry.persons import Name, Person, Role, all_persons, known
from bench.registry.store import reading
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json
from bench.terminal.passwords import ask_new_password, password_option
from bench.words import item_word
from calibration.nameplate import Connection, Quantity, Wiring


@click.group()
def person() -> None:
    """Persons, their roles, passwords and authorisations. Elsewhere than here a person is an id, such as P1."""


_Command = Callable[..., Any]


def _named(command: _Command) -> _Command:
    """The options of a name."""
    latin = click.option("--name", "latin", default="", help="Name in Latin letters.")
    return latin(click.option("--name-zh", "zh", default="", help="Name in Chinese.")(command))


role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)


@person.command()
@_named
@password_option
@config_option
@lang_option
def first(zh: str, latin: str, from_stdin: bool, config_path: Path, lang: str) -> None:
    """Make the first administrator, once, at the console; from then on every change needs a person."""
    state_dir = load_config(config_path).state_dir
    password = ask_new_password(zh or latin, lang, from_stdin=from_stdin)
    made = persons.first_administrator(state_dir, Name(zh, latin), password, now())
    _tell(made, lang)


@person.command()
@_named
@role_option
@changing
def add(zh: str, latin: str, roles: tuple[str, ...], change: Change) -> None:
    """Register a person with a first password."""
    by = change.by()
    password = ask_new_password(zh or latin, change.lang, from_stdin=change.from_stdin)
    made = persons.add(change.state_dir, by, Name(zh, latin), tuple(map(Role, roles)), password, now())
    _tell(made, change.lang)


@person.command("roles")
@click.argument("who")
@role_option
@changing
def set_roles(who: str, roles: tuple[str, ...], change: Change) -> None:
    """Give a person these roles and no others."""
    by = change.by()
    changed = persons.set_roles(change.state_dir, by, who, tuple(map(Role, roles)), now())
    _tell(changed, change.lang)


@person.command()
@click.argument("who")
@changing
def leave(who: str, change: Change) -> None:
    """A person has left: nothing can be done in this name any more, and what was done stays."""
    _set_active(who, change, is_active=False)


@person.command("return")
@click.argument("who")
@changing
def come_back(who: str, change: Change) -> None:
    """A person who had left is back; give a new password then."""
    _set_active(who, change, is_active=True)


def _set_active(who: str, change: Change, *, is_active: bool) -> None:
    by = change.by()
    _tell(persons.set_active(change.state_dir, by, who, now(), is_active=is_active), change.lang)


@person.command()
@click.argument("who")
@_named
@changing
def rename(who: str, zh: str, latin: str, change: Change) -> None:
    """Give a person another name."""
    by = change.by()
    changed = persons.rename(change.state_dir, by, who, Name(zh, latin), now())
    _tell(changed, change.lang)


@person.command()
@click.argument("who")
@changing
def forget(who: str, change: Change) -> None:
    """Delete the name of a person who has left; the id stays in the records."""
    by = change.by()
    tell(word("person_forgotten", change.lang, person=persons.forget(change.state_dir, by, who, now()).id))


@person.command()
@click.argument("who")
@changing
def password(who: str, change: Change) -> None:
    """Set a password: one's own, or, by an administrator, another's."""
    by = change.by()
    new = ask_new_password(who, change.lang, from_stdin=change.from_stdin)
    changed = persons.set_password(change.state_dir, by, who, new, now())
    tell(word("password_is_set", change.lang, person=changed.id))


def _kinds(command: _Command) -> _Command:
    """The options of what an authorisation is for."""
    choices = (
        ("--item", "items", Item),
        ("--connection", "connections", Connection),
        ("--wiring", "wirings", Wiring),
        ("--quantity", "quantities", Quantity),
    )
    for option, name, kind in choices:
        allowed = click.Choice([each.value for each in kind])
        command = click.option(
            option,
            name,
            multiple=True,
            type=allowed,
            help="May be given several times.  [default: any]",
        )(command)
    return click.option(
        "--class",
        "classes",
        multiple=True,
        help="Accuracy class; may be given several times.  [default: any]",
    )(command)


@person.command("authorise")
@click.argument("who")
@_kinds
@click.option(
    "--to",
    "acts",
    type=click.Choice(["verify", "check"]),
    default="verify",
    show_default=True,
    help="What for; once somebody is authorised to check, nobody checks without it.",
)
@click.option("--training", type=int, help="Number of the training that it rests on, and lapses with.")
@click.option("--from", "valid_from", help="First day.  [default: today]")
@click.option("--until", "valid_until", required=True, help="Last day, YYYY-MM-DD.")
@changing
def authorise_person(
    who: str,
    items: tuple[str, ...],
    connections: tuple[str, ...],
    wirings: tuple[str, ...],
    quantities: tuple[str, ...],
    classes: tuple[str, ...],
    acts: str,
    training: int | None,
    valid_from: str | None,
    valid_until: str,
    change: Change,
) -> None:
    """Authorise a verifier or a checker for tests on kinds of meters, from one day to another."""
    by = change.by()
    scope = Scope(
        tuple(map(Item, items)),
        tuple(map(Connection, connections)),
        tuple(map(Wiring, wirings)),
        tuple(map(Quantity, quantities)),
        classes,
        valid_from or today(),
        valid_until,
        Role.VERIFIER if acts == "verify" else Role.CHECKER,
    )
    tell(_authorisation(authorise(change.state_dir, by, who, scope, now(), training), change.lang))


@person.command("revoke")
@click.argument("number", type=int)
@changing
def revoke_authorisation(number: int, change: Change) -> None:
    """Take an authorisation back, by its NUMBER."""
    by = change.by()
    taken = revoke(change.state_dir, by, number, now())
    tell(word("authorisation_is_revoked", change.lang, number=taken.number, person=taken.person))


@person.command("list")
@config_option
@lang_option
@json_option
def list_persons(config_path: Path, lang: str, wants_json: bool) -> None:
    """All persons, with their roles; who has left, too."""
    with reading(load_config(config_path).state_dir) as database:
        found = list(all_persons(database).values())
    if wants_json:
        tell_json(found)
        return
    for each in found:
        click.echo(f"{each.shown(lang)}  {_roles(each, lang)}")


@person.command()
@click.argument("who")
@config_option
@lang_option
@json_option
def show(who: str, config_path: Path, lang: str, wants_json: bool) -> None:
    """A person and all authorisations."""
    with reading(load_config(config_path).state_dir) as database:
        found = known(database, who)
        given = [each for each in all_authorisations(database) if each.person == found.id]
    if wants_json:
        tell_json(to_json(found) | {"authorisations": given})
        return
    click.echo(f"{found.shown(lang)}  {_roles(found, lang)}")
    for each in given:
        click.echo(f"  {_authorisation(each, lang)}")


def _tell(found: Person, lang: str) -> None:
    tell(word("person_is", lang, person=found.shown(lang), roles=_roles(found, lang)))


def _roles(found: Person, lang: str) -> str:
    roles = ", ".join(word(f"role_{role}", lang) for role in found.roles)
    return roles if found.is_active else f"{roles} ({word('has_left', lang)})"


def _authorisation(given: Authorisation, lang: str) -> str:
    scope = given.scope
    items = [item_word(item, lang) for item in scope.items]
    kinds = [*scope.wirings, *scope.connections, *scope.quantities, *scope.accuracy_classes]
    said = word(
        "authorisation_is" if scope.role is Role.VERIFIER else "authorisation_to_check_is",
        lang,
        number=given.number,
        person=given.person,
        items=", ".join(items) or word("all_items", lang),
        kinds=" ".join(kinds) or word("all_meters", lang),
        first=scope.valid_from,
        last=given.last_day,
        by=given.given_by,
    )
    if given.training is not None:
        said = word("rests_on", lang, said=said, training=given.training.number)
    return (
        f"{said} ({word('is_taken_back', lang, when=given.taken_back_on)})" if given.taken_back_on else said
    )
