"""`bench admin rules` and what approves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.admin.acting import acting_person, needs_password, now
from bench.admin.words import word
from bench.canonical import JsonObject
from bench.configuration.config import load_config
from bench.errors import OperatorError
from bench.registry.approvals import Approval, approval_of, approve, history_of, revoke, why_not_approved
from bench.registry.persons import shown
from bench.registry.store import Registry, reading
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json
from bench.terminal.passwords import password_option
from calibration.reasons import sentence
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.rules import RuleSet

_Command = Callable[..., Any]


@click.command()
@config_option
@lang_option
@json_option
def rules(config_path: Path, lang: str, wants_json: bool) -> None:
    """List the rule sets with their edition and hash, and who approved them, or why they are provisional."""
    found = [load_rule_set(name) for name in rule_set_names()]
    with reading(load_config(config_path).state_dir) as database:
        if wants_json:
            tell_json([_as_json(database, each) for each in found])
            return
        for each in found:
            edition = word("edition", lang, edition=each.edition)
            click.echo(f"{each.name}  {edition}  {each.sha256[:16]}  {_state(database, each, lang)}")


def _state(database: Registry, found: RuleSet, lang: str) -> str:
    unapproved, approval = why_not_approved(database, found), approval_of(database, found)
    if approval is not None:
        return _entry(database, approval, lang)
    return "" if unapproved is None else sentence(unapproved.reason, unapproved.values, lang)


@click.command()
@click.argument("name")
@config_option
@lang_option
@json_option
def history(name: str, config_path: Path, lang: str, wants_json: bool) -> None:
    """All approvals of a rule set and their revocations, oldest first."""
    with reading(load_config(config_path).state_dir) as database:
        entries = history_of(database, _rule_set(name).name)
        if wants_json:
            tell_json(entries)
            return
        for entry in entries:
            click.echo(f"{entry.sha256[:16]}  {_entry(database, entry, lang)}")


def _entry(database: Registry, entry: Approval, lang: str) -> str:
    key = "revoked_by" if entry.is_revoked else "approved_by"
    return word(key, lang, person=shown(database, entry.person, lang), when=entry.wall_time)


def _as_json(database: Registry, found: RuleSet) -> JsonObject:
    return {
        "name": found.name,
        "edition": found.edition,
        "sha256": found.sha256,
        "unapproved": why_not_approved(database, found),
        "history": history_of(database, found.name),
    }


def _deciding(by: str) -> Callable[[_Command], _Command]:
    """The options of a decision on a rule set; by: what is said of whose decision it is."""

    def with_options(command: _Command) -> _Command:
        person = click.option("--by", "person", required=True, help=by)
        for option in (lang_option, config_option, password_option, person, click.argument("name")):
            command = option(command)
        return command

    return with_options


@click.command("approve-rules")
@_deciding("Who compared it with the laboratory's copy.")
def approve_rules(**given: Any) -> None:
    """Approve a rule set as it is now; the approval lapses when its file changes."""
    _decide(approve, "is_approved", **given)


@click.command("revoke-rules")
@_deciding("Who takes the approval back.")
def revoke_rules(**given: Any) -> None:
    """Take back the approval of a rule set as it is now; the approval stays in the history."""
    _decide(revoke, "is_revoked", **given)


def _decide(
    change: Callable[[Path, RuleSet, str, str], None],
    said: str,
    name: str,
    person: str,
    config_path: Path,
    lang: str,
    *,
    from_stdin: bool,
) -> None:
    """Approve or revoke, and say so by the word of this key."""
    found = _rule_set(name)
    state_dir = load_config(config_path).state_dir
    person = _acting(state_dir, person, lang, from_stdin=from_stdin)
    change(state_dir, found, person, now())
    with reading(state_dir) as database:
        who = shown(database, person, lang)
    tell(word(said, lang, name=found.name, hash=found.sha256[:16], person=who))


def _acting(state_dir: Path, person: str, lang: str, *, from_stdin: bool) -> str:
    """Who approves: a registered person with his password, or, as long as there is no administrator, a name."""
    if not needs_password(state_dir):
        return person.strip()
    return acting_person(state_dir, person, lang, from_stdin=from_stdin)


def _rule_set(name: str) -> RuleSet:
    try:
        return load_rule_set(name)
    except ValueError as error:
        raise OperatorError(str(error)) from error
