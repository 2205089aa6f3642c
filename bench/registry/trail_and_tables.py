"""Whether persons and cards are what the trail says of their last change: a table can be changed beside the trail."""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.records.frozen import completed, to_json
from bench.registry import trail
from bench.registry.cards import Card
from bench.registry.equipment import all_cards
from bench.registry.persons import all_persons, told
from bench.registry.store import Registry

_PERSON, _CARD = ("person_added", "person_changed"), ("equipment_added", "equipment_changed")


def that_differ(database: Registry) -> tuple[str, ...]:
    """Ids of persons and cards whose newest version is not the one of the trail. The trail must hold by itself."""
    persons: dict[str, JsonObject] = {}
    cards: dict[str, JsonObject] = {}
    for entry in trail.entries(database):
        if entry.what in _PERSON:
            persons[entry.about] = entry.new or {}
        elif entry.what in _CARD:
            cards[entry.about] = completed(Card, entry.new or {})
    kept_persons = {who: told(person) for who, person in all_persons(database).items()}
    kept_cards = {card_id: to_json(card) for card_id, card in all_cards(database).items()}
    return (*_differing(persons, kept_persons), *_differing(cards, kept_cards))


def _differing(in_trail: dict[str, JsonObject], kept: dict[str, JsonObject]) -> tuple[str, ...]:
    return tuple(each for each in {**in_trail, **kept} if in_trail.get(each) != kept.get(each))
