"""How the demonstration is steered: targets from its first day, measures with their verdicts, thanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from web.casework.model import CUSTOMER
from web.demonstration.stage import here
from web.demonstration.words import WORDS
from web.demonstration.world import OFFICE, World, in_turn, office_hour, worked
from web.service import kudos, makers, measures, targets
from web.service.measures import Measure, Worked
from web.service.months import Month, month_at
from web.service.targets import EVERYBODY, Direction

_AT_LEAST, _AT_MOST = Direction.AT_LEAST, Direction.AT_MOST
_TARGETS = (
    ("promises_kept", EVERYBODY, _AT_LEAST, "90"),
    ("days_to_result", EVERYBODY, _AT_MOST, "10"),
    ("satisfaction", EVERYBODY, _AT_LEAST, "4"),
    ("trust_change", EVERYBODY, _AT_LEAST, "3"),
    ("complaints", EVERYBODY, _AT_MOST, "3"),
    ("answer_hours", EVERYBODY, _AT_MOST, "1"),
    ("satisfaction", "P3", _AT_LEAST, "4"),
    ("satisfaction", "P4", _AT_LEAST, "4"),
    ("late", "team:billing", _AT_MOST, "1"),
    ("settled_without", "team:counter", _AT_LEAST, "2"),
    ("days_to_result", "team:metering", _AT_MOST, "10"),
)
_MEASURES_A_MONTH = 2


def begin(world: World) -> None:
    for indicator, holder, direction, value in _TARGETS:
        targets.aim(world.cw, indicator, holder, direction, Decimal(value), OFFICE)


def the_measures(world: World, months: Sequence[Month]) -> Iterator[datetime]:
    """Planned in the last days of the month before; in the first days of the next one somebody says what came of it.

    Of the last month that is over one is left to be looked at.
    """
    cw, dice = world.cw, world.dice("measures")
    this_month = month_at(world.stage.end.isoformat())
    planned: dict[Month, list[tuple[Measure, dict[str, str]]]] = {}
    for number, month in enumerate(months):
        yield here(worked(month.first + timedelta(days=2)), 9, 20)
        for kept, said in planned.get(month.before, [])[(1 if month == this_month else 0) :]:
            measures.review(cw, kept.id, Worked(said["verdict"]), said["said"], OFFICE)
        yield office_hour(month.first + timedelta(days=19), dice)
        for more in range(_MEASURES_A_MONTH):
            said = in_turn(WORDS["measure"], number * _MEASURES_A_MONTH + more)
            owner = in_turn(("P2", "P3", "P4", "P5"), number + more)
            kept = measures.plan(
                cw, month.next, said["what"], owner, said["indicator"], month.next.last, OFFICE
            )
            planned.setdefault(month.next, []).append((kept, said))


def asked_of_makers(world: World) -> Iterator[datetime]:
    """Whose types they are, what was asked about their errors, and what one of them has replied."""
    cw, today = world.cw, world.stage.end.astimezone().date()
    for number, told in enumerate(WORDS["maker"]):
        yield here(worked(today - timedelta(days=40 - 10 * number)), 10)
        maker = makers.add(cw, told["name"], told["types"], OFFICE)
        question = makers.ask(cw, maker.id, told["question"], in_turn(("P3", "P4"), number))
        if told["reply"]:
            yield here(worked(today - timedelta(days=33)), 15)
            makers.note_reply(cw, question.id, told["reply"], OFFICE)


def thanks(world: World) -> Iterator[datetime]:
    """Among colleagues; the last one nobody has looked at yet."""
    cw, dice, today = world.cw, world.dice("thanks"), world.stage.end.astimezone().date()
    for number, words in enumerate(WORDS["kudos"]["colleagues"]):
        yield office_hour(today - timedelta(days=60 - 25 * number), dice)
        given = kudos.give(cw, in_turn(("P5", "P3"), number), words, in_turn(("P6", "P4"), number))
        kudos.show(cw, given.id, given.words, OFFICE)
    yield _yesterday(today)
    kudos.give(cw, "P4", WORDS["kudos"]["waiting"], CUSTOMER)


def _yesterday(today: date) -> datetime:
    return here(today - timedelta(days=1), 17, 5)
