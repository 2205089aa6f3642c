"""The visit of a case: the customer comes, everything is ticked, it is tested, and the result is explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from bench.checklist import Check
from web.casework import (
    cases,
    checklists,
    consent,
    made_up,
    opinions,
    outcomes,
    photos,
    questions,
    signatures,
)
from web.casework.agreements import Thing
from web.casework.model import BENCH, CUSTOMER, Outcome
from web.casework.signatures import Signer
from web.demonstration import meters
from web.demonstration.meters import MeterType
from web.demonstration.words import WORDS
from web.demonstration.world import NAMES, Slot, World, in_turn, office_hour

LONGEST = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Visit:
    """forced: how its test ends where that is not by its errors. is_given_up: what was invalid is not tried again.

    is_long, is_explained_late: a promise is missed.
    """

    case_id: str
    slot: Slot
    kind: MeterType
    said: dict[str, Any]
    name: str
    forced: Outcome | None
    is_given_up: bool
    is_long: bool
    is_explained_late: bool
    agrees_to_follow_up: bool


def visit(world: World, this: Visit, dice: Random) -> Iterator[datetime]:
    """From the customer's coming to the end of the test."""
    cw, case_id, verifier = world.cw, this.case_id, this.slot.verifier
    yield this.slot.at + timedelta(minutes=dice.randint(0, 8))
    cases.receive(cw, case_id, verifier)
    yield _later(world, dice.randint(2, 4))
    agreed = {Thing.TEST, Thing.RECORD} | ({Thing.FOLLOW_UP} if this.agrees_to_follow_up else set())
    consent.consent(cw, case_id, agreed, CUSTOMER)
    for kind in photos.TICKS:
        photos.keep(cw, case_id, kind, _no_photo(), verifier)
    for check in Check:
        if check not in checklists.PHOTO_CHECKS and check is not Check.CONSENT:
            checklists.tick(cw, case_id, check, verifier, True)
    yield _later(world, dice.randint(6, 12) + (35 if this.is_long else 0))
    yield from _test(world, this, 1, this.forced, dice)
    if this.forced is Outcome.INVALID and not this.is_given_up:
        yield _later(world, 5)
        yield from _test(world, this, 2, None, dice)


def explained(world: World, this: Visit, dice: Random) -> Iterator[datetime]:
    """The result is explained; where there is none, only signed that it was tried."""
    yield _later(world, dice.randint(5, 14))
    if this.is_explained_late:
        yield office_hour(world.today() + timedelta(days=5), dice)
    if not this.is_given_up:
        cases.explain(world.cw, this.case_id, this.slot.verifier)
    signatures.sign(
        world.cw, this.case_id, Signer.VERIFIER, (), this.slot.verifier, typed=NAMES[this.slot.verifier]
    )
    yield _later(world, dice.randint(2, 6))


def say_how_it_was(world: World, this: Visit, dice: Random, *, learned: str = "") -> None:
    """The customer's experience, satisfaction and signature."""
    cw, case_id = world.cw, this.case_id
    is_wrong = cases.case(cw, case_id).outcome is Outcome.FAIL
    sure = dice.randint(8, 10) if is_wrong else dice.choice((0, 0, 1, 1, 2, 2, 3, 5))
    trust = dice.choice((6, 7, 8, 8, 9, 9, 10)) - (2 if this.is_long or this.is_explained_late else 0)
    opinions.experience(cw, case_id, learned or this.said["learned"], sure, trust)
    is_unhappy = this.is_long or this.is_explained_late or this.forced is Outcome.INVALID
    score = dice.choice((2, 3, 3)) if is_unhappy else dice.choice((3, 4, 4, 4, 5, 5, 5))
    unclear = dice.choice(WORDS["unclear"]["some"]) if score <= 3 else ""
    opinions.satisfaction(cw, case_id, score, unclear)
    signatures.sign(cw, case_id, Signer.CUSTOMER, (), CUSTOMER, typed=this.name)


def _test(world: World, this: Visit, number: int, forced: Outcome | None, dice: Random) -> Iterator[datetime]:
    cw, case_id = world.cw, this.case_id
    begun = world.stage.at
    run_id = f"{made_up.RUN}{case_id}-{number}"
    cases.begin_test(cw, case_id, run_id, this.slot.verifier)
    if number == 1 and dice.random() < 0.7:
        yield _later(world, dice.randint(5, 20))
        asked = questions.ask(cw, case_id, this.said["question"], CUSTOMER)
        if dice.random() < 0.1:  # nobody knew it on the spot
            world.stage.enter(_answered_later(world, asked.id, this, dice))
        else:
            yield _later(world, dice.randint(1, 6))
            questions.answer(cw, asked.id, this.said["answer"], this.slot.verifier)
    yield begun + timedelta(minutes=dice.randint(30, 50))
    case = cases.case(cw, case_id)
    outcome, kept = meters.tested(dict(case.meter_kind), this.kind, run_id, begun, forced, dice)
    outcomes.keep(cw, case_id, run_id, kept)
    cases.end_test(cw, case_id, outcome, BENCH)


def _answered_later(world: World, question_id: int, this: Visit, dice: Random) -> Iterator[datetime]:
    yield office_hour(world.today() + timedelta(days=in_turn((1, 1, 2, 4), question_id)), dice)
    questions.answer(world.cw, question_id, this.said["answer"], this.slot.verifier)


def _later(world: World, minutes: int) -> datetime:
    return world.stage.at + timedelta(minutes=minutes)


@cache
def _no_photo() -> bytes:
    """A picture that says that it is none."""
    return (files("web.demonstration") / "no-photo.png").read_bytes()
