"""Whether persons, cards, drafts, signatures, certificates and cases are what the trail says of their last change: a
table can be changed beside the trail."""

from __future__ import annotations

import json

from bench.canonical import JsonObject
from bench.records.frozen import completed, to_json
from bench.registry import trail
from bench.registry.cards import Card
from bench.registry.equipment import all_cards
from bench.registry.persons import all_persons, told
from bench.registry.store import Registry
from bench.registry.witnessed import CaseState, under_test
from bench.registry.witnessed import all_cases as all_witnessed
from bench.registry.witnessed import told as told_of_case

_PERSON, _CARD = ("person_added", "person_changed"), ("equipment_added", "equipment_changed")
_CERTIFICATE = ("certificate_drafted", "certificate_issued")
_CASE = ("case_assigned", "case_begun", "case_handed_over", "case_released", "case_ended")


def that_differ(database: Registry) -> tuple[str, ...]:
    """Ids of persons and cards whose newest version is not the one of the trail, of drafts (D7) and numbers of
    certificates whose row is not, of cases that are not as it says. The trail must hold by itself."""
    persons: dict[str, JsonObject] = {}
    cards: dict[str, JsonObject] = {}
    certificates: dict[str, JsonObject] = {}
    cases: dict[str, JsonObject] = {}
    for entry in trail.entries(database):
        if entry.what in _PERSON:
            persons[entry.about] = entry.new or {}
        elif entry.what in _CARD:
            cards[entry.about] = completed(Card, entry.new or {})
        elif entry.what in _CERTIFICATE:
            certificates[entry.about] = entry.new or {}
        elif entry.what in _CASE:
            told_last = entry.new or {}
            is_begun = told_last.get("state") == CaseState.BEGUN
            cases[entry.about] = {
                **{key: said for key, said in told_last.items() if key not in ("why", "digest")},
                "busy": told_last.get("verifier") if is_begun else None,
            }
        elif entry.what == "certificate_signed":
            signed = {f"signed as {(entry.new or {})['role']}": [entry.who, (entry.new or {})["sha256"]]}
            certificates[entry.about] = certificates.get(entry.about, {}) | signed
    kept_persons = {who: told(person) for who, person in all_persons(database).items()}
    kept_cards = {card_id: to_json(card) for card_id, card in all_cards(database).items()}
    return (
        *_differing(persons, kept_persons),
        *_differing(cards, kept_cards),
        *_differing(certificates, _kept_certificates(database)),
        *_differing(cases, _kept_cases(database)),
    )


def _kept_cases(database: Registry) -> dict[str, JsonObject]:
    """By id, with whom each keeps busy."""
    busy = {case: verifier for verifier, case in under_test(database).items()}
    return {case.id: told_of_case(case) | {"busy": busy.get(case.id)} for case in all_witnessed(database)}


def _kept_certificates(database: Registry) -> dict[str, JsonObject]:
    """Drafts by id, with who has signed them, and certificates by number; as the trail tells of them."""
    kept: dict[str, JsonObject] = {
        f"D{row['number']}": dict(row) for row in database.execute("SELECT * FROM certificate_draft")
    }
    for row in database.execute("SELECT * FROM certificate_signature"):
        kept.setdefault(f"D{row['draft']}", {})[f"signed as {row['role']}"] = [row["person"], row["sha256"]]
    issued = {row["number"]: json.loads(row["body"]) for row in database.execute("SELECT * FROM certificate")}
    return kept | issued


def _differing(in_trail: dict[str, JsonObject], kept: dict[str, JsonObject]) -> tuple[str, ...]:
    return tuple(each for each in {**in_trail, **kept} if in_trail.get(each) != kept.get(each))
