"""The staff's pages of the handbook: from a question to its answer, the cycle, the areas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.casework import stories
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench
from web.casework import cases
from web.casework import questions as in_case
from web.casework.model import Application, Customer
from web.casework.store import Casework
from web.knowledge import answers, periods, questions, readers
from web.knowledge.answers import LONGEST_TEXT
from web.knowledge.model import Question, Source, State

ADMINISTRATOR, VERIFIER, CLERK = "P1", "P2", "P4"
TABLE, PERIODS, AREAS = "/office/questions", "/office/questions/periods", "/office/areas"
EDITION = {
    "title_zh": "路由器走电吗？",
    "title_en": "Does the router count?",
    "text_zh": "一年大约 {energy:router}。",
    "text_en": "About {energy:router} a year.",
}


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Callable[..., AtADesk]:
    return lambda person=CLERK, language="en": AtADesk(service, staff_bench, person, language)


@pytest.fixture
def asked(casework: Casework) -> Question:
    return questions.ask(casework, "Does my router count at night?", Source.WEB, "Lakeside")


def page_of(question: Question, act: str = "") -> str:
    return f"/office/question/{question.id}{act}"


def test_a_question_goes_all_the_way_to_the_handbook(desk, casework: Casework, asked: Question) -> None:
    clerk, page = desk(), page_of(asked)
    assert "Does my router count at night?" in clerk.text(TABLE)
    taken = {"question_owner": CLERK, "due_on": "2026-11-28", "subject": "appliance"}
    assert "2026-11-28" in clerk.sent(page_of(asked, "/take"), page, **taken)
    written = clerk.sent(page_of(asked, "/answer"), step="keep", **EDITION)
    assert "Somebody else than its writer" in written
    assert desk(None).get(f"/handbook/answer/{asked.id}").status_code == 404
    other = desk(ADMINISTRATOR)
    assert "I have read it: publish" in other.text(page)
    other.sent(page_of(asked, "/publish"), page, edition=1)
    read = desk(None).text(f"/handbook/answer/{asked.id}").replace("\N{NO-BREAK SPACE}", " ")
    assert "About 35 to 130 kWh a year." in read
    assert questions.question(casework, asked.id).state is State.PUBLISHED


def test_the_writer_cannot_publish_by_a_form_of_his_own(desk, casework: Casework, asked: Question) -> None:
    clerk = desk()
    clerk.sent(page_of(asked, "/answer"), step="keep", **EDITION)
    assert clerk.send(page_of(asked, "/publish"), page_of(asked), edition=1).status_code == 409
    assert answers.of(casework, asked.id) is None


def test_a_preview_keeps_nothing_and_loses_nothing(desk, casework: Casework, asked: Question) -> None:
    page = desk().send(page_of(asked, "/answer"), step="preview", **EDITION)
    assert page.status_code == 200
    assert "35 to 130" in page.text
    assert page.text.count("{energy:router}") >= 3
    assert answers.answers(casework, asked.id) == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title_zh", "", "Please fill this in"),
        ("text_en", "x" * (LONGEST_TEXT + 1), f"at most {LONGEST_TEXT} characters"),
        ("text_zh", "{energy:perpetuum_mobile}", "is no figure that can be computed"),
        ("text_en", "a { b", "is no figure that can be computed"),
        ("text_en", "well done 🎉", "🎉"),
        ("title_en", "well done 🎉", "🎉"),
        ("text_zh", "\u202e\u200f", "Please fill this in"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_shown_again(
    desk, casework: Casework, asked: Question, field: str, typed: str, said: str
) -> None:
    response = desk().send(page_of(asked, "/answer"), step="keep", **(EDITION | {field: typed}))
    assert response.status_code == 422
    assert said in response.text
    assert typed in response.text
    assert all(value in response.text for name, value in EDITION.items() if name != field)
    assert answers.answers(casework, asked.id) == []


def test_words_of_a_page_are_words_and_no_markup(desk, asked: Question) -> None:
    hostile = EDITION | {"title_en": "<script>alert(1)</script>", "text_en": "#panic() <b>"}
    page = desk().send(page_of(asked, "/answer"), step="preview", **hostile)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    ("act", "sent", "said"),
    [
        ("take", {"question_owner": "P99", "due_on": "2026-11-28", "subject": "meter"}, "no such choice"),
        ("take", {"question_owner": CLERK, "due_on": "2020-01-01", "subject": "meter"}, "is past"),
        ("take", {"question_owner": CLERK, "due_on": "soon", "subject": "meter"}, "Give a day"),
        ("join", {"same_as": ""}, "Choose one"),
        ("join", {"same_as": "999"}, "no such choice"),
        ("set-aside", {"reason": " "}, "Please fill this in"),
        ("set-aside", {"reason": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_an_act_that_cannot_be_is_said_beside_its_field(
    desk, casework: Casework, asked: Question, act: str, sent: dict[str, str], said: str
) -> None:
    response = desk().send(page_of(asked, f"/{act}"), page_of(asked), **sent)
    assert response.status_code == 422
    assert said in response.text
    assert f'id="{act}" open' in response.text
    assert questions.question(casework, asked.id).state is State.NEW


def test_the_same_question_is_joined_and_another_set_aside(desk, casework: Casework, asked: Question) -> None:
    lamp = next(one for one in questions.questions(casework) if one.key == "blinking_lamp")
    page = desk().sent(page_of(asked, "/join"), page_of(asked), same_as=lamp.id)
    assert f"The same as question {lamp.id}" in page
    assert questions.question(casework, lamp.id).asked == 1
    other = questions.ask(casework, "Good morning", Source.WEB)
    assert "it asks nothing" in desk().sent(
        page_of(other, "/set-aside"), page_of(other), reason="it asks nothing"
    )


def test_an_answer_is_withdrawn_with_a_reason(desk, casework: Casework) -> None:
    lamp = next(one for one in questions.questions(casework) if one.key == "blinking_lamp")
    assert desk().send(page_of(lamp, "/withdraw"), page_of(lamp), withdraw_why="").status_code == 422
    desk().sent(page_of(lamp, "/withdraw"), page_of(lamp), withdraw_why="the figure is old")
    assert answers.of(casework, lamp.id) is None


def test_words_that_name_somebody_are_deleted_and_stay_counted(
    desk, casework: Casework, asked: Question
) -> None:
    [asking] = questions.askings(casework, asked.id)
    page = desk().sent(page_of(asked, "/delete-words"), page_of(asked), asking=asking.id)
    assert "router" not in page
    assert questions.question(casework, asked.id).asked == 1


def test_words_of_another_question_are_not_deleted_from_here(
    desk, casework: Casework, asked: Question
) -> None:
    other = questions.ask(casework, "And the kettle?", Source.WEB)
    [asking] = questions.askings(casework, other.id)
    assert desk().send(page_of(asked, "/delete-words"), page_of(asked), asking=asking.id).status_code == 404
    assert questions.askings(casework, other.id)[0].words == "And the kettle?"


def test_a_question_of_a_case_goes_to_the_handbook_and_with_the_case(desk, casework: Casework) -> None:
    case = stories.received(casework)
    question = in_case.ask(casework, case.id, "Why does it blink, I am Wang?", "customer")
    begin = f"/office/questions/new?case={case.id}"
    assert "Why does it blink, I am Wang?" in desk().text(begin)
    form = desk().text(f"{begin}&question={question.id}")
    assert "Why does it blink, I am Wang?</textarea>" in form
    sent = {
        "question_words": "Why does it blink?",
        "source": "tablet",
        "subject": "meter",
        "of_case": case.id,
    }
    page = desk(VERIFIER).sent("/office/questions/new", begin, **sent)
    assert "Why does it blink?" in page
    assert case.id in page


def test_nobody_elses_question_is_taken_from_a_case(desk, casework: Casework) -> None:
    case = stories.received(casework)
    other = cases.apply(casework, Application(Customer("Li", "Road", "1"), "doubt", "B-2", {}, "A3"))
    question = in_case.ask(casework, other.id, "mine alone", "customer")
    found = desk().get(f"/office/questions/new?case={case.id}&question={question.id}")
    assert found.status_code == 404
    assert "mine alone" not in found.text


def test_a_note_at_the_counter_counts_what_was_asked_before(desk, casework: Casework) -> None:
    lamp = next(one for one in questions.questions(casework) if one.key == "blinking_lamp")
    sent = {"question_words": "灯怎么老闪", "source": "site", "subject": "meter", "same_as": str(lamp.id)}
    desk(VERIFIER).sent("/office/questions/new", asked_area="A3", **sent)
    [asking] = questions.askings(casework, lamp.id)
    assert (asking.words, asking.source, asking.area, asking.written_by) == (
        "灯怎么老闪", Source.SITE, "A3", VERIFIER,
    )  # fmt: skip
    missing = desk().send("/office/questions/new", **(sent | {"source": "", "question_words": "x" * 501}))
    assert missing.status_code == 422
    assert "x" * 501 in missing.text


def test_the_table_narrows_and_sorts(desk, casework: Casework, asked: Question, clock) -> None:
    questions.study(casework, asked.id, CLERK, "2026-11-27", asked.subject, CLERK)
    clock.at = "2026-11-29T10:00:00+00:00"
    late = desk().text(f"{TABLE}?state=overdue")
    assert "row-overdue" in late
    assert "1 of" in late
    assert "router" not in desk().text(f"{TABLE}?state=published")
    assert "router" in desk().text(f"{TABLE}?area=Lakeside&owner={CLERK}&state=all")
    assert "router" not in desk().text(f"{TABLE}?area=Hillside&state=all")
    sorted_by = desk().text(f"{TABLE}?state=all&sort=asked_count")
    assert sorted_by.index("router") < sorted_by.index("blinking")
    assert desk().get(f"{TABLE}?state=%00&sort=x&order=y&subject=z").status_code == 200


def test_a_verifier_reads_and_asks_and_changes_nothing(desk, asked: Question) -> None:
    verifier = desk(VERIFIER)
    page = verifier.text(page_of(asked))
    assert "Take it" not in page
    assert "Delete these words" not in page
    assert verifier.send(page_of(asked, "/set-aside"), page_of(asked), reason="no").status_code == 403
    assert verifier.get(page_of(asked, "/answer")).status_code == 403
    assert verifier.send(f"{PERIODS}/open", TABLE, aim="x").status_code == 403
    assert verifier.send(f"{AREAS}/area", TABLE, area_name="x").status_code == 403


def test_the_cycle_turns_once_each_answer_was_looked_at(desk, casework: Casework) -> None:
    clerk = desk()
    assert clerk.send(f"{PERIODS}/open", PERIODS, aim=" ").status_code == 422
    clerk.sent(f"{PERIODS}/open", PERIODS, aim="Fewer doubts about the lamp")
    published = answers.published(casework)
    readers.say(casework, published[0].question, True)
    early = clerk.send(f"{PERIODS}/close", PERIODS, learned="kept me", next="kept, too")
    assert early.status_code == 422
    assert f"{len(published)} published answers" in early.text
    assert "kept me" in early.text
    for one in published:
        clerk.sent(f"{PERIODS}/look/{one.question}", PERIODS)
    page = clerk.sent(f"{PERIODS}/close", PERIODS, learned="The lamp was it", next="Display next")
    assert "The lamp was it" in page
    assert "1 of 1" in page
    current = periods.current(casework)
    assert current is not None
    assert (current.number, current.aim) == (2, "Display next")


def test_areas_belong_to_departments_and_have_what_is_asked_there(
    desk, casework: Casework, asked: Question
) -> None:
    clerk = desk()
    questions.asked_again(casework, asked.id, "And the lamp?", Source.COUNTER, "by the lake", CLERK)
    area = {
        "area_name": "lakeside", "area_zh": "湖滨", "area_en": "Lakeside", "area_department": "counter",
        "area_spellings": "the lake\nBy the Lake\n",
    }  # fmt: skip
    page = clerk.sent(f"{AREAS}/area", AREAS, **area)
    row = page[page.index('<th scope="row">Lakeside') :]
    assert "by the lake" not in page
    assert "Counter" in row[: row.index("</tr>")]
    assert ">1</a>" in row[: row.index("</tr>")]
    assert "not in the list" not in row[: row.index("</tr>")]
    wrong = clerk.send(f"{AREAS}/area", AREAS, **(area | {"area_name": "Not Small!", "area_zh": "留着"}))
    assert wrong.status_code == 422
    assert "留着" in wrong.text
    assert "Not Small!" in wrong.text
    form = clerk.text(f"{AREAS}?area=lakeside")
    assert 'value="湖滨"' in form
    assert "By the Lake\nthe lake</textarea>" in form
    for written in ("lakeside", "By the LAKE", "湖滨"):
        assert "And the lamp?" in clerk.text(f"{TABLE}?area={written}&state=all")
    assert "Lakeside" in clerk.text(f"{TABLE}?state=all")
    assert "湖滨" in desk(language="zh").text(f"{TABLE}?state=all")
