"""`bench admin equipment`: the cards of what the laboratory measures with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from bench.admin.acting import Change, changing, now, today
from bench.admin.card_page import card_page
from bench.admin.words import word
from bench.canonical import JsonObject
from bench.commissioning.table import kept_line
from bench.configuration.config import Config, load_config
from bench.records.frozen import to_json
from bench.registry import equipment as registry
from bench.registry.cards import Card, CardFile, CardKind, CardState, read_card_file, read_certificate_file
from bench.registry.commissioning import last_kept
from bench.registry.equipment import all_cards, card_named, maintenance_of, versions
from bench.registry.persons import all_persons
from bench.registry.store import reading
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json


@click.group()
def equipment() -> None:
    """Equipment cards: reference standards, sources, thermometers, clocks, check meters, the bench."""


@equipment.command()
@click.argument("path", metavar="CARD.toml", type=click.Path(path_type=Path))
@changing
def add(path: Path, change: Change) -> None:
    """Register a piece of equipment from a file (docs/registry.md has a pattern)."""
    _write(path, change, registry.add)


@equipment.command()
@click.argument("path", metavar="CARD.toml", type=click.Path(path_type=Path))
@changing
def edit(path: Path, change: Change) -> None:
    """Change a card to what the file says; its certificate and state stay."""
    _write(path, change, registry.edit)


def _write(path: Path, change: Change, write: Callable[[Path, str, CardFile, str], Card]) -> None:
    """What is wrong with a file is said before anybody has to give a password."""
    file = read_card_file(path)
    by = change.by()
    _tell(write(change.state_dir, by, file, now()), change)


@equipment.command()
@click.argument("card_id", metavar="CARD")
@click.argument("path", metavar="CERTIFICATE.toml", type=click.Path(path_type=Path))
@changing
def certificate(card_id: str, path: Path, change: Change) -> None:
    """Enter a new certificate from a file; runs that start from now on use it."""
    found = read_certificate_file(path)
    by = change.by()
    _tell(registry.certify(change.state_dir, by, card_id, found, now()), change)


@equipment.command()
@click.argument("card_id", metavar="CARD")
@click.argument("what", nargs=-1, required=True)
@click.option("--day", help="Day of the work.  [default: today]")
@changing
def maintain(
    card_id: str,
    what: tuple[str, ...],
    day: str | None,
    change: Change,
) -> None:
    """Enter into the maintenance log WHAT was done."""
    by = change.by()
    entry = registry.maintain(change.state_dir, by, card_id, day or today(), " ".join(what), now())
    tell(word("maintained", change.lang, card=card_id, day=entry.day))


@equipment.command()
@click.argument("card_id", metavar="CARD")
@click.argument("why", nargs=-1, required=True)
@click.option("--for-repair", is_flag=True, help="It is under repair and will come back.")
@changing
def withdraw(
    card_id: str,
    why: tuple[str, ...],
    for_repair: bool,
    change: Change,
) -> None:
    """Set equipment aside from today on; results that rest on it are informative."""
    by = change.by()
    state = CardState.UNDER_REPAIR if for_repair else CardState.WITHDRAWN
    _tell(registry.set_aside(change.state_dir, by, card_id, state, " ".join(why), now()), change)


@equipment.command("return")
@click.argument("card_id", metavar="CARD")
@changing
def take_back(card_id: str, change: Change) -> None:
    """Use equipment again that was set aside."""
    by = change.by()
    _tell(registry.take_back(change.state_dir, by, card_id, now()), change)


@equipment.command("list")
@config_option
@lang_option
@json_option
def list_cards(config_path: Path, lang: str, wants_json: bool) -> None:
    """All equipment with its state today."""
    config = load_config(config_path)
    with reading(config.state_dir) as database:
        found = list(all_cards(database).values())
    if wants_json:
        tell_json([_as_json(card, config) for card in found])
        return
    for card in found:
        last = "" if card.certificate is None else card.certificate.valid_until
        kind, state = word(f"kind_{card.kind}", lang), word(f"state_{_state(card, config)}", lang)
        click.echo(f"{card.id}  {kind}  {card.model}  {card.serial}  {state}  {last}".rstrip())


@equipment.command()
@click.argument("card_id", metavar="CARD")
@click.option(
    "--print", "wants_page", is_flag=True, help="One page of HTML, in both languages, to be printed."
)
@click.option("--versions", "wants_versions", is_flag=True, help="All its versions, as JSON.")
@config_option
@lang_option
@json_option
def show(
    card_id: str, wants_page: bool, wants_versions: bool, config_path: Path, lang: str, wants_json: bool
) -> None:
    """A card with its certificate and its maintenance log."""
    config = load_config(config_path)
    with reading(config.state_dir) as database:
        card, log = card_named(database, card_id), maintenance_of(database, card_id)
        every, persons = versions(database, card_id), all_persons(database)
        kept = last_kept(database) if card.kind is CardKind.BENCH else None
    if wants_versions:
        tell_json(every)
    elif wants_json:
        whole = _as_json(card, config) | {"maintenance": log}
        if kept is not None:
            whole["last_check"] = {"wall_time": kept[0], **kept[1]}
        tell_json(whole)
    elif wants_page:
        checked = "" if kept is None else " / ".join(kept_line(*kept, each) for each in ("zh", "en"))
        click.echo(card_page(card, _state(card, config), log, persons, checked), nl=False)
    else:
        for line in _lines(card, config, lang):
            click.echo(line)
        if kept is not None:
            click.echo(f"{word('card_checked', lang)}: {kept_line(*kept, lang)}")
        for entry in log:
            click.echo(f"  {entry.day}  {entry.what}  {entry.by}")


def _lines(card: Card, config: Config, lang: str) -> list[str]:
    said = {
        "card_id": card.id,
        "card_kind": word(f"kind_{card.kind}", lang),
        "card_model": card.model,
        "card_serial": card.serial,
        "card_class": "" if card.accuracy_class_pct is None else f"{card.accuracy_class_pct:g}",
        "card_range": card.range,
        "card_load_points": ", ".join(card.load_points),
        "card_custodian": card.custodian,
        "card_maintainer": card.maintainer,
        "card_state": _why(card, word(f"state_{_state(card, config)}", lang)),
    }
    if (found := card.certificate) is not None:
        said |= {
            "card_certificate": found.certificate,
            "card_body": found.body,
            "card_day": found.day,
            "card_valid_until": found.valid_until,
        }
    return [f"{word(key, lang)}: {value}" for key, value in said.items() if value]


def _why(card: Card, state: str) -> str:
    return f"{state} ({card.set_aside_on}: {card.set_aside_why})" if card.set_aside_on else state


def _state(card: Card, config: Config) -> CardState:
    return card.state(today(), config.bench.equipment_due_soon_days)


def _as_json(card: Card, config: Config) -> JsonObject:
    return {**to_json(card), "state": _state(card, config).value}


def _tell(card: Card, change: Change) -> None:
    state = word(f"state_{_state(card, change.config)}", change.lang)
    tell(word("card_is", change.lang, card=card.id, state=_why(card, state)))
