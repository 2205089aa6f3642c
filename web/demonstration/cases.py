"""A case of the demonstration, from the application to the last follow-up, with what may come in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any

from web.casework import cases, consumption, follow_ups, made_up, opinions, self_checks, signatures
from web.casework.appeals import appeal
from web.casework.follow_ups import FollowUpKind
from web.casework.model import CUSTOMER, Application, Case, Moment, Outcome, Planned, Role
from web.casework.self_checks import Found, Kind
from web.casework.signatures import Signer
from web.demonstration import meters
from web.demonstration.meters import MeterType
from web.demonstration.stage import here
from web.demonstration.visits import LONGEST, Visit, explained, say_how_it_was, visit
from web.demonstration.words import WORDS
from web.demonstration.world import (
    AREAS,
    NAMES,
    OFFICE,
    PAIRS,
    Slot,
    World,
    any_hour,
    in_turn,
    office_hour,
    worked,
)
from web.service import kudos


class Fate(Enum):
    """What comes in the way of a case; PLAIN is nothing."""

    PLAIN = "plain"
    PLANNED_LATE = "planned_late"
    TESTED_LATE = "tested_late"
    LONG = "long"
    EXPLAINED_LATE = "explained_late"
    INVALID = "invalid"
    UNJUDGED = "unjudged"
    APPEALED = "appealed"
    POSTPONED = "postponed"
    HANDED_OVER = "handed_over"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SILENT = "silent"
    """The customer says nothing afterwards: closed with a reason."""
    FORGOTTEN = "forgotten"
    """Nobody plans it."""
    UNEXPLAINED = "unexplained"
    """Tested, and not explained yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """number: of the case in the play, from 0. visit_on: where the day of the visit is given; else it is thrown."""

    number: int
    at: datetime
    fate: Fate
    kind: MeterType
    visit_on: date | None = None


def a_case(world: World, asked: Asked) -> Iterator[datetime]:
    dice = world.dice(f"case {asked.number}")
    said = in_turn(WORDS["doubt"], asked.number * 5)
    yield asked.at
    this = _applied(world, asked, said, dice)
    yield from _to_the_end(world, this, asked, said, dice)


def _applied(world: World, asked: Asked, said: dict[str, Any], dice: Random) -> Case:
    cw = world.cw
    serial = f"DEMO-{asked.number + 1:06d}"
    by = CUSTOMER if dice.random() < 0.7 else OFFICE
    known = {"meter_type": asked.kind.name}
    area = in_turn(AREAS, asked.number + dice.randrange(2))
    this = cases.apply(cw, Application(world.customer(), said["words"], serial, known, area, by))
    made_up.mark(cw, this.id)
    opinions.expectation(cw, this.id, said["expects"], dice.randint(5, 10), dice.randint(2, 7))
    if dice.random() < 0.3:
        check = in_turn(WORDS["check"], asked.number)
        code = self_checks.keep(
            cw, Kind(check["kind"]), Found(check["outcome"]), {}, {"zh": [check["zh"]], "en": [check["en"]]}
        )
        self_checks.attach(cw, code, this.id)
    if dice.random() < 0.5:
        used = Decimal(dice.randint(12, 48) * 100)
        consumption.consumption(cw, this.id, used, Decimal("0.56"), "CNY", CUSTOMER)
    return this


def _to_the_end(
    world: World, this: Case, asked: Asked, said: dict[str, Any], dice: Random
) -> Iterator[datetime]:
    cw, fate = world.cw, asked.fate
    if fate is Fate.FORGOTTEN:
        return
    late = 5 if fate is Fate.PLANNED_LATE else dice.choice((0, 1, 1, 2))
    yield office_hour(world.today() + timedelta(days=late), dice)
    if fate is Fate.DECLINED:
        why = dice.choice(WORDS["decline"]["some"])
        cases.decline(cw, this.id, why["reason"], why["next"], OFFICE)
        return
    if fate is Fate.WITHDRAWN:
        cases.withdraw(cw, this.id, OFFICE, dice.choice(WORDS["withdraw"]["some"]))
        return
    wait = 17 if fate is Fate.TESTED_LATE else dice.randint(3, 8)
    pair = asked.number % len(PAIRS)
    slot = world.book(asked.visit_on or world.today() + timedelta(days=wait), pair)
    _plan(world, this, slot, asked.kind)
    if fate is Fate.HANDED_OVER:
        slot = replace(slot, checker=PAIRS[1 - pair][1])
        yield office_hour(world.today() + timedelta(days=1), dice)
        cases.hand_over(cw, this.id, Role.CHECKER, slot.checker, WORDS["hand_over"]["some"][0], OFFICE)
    if fate is Fate.POSTPONED:
        if _is_too_near(world, slot):
            return
        yield slot.at
        cases.receive(cw, this.id, slot.verifier)
        yield slot.at + timedelta(minutes=15)
        cases.postpone(cw, this.id, WORDS["postpone"]["some"][0], OFFICE)
        slot = world.book(world.today() + timedelta(days=3), pair)
        _plan(world, this, slot, asked.kind)
    customer = this.customer
    assert customer is not None
    coming = Visit(
        case_id=this.id,
        slot=slot,
        kind=asked.kind,
        said=said,
        name=customer.name,
        forced={Fate.INVALID: Outcome.INVALID, Fate.UNJUDGED: Outcome.UNJUDGED}.get(fate),
        is_given_up=fate is Fate.INVALID and asked.number % 2 == 1,
        is_long=fate is Fate.LONG,
        is_explained_late=fate is Fate.EXPLAINED_LATE,
        agrees_to_follow_up=dice.random() < 0.9,
    )
    if _is_too_near(world, slot):
        return
    yield from visit(world, coming, dice)
    if fate is not Fate.UNEXPLAINED:
        yield from explained(world, coming, dice)
        yield from _afterwards(world, coming, asked, dice)


