"""Requests of all departments: taken, handed on, answered, settled, declined, closed, and some that wait just now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Any

from web.casework.case_rows import all_cases
from web.casework.model import CUSTOMER
from web.demonstration.words import WORDS
from web.demonstration.world import AREAS, OFFICE, OWNERS, World, in_turn, office_hour
from web.service import hand_offs, requests
from web.service.model import Asked, Kind, Request


class Fate(Enum):
    SETTLED = "settled"
    TWICE = "twice"
    """The first answer does not settle it."""
    HANDED_ON = "handed_on"
    SENT_BACK = "sent_back"
    LATE = "late"
    OUTSIDE = "outside"
    UNREACHED = "unreached"
    """Closed with a reason."""
    LED_TO_A_CASE = "led_to_a_case"
    NOBODY_TAKES_IT = "nobody_takes_it"
    IN_HAND = "in_hand"
    OFFERED = "offered"
    ANSWERED = "answered"
    """The last four stay as they are."""


@dataclass(frozen=True, slots=True)
class Coming:
    number: int
    at: datetime
    kind: Kind
    fate: Fate


def a_request(world: World, coming: Coming) -> Iterator[datetime]:
    cw, dice = world.cw, world.dice(f"request {coming.number}")
    is_outside = coming.fate is Fate.OUTSIDE
    said = in_turn(WORDS["request"][coming.kind.value], coming.number + dice.randrange(3))
    yield coming.at
    customer = world.customer()
    is_written_down = coming.fate is not Fate.NOBODY_TAKES_IT and dice.random() < 0.4
    by = OFFICE if is_written_down else CUSTOMER
    area = in_turn(AREAS, coming.number)
    this, _ = requests.ask(cw, Asked(coming.kind, said["words"], customer.name, customer.phone, area, by))
    if coming.fate is Fate.NOBODY_TAKES_IT:
        return
    yield office_hour(world.today() + timedelta(days=dice.choice((0, 0, 1))), dice)
    owner = this.owner or OWNERS[this.department]
    if this.owner is None:
        hand_offs.take(cw, this.id, owner)
    if is_outside:
        why = in_turn(
            [one for one in WORDS["request"]["outside"] if one["kind"] == coming.kind], coming.number
        )
        requests.decline(cw, this.id, why["reason"], why["next"], owner)
        return
    yield from _answered(world, this, coming, said, owner, dice)


def _answered(
    world: World, this: Request, coming: Coming, said: dict[str, Any], owner: str, dice: Random
) -> Iterator[datetime]:
    cw, fate = world.cw, coming.fate
    words = WORDS["request"]
    if fate in (Fate.HANDED_ON, Fate.SENT_BACK, Fate.OFFERED):
        to = "metering" if this.department != "metering" else "billing"
        hand_offs.hand_over(cw, this.id, to, None, in_turn(words["hand_over"], coming.number), owner)
        if fate is Fate.OFFERED:
            return
        yield office_hour(world.today() + timedelta(days=1), dice)
        other = next(person for person in (OWNERS[to], "P3") if person != owner)
        if fate is Fate.SENT_BACK:
            hand_offs.send_back(cw, this.id, words["send_back"], other)
        else:
            hand_offs.accept(cw, this.id, other)
            owner = other
    if fate is Fate.IN_HAND:
        return
    yield office_hour(
        world.today() + timedelta(days=5 if fate is Fate.LATE else dice.choice((0, 0, 1))), dice
    )
    if fate is Fate.LED_TO_A_CASE:
        requests.led_to(cw, this.id, _newest_case(world), owner)
        return
    requests.answer(cw, this.id, said["answer"], owner)
    if fate is Fate.ANSWERED:
        return
    if fate is Fate.TWICE:
        yield office_hour(world.today() + timedelta(days=1), dice)
        requests.customer_says(cw, this.id, False, words["not_settled"])
        yield office_hour(world.today() + timedelta(days=1), dice)
        requests.answer(cw, this.id, words["again"], owner)
    yield office_hour(world.today() + timedelta(days=dice.randint(1, 3)), dice)
    if fate is Fate.UNREACHED:
        requests.close(cw, this.id, words["close"], owner)
        return
    by = CUSTOMER if dice.random() < 0.6 else owner
    requests.customer_says(cw, this.id, True, dice.choice(words["settled"]), by)


def _newest_case(world: World) -> str:
    return all_cases(world.cw)[0].id
