"""`bench admin training` and `bench admin expiring`: who was trained in what, and what ends soon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.admin.acting import Change, changing, now, today
from bench.admin.words import word
from bench.configuration.config import load_config
from bench.errors import OperatorError
from bench.registry import trainings
from bench.registry.competence import SOON_DAYS, Expiring, Kind
from bench.registry.competence import expiring as all_expiring
from bench.registry.persons import known, shown
from bench.registry.store import Registry, reading
from bench.registry.trainings import Held, Training, all_trainings
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json
from bench.words import item_word


@click.group()
def training() -> None:
    """Trainings of persons: in what, by whom, with which practical result, until when. Write no names in them."""


_Command = Callable[..., Any]


def _held_options(command: _Command) -> _Command:
    """The options of what is entered."""
    for option in (
        click.option("--until", default="", help="Last day on which it counts.  [default: for good]"),
        click.option("--passed/--not-passed", "is_passed", required=True, help="The practical part."),
        click.option("--result", required=True, help="What came of the practical part, in words."),
        click.option("--on", "held_on", required=True, help="The day, YYYY-MM-DD."),
        click.option("--body", default="", help="Who held it, where it was no maker of meters."),
        click.option("--maker", default="", help="The maker of meters who held it."),
        click.option("--subject", required=True),
    ):
        command = option(command)
    return command


def _held(given: dict[str, Any]) -> Held:
    """Errors: OperatorError where not one of --maker and --body is given."""
    maker, body = given.pop("maker"), given.pop("body")
    if bool(maker) == bool(body):
        raise OperatorError("say who held it: --maker for a maker of meters, or else --body")
    return Held(held_by=maker or body, is_maker=bool(maker), valid_until=given.pop("until"), **given)


@training.command()
@click.argument("who")
@_held_options
@changing
def add(who: str, change: Change, **given: Any) -> None:
    """Enter a training of a person."""
    held, by = _held(given), change.by()
    tell(_said(trainings.add(change.state_dir, by, who, held, now()), change.lang, False))


@training.command()
@click.argument("number", type=int)
@_held_options
@changing
def correct(number: int, change: Change, **given: Any) -> None:
    """Enter a training anew, in the place of NUMBER, which stays and counts no more."""
    held, by = _held(given), change.by()
    tell(_said(trainings.correct(change.state_dir, by, number, held, now()), change.lang, False))


@training.command("list")
@click.argument("who", required=False)
@config_option
@lang_option
@json_option
def list_trainings(who: str | None, config_path: Path, lang: str, wants_json: bool) -> None:
    """Trainings of a person, or of all; those that were corrected, too."""
    with reading(load_config(config_path).state_dir) as database:
        person = None if who is None else known(database, who).id
        every = all_trainings(database)
    found = [each for each in every if person is None or each.person == person]
    if wants_json:
        tell_json(found)
        return
    corrected = {each.corrects for each in every}
    for each in found:
        click.echo(_said(each, lang, each.number in corrected))
    if not found:
        click.echo(word("no_trainings", lang))


def _said(found: Training, lang: str, is_corrected: bool) -> str:
    held = found.held
    said = word(
        "training_is",
        lang,
        number=found.number,
        person=found.person,
        subject=held.subject,
        held_by=word("by_maker", lang, held_by=held.held_by) if held.is_maker else held.held_by,
        day=held.held_on,
        passed=word("training_passed" if held.is_passed else "training_failed", lang),
        result=held.result,
        until=word("training_until", lang, day=held.valid_until)
        if held.valid_until
        else word("training_lasts", lang),
    )
    if found.corrects is not None:
        said = word("training_corrects", lang, said=said, number=found.corrects)
    return word("training_corrected", lang, said=said) if is_corrected else said


@click.command()
@config_option
@lang_option
@json_option
def expiring(config_path: Path, lang: str, wants_json: bool) -> None:
    """What ends soon, or ended lately: trainings, authorisations, certificates of equipment."""
    with reading(load_config(config_path).state_dir) as database:
        found = all_expiring(database, today())
        lines = [_ends(database, each, lang) for each in found]
    if wants_json:
        tell_json(found)
        return
    for line in lines or [word("nothing_expires", lang, days=max(SOON_DAYS))]:
        click.echo(line)


def _ends(database: Registry, found: Expiring, lang: str) -> str:
    what = [item_word(each, lang) if found.kind is Kind.AUTHORISATION else each for each in found.what]
    named = word(
        f"expiring_{found.kind}", lang, about=found.about, what=", ".join(what) or word("all_items", lang)
    )
    person = shown(database, found.person, lang)
    key = "has_expired" if found.left_days < 0 else "expires_in"
    return word(key, lang, what=named, person=person, day=found.last_day, days=found.left_days)