def _is_too_near(world: World, slot: Slot) -> bool:
    """Whether the visit would be under way at the end of the play: then its customer is still expected. A state that
    says that somebody stands at the bench would keep its verifier from a real visit."""
    return slot.at + LONGEST > world.stage.end


def _plan(world: World, this: Case, slot: Slot, kind: MeterType) -> None:
    meter = meters.meter_of(this.serial, kind)
    cases.plan(
        world.cw,
        this.id,
        Planned(
            meter, meters.RULE_SET, meters.DECISION_RULE, meters.plan_of(meter), meters.PLANNED_S,
            slot.verifier, slot.checker, slot.appointment, OFFICE,
        ),
    )  # fmt: skip


def _afterwards(world: World, this: Visit, asked: Asked, dice: Random) -> Iterator[datetime]:
    cw, silent = world.cw, asked.fate is Fate.SILENT
    if not silent:
        say_how_it_was(world, this, dice)
        if dice.random() < 0.25:
            given = kudos.give(cw, this.slot.verifier, this.said["thanks"], CUSTOMER)
            world.stage.enter(_shown(world, given.id, given.words, dice))
    yield office_hour(world.today() + timedelta(days=dice.randint(1, 3)), dice)
    signatures.sign(cw, this.case_id, Signer.CHECKER, (), this.slot.checker, typed=NAMES[this.slot.checker])
    if asked.fate is Fate.APPEALED:
        yield any_hour(world.today() + timedelta(days=dice.randint(1, 4)), dice)
        again = appeal(cw, this.case_id, in_turn(WORDS["appeal"]["some"], asked.number), CUSTOMER)
        world.stage.enter(_retest(world, again, replace(this, case_id=again.id), asked))
        return
    yield office_hour(world.today() + timedelta(days=26 if silent else dice.randint(1, 9)), dice)
    reason = WORDS["close"]["given_up"] if this.is_given_up else WORDS["close"]["silent"] if silent else ""
    cases.close(cw, this.case_id, reason, OFFICE)
    yield from _followed_up(world, this.case_id, asked, dice)


def _shown(world: World, number: int, words: str, dice: Random) -> Iterator[datetime]:
    yield office_hour(world.today() + timedelta(days=1), dice)
    kudos.show(world.cw, number, words, OFFICE)


def _retest(world: World, again: Case, before: Visit, asked: Asked) -> Iterator[datetime]:
    """By the other pair; every third one later than promised."""
    cw, dice = world.cw, world.dice(f"retest {again.id}")
    made_up.mark(cw, again.id)
    opinions.expectation(cw, again.id, before.said["expects"], dice.randint(7, 10), dice.randint(1, 4))
    yield office_hour(world.today() + timedelta(days=1), dice)
    pair = 1 - asked.number % len(PAIRS)
    slot = world.book(world.today() + timedelta(days=2 if asked.number % 3 else 11), pair)
    _plan(world, again, slot, asked.kind)
    if _is_too_near(world, slot):
        return
    this = replace(before, slot=slot, forced=None, is_long=False, is_explained_late=False)
    yield from visit(world, this, dice)
    yield from explained(world, this, dice)
    say_how_it_was(world, this, dice, learned=WORDS["appeal"]["learned"])
    yield office_hour(world.today() + timedelta(days=2), dice)
    cases.close(cw, again.id, "", OFFICE)
    yield from _followed_up(world, again.id, replace(asked, fate=Fate.PLAIN), dice)


def _followed_up(world: World, case_id: str, asked: Asked, dice: Random) -> Iterator[datetime]:
    """Both times, mostly within three days; every seventh customer is called much later."""
    for one in follow_ups.of(world.cw, case_id):
        due = worked(datetime.fromisoformat(one.due_on).date())
        late = 24 if asked.number % 7 == 3 else dice.randint(0, 3)
        yield here(worked(due + timedelta(days=late)), dice.randint(9, 16), dice.randint(0, 59))
        by_page = asked.number % 5 == 0
        nobody = not by_page and dice.random() < 0.15
        words = WORDS["follow_up"]["nobody" if nobody else "open" if dice.random() < 0.12 else "fine"]
        if not nobody:
            trust = dice.choice((6, 7, 8, 8, 9, 9, 10))
            by = CUSTOMER if by_page else OFFICE
            opinions.experience(world.cw, case_id, "", dice.choice((0, 0, 1, 2, 3)), trust, one.moment, by)
        used = Decimal(dice.randint(12, 40) * (10 if one.moment is Moment.DAY_30 else 60))
        follow_ups.settle(
            world.cw, one.id, FollowUpKind.PAGE if by_page else FollowUpKind.CALL, dice.choice(words),
            None if nobody else used, CUSTOMER if by_page else OFFICE,
        )  # fmt: skip
