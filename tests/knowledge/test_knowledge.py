"""What is asked is answered to everybody, by somebody until a day, and looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from bench.migrations import migrate
from calibration.household.appliances import EXAMPLES
from tests.casework import stories
from tests.casework.stories import Clock
from web.casework import areas, cases, forgetting, limits
from web.casework.refused import Refused
from web.casework.store import Casework
from web.knowledge import answers, periods, questions, readers, rows, shipped
from web.knowledge.figures import filled, is_unsure, require_known
from web.knowledge.model import Question, Source, State, Subject
from web.knowledge.search import search
from web.service import departments

CLERK, EDITOR = "P4", "P5"
TODAY = "2026-11-26"


def refused_with(key: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.key == key
    assert refused.value.text("zh") != refused.value.text("en")


def asked(cw: Casework, words: str = "为什么灯一直闪？") -> Question:
    return questions.ask(cw, words, Source.COUNTER, "A3", CLERK)


def published(cw: Casework) -> Question:
    this = asked(cw)
    questions.study(cw, this.id, CLERK, TODAY, Subject.METER, CLERK)
    edition = answers.write(
        cw, this.id, ("灯", "Lamp"), ("一年 {energy:meter_lamp}。", "{energy:meter_lamp} a year."), CLERK
    )
    answers.publish(cw, this.id, edition.edition, EDITOR)
    return questions.question(cw, this.id)


def test_from_a_question_to_the_handbook(cw: Casework) -> None:
    this = asked(cw)
    assert (this.state, this.asked, this.owner) == (State.NEW, 1, None)
    studied = questions.study(cw, this.id, CLERK, "2026-11-28", Subject.METER, EDITOR)
    assert (studied.state, studied.owner, studied.due_on) == (State.STUDIED, CLERK, "2026-11-28")
    written = answers.write(cw, this.id, ("灯", "Lamp"), ("是计数。", "It counts."), CLERK)
    assert answers.published(cw) == []
    assert answers.of(cw, this.id) is None
    answers.publish(cw, this.id, written.edition, EDITOR)
    assert [one.title("en") for one in answers.published(cw)] == ["Lamp"]
    assert questions.question(cw, this.id).state is State.PUBLISHED


def test_nobody_publishes_what_he_has_written(cw: Casework) -> None:
    this = asked(cw)
    written = answers.write(cw, this.id, ("灯", "Lamp"), ("是计数。", "It counts."), CLERK)
    refused_with("published_by_its_writer", lambda: answers.publish(cw, this.id, written.edition, CLERK))
    answers.write(cw, this.id, ("灯", "Lamp"), ("它计数。", "It does count."), CLERK)
    refused_with("answer_changed", lambda: answers.publish(cw, this.id, written.edition, EDITOR))


def test_the_old_answer_stays_until_the_new_one_is_published(cw: Casework) -> None:
    this = published(cw)
    questions.study(cw, this.id, CLERK, TODAY, Subject.METER, CLERK)
    newer = answers.write(cw, this.id, ("灯二", "Lamp 2"), ("新。", "New."), CLERK)
    assert [one.edition for one in answers.published(cw)] == [1]
    answers.publish(cw, this.id, newer.edition, EDITOR)
    assert [one.edition for one in answers.published(cw)] == [2]


def test_a_withdrawn_answer_is_gone_at_once_and_is_new_again(cw: Casework) -> None:
    this = published(cw)
    after = answers.withdraw(cw, this.id, "不对", EDITOR)
    assert (after.state, after.reason) == (State.NEW, "不对")
    assert answers.published(cw) == []
    refused_with("question_past", lambda: answers.withdraw(cw, this.id, "不对", EDITOR))


def test_the_same_question_is_counted_and_not_answered_twice(cw: Casework) -> None:
    this, again = asked(cw), asked(cw, "灯怎么老闪")
    joined = questions.joined(cw, again.id, this.id, CLERK)
    assert (joined.id, joined.asked) == (this.id, 2)
    assert {one.words for one in questions.askings(cw, this.id)} == {"为什么灯一直闪？", "灯怎么老闪"}
    left = questions.question(cw, again.id)
    assert (left.state, left.same_as, left.asked) == (State.SET_ASIDE, this.id, 0)
    refused_with("same_question", lambda: questions.joined(cw, this.id, this.id, CLERK))
    refused_with("same_question", lambda: questions.joined(cw, this.id, again.id, CLERK))
    assert questions.asked_again(cw, this.id, "又问", Source.WEB).asked == 3


def test_a_question_is_set_aside_with_a_reason_only(cw: Casework) -> None:
    this = asked(cw)
    refused_with("text_missing", lambda: questions.set_aside(cw, this.id, "  ", CLERK))
    assert questions.set_aside(cw, this.id, "与电表无关", CLERK).state is State.SET_ASIDE
    refused_with("question_past", lambda: questions.study(cw, this.id, CLERK, TODAY, Subject.OTHER, CLERK))
    refused_with("question_past", lambda: answers.write(cw, this.id, ("a", "a"), ("a", "a"), CLERK))


def test_overdue_is_what_is_not_published_after_its_day(cw: Casework) -> None:
    this = asked(cw)
    refused_with(
        "due_in_the_past",
        lambda: questions.study(cw, this.id, CLERK, "2026-11-25", Subject.METER, CLERK),
    )
    studied = questions.study(cw, this.id, CLERK, questions.default_day(cw), Subject.METER, CLERK)
    assert studied.due_on == "2026-11-28"
    assert not studied.is_overdue("2026-11-28")
    assert studied.is_overdue("2026-11-29")
    assert not published(cw).is_overdue("2027-01-01")


def test_the_schema_wants_an_owner_and_a_reason(cw: Casework) -> None:
    this = asked(cw)
    for columns in ("state = 'studied'", "state = 'set_aside'"):
        with cw.writing() as database, pytest.raises(sqlite3.IntegrityError):
            database.execute(f"UPDATE handbook_question SET {columns} WHERE id = ?", (this.id,))
    published(cw)
    with cw.writing() as database, pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE handbook_answer SET text_zh = 'x'")


def test_readers_are_counted_by_day_and_nobody_is_known(cw: Casework, clock: Clock) -> None:
    this = published(cw)
    for settled in (True, True, False):
        readers.say(cw, this.id, settled)
    clock.move(days=1)
    readers.say(cw, this.id, True)
    assert readers.settled(cw, TODAY, TODAY, this.id) == readers.Settled(2, 1)
    assert readers.settled(cw, TODAY, "2026-11-27") == readers.Settled(3, 1)
    after = questions.question(cw, this.id)
    assert (after.settled, after.unsettled) == (3, 1)
    unpublished = asked(cw)
    readers.say(cw, unpublished.id, True)
    assert questions.question(cw, unpublished.id).settled == 0


def test_a_period_ends_when_every_answer_was_looked_at_and_opens_the_next(cw: Casework, clock: Clock) -> None:
    refused_with("no_period", lambda: periods.close(cw, "a", "b", EDITOR))
    first = periods.open_first(cw, "少些关于灯的疑问", EDITOR)
    refused_with("period_open", lambda: periods.open_first(cw, "x", EDITOR))
    this = published(cw)
    readers.say(cw, this.id, False)
    refused_with("answers_not_looked_at", lambda: periods.close(cw, "灯的回答太长", "写短", EDITOR))
    clock.move(days=30)
    assert periods.review(cw, this.id, EDITOR).state is State.REVIEWED
    second = periods.close(cw, "灯的回答太长", "写短", EDITOR)
    assert (second.number, second.aim, second.closed_at) == (first.number + 1, "写短", None)
    closed = periods.periods(cw)[1]
    assert (closed.learned, closed.next, closed.closed_by) == ("灯的回答太长", "写短", EDITOR)
    course = periods.course(cw, closed)
    assert (course.asked, course.published, course.readers) == (
        {Source.COUNTER: 1},
        1,
        readers.Settled(0, 1),
    )
    # The next review has to look at it again.
    assert [one.id for one in periods.course(cw, second).not_looked_at] == [this.id]


def test_what_is_written_again_is_looked_at_again(cw: Casework) -> None:
    periods.open_first(cw, "x", EDITOR)
    this = published(cw)
    periods.review(cw, this.id, EDITOR)
    newer = answers.write(cw, this.id, ("灯", "Lamp"), ("新。", "New."), CLERK)
    answers.publish(cw, this.id, newer.edition, EDITOR)
    refused_with("answers_not_looked_at", lambda: periods.close(cw, "a", "b", EDITOR))


def test_words_go_with_the_customer_s_case_and_by_hand(cw: Casework) -> None:
    case_id = cases.apply(cw, stories.application()).id
    this = questions.ask(cw, "我叫王小明", Source.TABLET, "A3", "P2", case_id=case_id)
    other = asked(cw, "我住人民路 12 号")
    questions.delete_words(cw, questions.askings(cw, other.id)[0].id, CLERK)
    assert questions.askings(cw, other.id)[0].words is None
    cases.withdraw(cw, case_id, "customer", "x")
    forgetting.forget(cw, case_id, CLERK)
    (asking,) = questions.askings(cw, this.id)
    assert (asking.words, asking.case_id, asking.area) == (None, None, "A3")


@pytest.mark.parametrize(
    ("written", "wrong"),
    [("{energy:moon}", "energy:moon"), ("{weight:kettle}", "weight:kettle"), ("{", "{"), ("a } b", "}"),
     ("{promise:luck}", "promise:luck"), ("{energy:kettle", "{")],
)  # fmt: skip
def test_a_figure_that_there_is_not_is_refused_when_it_is_written(
    cw: Casework, written: str, wrong: str
) -> None:
    with pytest.raises(Refused) as refused:
        require_known(written)
    assert (refused.value.key, refused.value.values) == ("no_such_figure", {"written": wrong})
    this = asked(cw)
    refused_with("no_such_figure", lambda: answers.write(cw, this.id, ("a", "a"), ("a", written), CLERK))


def test_figures_are_computed_where_they_are_shown(cw: Casework) -> None:
    """0.01 to 0.1 W for 8,760 h: 0.0876 to 0.876 kWh; 1,500 to 3,000 W for 1.5 h on 365 days: 821.25 to 1,642.5 kWh."""
    shown = "{energy:meter_lamp}; {energy:water_heater}; {power:router}; {promise:plan_days}; {promise:fee}"
    assert filled(shown, "en", cw.promises).replace("\N{NO-BREAK SPACE}", " ") == (
        "0.088 to 0.88 kWh; 820 to 1600 kWh; 4 to 15 W; 3; CNY 60.00"
    )
    assert filled("{hours:kettle}", "zh", cw.promises) == "0.25\N{NO-BREAK SPACE}小时"
    assert is_unsure(shown)
    assert not is_unsure("{promise:fee}")


def test_every_example_can_stand_in_an_answer(cw: Casework) -> None:
    for one in EXAMPLES:
        assert filled(f"{{energy:{one.key}}}", "en", cw.promises).endswith("\N{NO-BREAK SPACE}kWh")


def test_the_program_s_answers_are_there_once_in_both_languages(cw: Casework) -> None:
    shipped.furnish(cw)
    shipped.furnish(cw)
    book = answers.published(cw)
    assert len(book) == len(shipped.shipped()) >= 10
    for one in book:
        assert (one.edition, one.published_by) == (1, shipped.THE_PROGRAM)
        for language in ("zh", "en"):
            assert "{" not in filled(one.text(language), language, cw.promises)
        assert not any("a" <= c.casefold() <= "z" for c in one.title_zh)
        assert one.title_en.isascii()


def test_what_a_laboratory_has_written_is_not_overwritten(
    cw: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped.furnish(cw)
    ours, theirs, withdrawn, in_hand, *_ = answers.published(cw)
    questions.study(cw, in_hand.question, CLERK, TODAY, Subject.METER, CLERK)
    answers.write(cw, theirs.question, ("我们的", "Ours"), ("x", "x"), CLERK)
    answers.withdraw(cw, withdrawn.question, "x", CLERK)
    changed = [
        shipped.Shipped(one.key, one.subject, one.title, (one.text[0] + "改", one.text[1] + "!"))
        for one in shipped.shipped()
    ]
    monkeypatch.setattr(shipped, "shipped", lambda: tuple(changed))
    shipped.furnish(cw)
    newest = {one.question: one for one in answers.published(cw)}
    assert newest[ours.question].edition == 2
    assert newest[ours.question].text_en.endswith("!")
    assert newest[theirs.question].edition == 1
    assert withdrawn.question not in newest
    assert newest[in_hand.question].edition == 2
    assert questions.question(cw, in_hand.question).state is State.STUDIED


@pytest.mark.parametrize(
    ("wanted", "language", "key"),
    [("待机", "zh", "standby"), ("灯一直闪是不是用电", "zh", "blinking_lamp"), ("阶梯电价", "zh", "tiers"),
     ("Standby", "en", "standby"), ("run fast", "en", "can_a_meter_run_fast"), ("TIERED tariff", "en", "tiers"),
     ("ｓｔａｎｄｂｙ", "en", "standby")],
)  # fmt: skip
def test_an_answer_is_found_by_a_few_words(cw: Casework, wanted: str, language: str, key: str) -> None:
    shipped.furnish(cw)
    best = search(answers.published(cw), wanted, language)[0]
    assert questions.question(cw, best.question).key == key


def test_what_is_nowhere_is_not_found(cw: Casework) -> None:
    shipped.furnish(cw)
    book = answers.published(cw)
    for nothing in ("zzzz", "?!", "standby zzzz"):
        assert search(book, nothing, "en") == []
    assert search(book, "  ", "en") == book


def test_an_area_is_found_by_what_it_is_called(cw: Casework) -> None:
    refused_with(
        "no_such_department", lambda: areas.keep(cw, "a3", "人民路", "People's Road", "north", CLERK)
    )
    areas.keep(cw, "a3", "人民路", "People's Road", "counter", CLERK)
    areas.keep(cw, "a3", "人民路一带", "People's Road", "counter", CLERK)
    known = areas.areas(cw)
    assert [one.zh for one in known] == ["人民路一带"]
    with cw.reading() as database:
        area_of = areas.resolving(database)
        for written in ("A3", " people's  road", "Ａ３", "人民路一带"):
            assert area_of(written) == areas.meant_by(database, written) == "a3"
        assert [areas.meant_by(database, each) for each in ("", "B1", "人民路")] == ["", "B1", "人民路"]
    assert [area_of(written) for written in ("", "B1", "人民路")] == ["", "B1", "人民路"]
    assert [areas.naming(known, language)("A3") for language in ("zh", "en")] == [
        "人民路一带",
        "People's Road",
    ]
    assert areas.naming(known, "en")("B1") == "B1"
    refused_with("no_such_name", lambda: areas.keep(cw, "北", "北", "N", "counter", CLERK))


def test_a_spelling_that_is_added_later_holds_for_what_is_there(cw: Casework) -> None:
    areas.keep(cw, "a3", "人民路", "People's Road", "counter", CLERK)
    this = questions.ask(cw, "Why?", Source.COUNTER, "Ren min lu", CLERK)
    assert rows.askings(cw, this.id)[0].area == "Ren min lu"
    areas.keep(
        cw, "a3", "人民路", "People's Road", "counter", CLERK, ["ren min  lu", "People's road", "三片"]
    )
    assert areas.areas(cw)[0].spellings == ("ren min lu", "三片"), "what it is called is no spelling beside"
    assert rows.askings(cw, this.id)[0].area == "a3"
    assert rows.written(cw)[this.id][1] == ("a3",)
    areas.keep(cw, "a3", "人民路", "People's Road", "counter", CLERK)
    assert rows.askings(cw, this.id)[0].area == "Ren min lu", "what was typed is kept"


@pytest.mark.parametrize("taken", ["A3", "Ｐeople's  ROAD", "三片"])
def test_a_spelling_means_one_area(cw: Casework, taken: str) -> None:
    areas.keep(cw, "a3", "人民路", "People's Road", "counter", CLERK, ["三片"])
    refused_with(
        "spelling_taken", lambda: areas.keep(cw, "b1", "湖滨", "Lakeside", "counter", CLERK, [taken])
    )
    refused_with("spelling_taken", lambda: areas.keep(cw, "b1", taken, "Lakeside", "counter", CLERK))
    many = [f"s{number}" for number in range(areas.MOST_SPELLINGS + 1)]
    refused_with("spellings_many", lambda: areas.keep(cw, "b1", "湖滨", "Lakeside", "counter", CLERK, many))
    assert [one.name for one in areas.areas(cw)] == ["a3"]


def test_teams_that_areas_had_are_departments(tmp_path: Path) -> None:
    """A file of before, with an area of a team: both are there, with the team's members."""
    path, before = tmp_path / "casework.sqlite", tmp_path / "schema"
    before.mkdir()
    for script in (files("web.casework") / "schema").iterdir():
        if script.name < "080.sql":
            (before / script.name).write_text(script.read_text("utf-8"), "utf-8")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        migrate(database, "casework", before, "2026-11-25T10:00:00+00:00")
        database.execute("INSERT INTO team VALUES ('north-3', '城北班', 'North team')")
        database.execute("INSERT INTO team_member VALUES ('north-3', 'P4')")
        database.execute("INSERT INTO area VALUES ('lakeside', '湖滨', 'Lakeside', 'north-3')")
    with closing(Casework(path, lambda: "2026-11-26T10:00:00+00:00")) as cw:
        (area,) = areas.areas(cw)
        assert (area.name, area.department) == ("lakeside", "north-3")
        north = departments.departments(cw)[-1]
        assert (north.name, north.zh, north.members) == ("north-3", "城北班", ("P4",))


def test_whoever_sends_many_questions_fills_no_disk(cw: Casework, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_UNTAKEN_QUESTIONS", 2)
    for _ in range(2):
        questions.ask(cw, "?", Source.WEB)
    refused_with("questions_waiting", lambda: questions.ask(cw, "?", Source.WEB))
    asked(cw)


@pytest.mark.usefixtures("in_shanghai")
def test_who_writes_an_answer_early_in_the_morning_is_not_late(cw: Casework, clock: Clock) -> None:
    clock.move(hours=10)  # 02:00 of the next day there
    answers.write(cw, asked(cw).id, ("灯", "Lamp"), ("灯", "Lamp"), CLERK)
    [this] = [one for one in questions.questions(cw) if one.owner == CLERK]
    assert this.due_on == "2026-11-27"


def test_a_question_whose_answer_is_in_the_handbook_is_not_joined_to_another(cw: Casework) -> None:
    this, other = published(cw), asked(cw, "灯为什么亮？")
    questions.study(cw, this.id, CLERK, TODAY, Subject.METER, CLERK)
    refused_with("question_past", lambda: questions.joined(cw, this.id, other.id, CLERK))
