"""What the registry says of a run, read once when the run starts; from then on the run uses what it froze."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.configuration.config import Config
from bench.plans.plan import CheckedPlan
from bench.registry import authorisations, daily_check, equipment
from bench.registry.approvals import why_not_approved
from bench.registry.cards import Card, with_card
from bench.registry.persons import all_persons
from bench.registry.store import Registry, reading
from calibration.quantities import Finding
from calibration.reasons import Reason


@dataclass(frozen=True)
class Standing:
    """findings: everything in the registry that keeps the run from being official.

    config: with the figures of the reference standard's card. cards: as they are now, of all that results rest on.
    """

    config: Config
    cards: tuple[Card, ...]
    findings: tuple[Finding, ...]


def standing(config: Config, checked: CheckedPlan, today: str, verifier: str) -> Standing:
    """today: YYYY-MM-DD. verifier: id of a person, "" where nobody is named.

    Errors: OperatorError where the registry cannot be read, or has not the cards that the configuration names.
    """
    with reading(config.state_dir) as database:
        cards = tuple(equipment.card_named(database, each) for each in _card_ids(config))
        config = _with_reference(config, cards)
        found = (
            *_of_rules(database, checked),
            *_of_verifier(database, checked, today, verifier),
            *_of_cards(config, cards, today),
            *daily_check.why_not_in_control(database, config, today),
        )
    return Standing(config, cards, found)


def registered(config: Config) -> Config:
    """The configuration with the figures of the reference standard's card as it is now. Errors: as `standing`."""
    if not config.reference.card_id:
        return config
    with reading(config.state_dir) as database:
        return _with_reference(config, (equipment.card_named(database, config.reference.card_id),))


def _card_ids(config: Config) -> tuple[str, ...]:
    """The reference standard's first."""
    return tuple(filter(None, (config.reference.card_id, *config.bench.equipment)))


def _with_reference(config: Config, cards: tuple[Card, ...]) -> Config:
    return with_card(config, cards[0]) if config.reference.card_id else config


def _of_rules(database: Registry, checked: CheckedPlan) -> Iterator[Finding]:
    unapproved = why_not_approved(database, checked.rules)
    if unapproved is not None:
        yield unapproved


def _of_verifier(database: Registry, checked: CheckedPlan, today: str, verifier: str) -> Iterator[Finding]:
    person = all_persons(database).get(verifier)
    if person is None:
        yield Finding(Reason.VERIFIER_UNKNOWN)
    else:
        given = authorisations.all_authorisations(database)
        yield from authorisations.of_plan(person, given, checked, today)


def _of_cards(config: Config, cards: tuple[Card, ...], today: str) -> Iterator[Finding]:
    if not config.reference.card_id:
        yield Finding(Reason.EQUIPMENT_NOT_REGISTERED)
    for card in cards:
        unusable = card.why_not_usable(today)
        if unusable is not None:
            yield unusable
