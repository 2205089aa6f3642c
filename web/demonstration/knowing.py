"""What is known and asked: areas, departments, self-checks, questions of the handbook and the cycle of its periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from web.casework import areas, self_checks
from web.casework.self_checks import Found, Kind
from web.demonstration.stage import here
from web.demonstration.words import WORDS
from web.demonstration.world import ADMINISTRATOR, AREAS, OFFICE, World, any_hour, in_turn, office_hour
from web.knowledge import answers, periods, questions, readers, shipped
from web.knowledge.model import IN_THE_HANDBOOK, Source, Subject
from web.service import departments

_DEPARTMENTS = {
    "demo-east": ("演示东组", "Demo team east", ("P3", "P5")),
    "demo-west": ("演示西组", "Demo team west", ("P2", "P4", "P6")),
}
_PLACES = ("东区", "east"), ("西区", "west"), ("北区", "north")
_PERIOD_DAYS = 92
_READERS_A_MONTH = 14


def begin(world: World) -> None:
    """Departments, areas and the answers that come with the program, on the first day."""
    for name, (zh, en, members) in _DEPARTMENTS.items():
        departments.keep(world.cw, name, zh, en, ADMINISTRATOR, members)
    for number, (area, (zh, en)) in enumerate(zip(AREAS, _PLACES, strict=True)):
        department = in_turn(tuple(_DEPARTMENTS), number)
        called = (f"演示{zh} {area}", f"Demo {en} {area}")
        areas.keep(world.cw, area.lower(), *called, department, ADMINISTRATOR)
    shipped.furnish(world.cw)


def the_periods(world: World, first: date) -> Iterator[datetime]:
    """One is opened after the other; before a period ends somebody looks at each answer."""
    cw, dice = world.cw, world.dice("periods")
    told = WORDS["period"]
    yield office_hour(first, dice)
    periods.open_first(cw, told[0]["aim"], OFFICE)
    for number, one in enumerate(told[:-1]):
        yield office_hour(first + timedelta(days=_PERIOD_DAYS * (number + 1)), dice)
        for known in questions.questions(cw):
            if known.state in IN_THE_HANDBOOK:
                periods.review(cw, known.id, OFFICE)
        yield world.stage.at + timedelta(minutes=40)
        periods.close(cw, one["learned"], told[number + 1]["aim"], OFFICE)


def asked_again(world: World, months: Sequence[date]) -> Iterator[datetime]:
    """The same questions, again and again, from everywhere; and readers who say whether an answer helped."""
    cw, dice = world.cw, world.dice("asked again")
    by_key = {one.key: one.id for one in questions.questions(cw) if one.key}
    days = sorted(
        first + timedelta(days=dice.randrange(28)) for first in months for _ in range(_READERS_A_MONTH)
    )
    for number, day in enumerate(days):
        yield any_hour(day, dice)
        if number % 3 == 0:
            one = dice.choice(WORDS["asked"])
            source, by = _from_where(dice)
            questions.asked_again(
                cw, by_key[one["key"]], dice.choice(one["words"]), source, dice.choice((*AREAS, "")), by
            )
        else:
            readers.say(cw, dice.choice(list(by_key.values())), dice.random() < 0.8)


def new_answers(world: World, months: Sequence[date]) -> Iterator[datetime]:
    """Questions that came up, were joined, written in both languages and published by somebody else."""
    cw, dice = world.cw, world.dice("new answers")
    for number, one in enumerate(WORDS["new_answer"]):
        month = months[min(2 + 4 * number, len(months) - 2)]
        yield any_hour(month + timedelta(days=3), dice)
        asked = questions.ask(cw, one["words"][0], Source.COUNTER, AREAS[number], OFFICE)
        yield any_hour(month + timedelta(days=5), dice)
        same = questions.ask(cw, one["words"][1], Source.WEB, AREAS[1])
        yield office_hour(month + timedelta(days=6), dice)
        questions.joined(cw, same.id, asked.id, OFFICE)
        subject, writer = Subject(one["subject"]), in_turn(("P5", "P3", "P4"), number)
        due = (world.today() + timedelta(days=5)).isoformat()
        questions.study(cw, asked.id, writer, due, subject, OFFICE)
        yield office_hour(month + timedelta(days=9), dice)
        edition = answers.write(
            cw, asked.id, (one["zh_title"], one["en_title"]), (one["zh"], one["en"]), writer
        )
        yield office_hour(month + timedelta(days=10), dice)
        answers.publish(cw, asked.id, edition.edition, OFFICE)
        for _ in range(6):
            readers.say(cw, asked.id, dice.random() < 0.85)


def still_open(world: World) -> Iterator[datetime]:
    """What waits at the end of the play: set aside, overdue, taken, new."""
    cw, dice, told = world.cw, world.dice("open questions"), WORDS["questions"]
    today = world.stage.end.astimezone().date()
    yield any_hour(today - timedelta(days=15), dice)
    aside = questions.ask(cw, told["aside"], Source.COUNTER, AREAS[0], OFFICE)
    late = questions.ask(cw, told["overdue"], Source.SITE, AREAS[2], "P4")
    yield here(today - timedelta(days=14), 10)
    questions.set_aside(cw, aside.id, told["aside_why"], OFFICE)
    due = (today - timedelta(days=4)).isoformat()
    questions.study(cw, late.id, "P4", due, Subject.METER, OFFICE)
    for number, words in enumerate(told["studied"]):
        yield any_hour(today - timedelta(days=6 - number), dice)
        asked = questions.ask(cw, words, in_turn((Source.SITE, Source.TABLET), number), AREAS[number])
        yield here(today - timedelta(days=4 - number), 11)
        questions.study(
            cw, asked.id, in_turn(("P3", "P6"), number), (today + timedelta(days=3 + number)).isoformat(),
            Subject.TARIFF, OFFICE,
        )  # fmt: skip
    for number, words in enumerate(told["new"]):
        yield any_hour(today - timedelta(days=3 - number), dice)
        questions.ask(cw, words, in_turn((Source.WEB, Source.COUNTER, Source.SITE), number), AREAS[number])


def self_checks_at_home(world: World) -> Iterator[datetime]:
    """Of people who did not apply: kept for thirty days, so of the last thirty alone."""
    cw, dice = world.cw, world.dice("checks")
    today = world.stage.end.astimezone().date()
    for number in range(16):
        yield any_hour(today - timedelta(days=28 - number * 7 // 4), dice)
        one = in_turn(WORDS["check"][:3], number)
        self_checks.keep(
            cw, Kind(one["kind"]), Found(one["outcome"]), {}, {"zh": [one["zh"]], "en": [one["en"]]}
        )


def _from_where(dice: Random) -> tuple[Source, str]:
    """Where somebody asks, and who writes it down."""
    source = dice.choice((Source.COUNTER, Source.COUNTER, Source.SITE, Source.TABLET, Source.WEB))
    by = {Source.COUNTER: OFFICE, Source.SITE: "P4"}.get(source, "customer")
    return source, by
