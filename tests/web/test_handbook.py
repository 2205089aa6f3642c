"""The handbook as customers read it: found, computed, counted, passed on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench
from web.access import PUBLIC_TRIES
from web.casework.store import Casework
from web.handbook import printed
from web.knowledge import answers, questions
from web.knowledge.model import Question, Source, State
from web.knowledge.questions import LONGEST_AREA, LONGEST_WORDS
from web.knowledge.shipped import shipped


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Callable[..., AtADesk]:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


def of_key(casework: Casework, key: str) -> Question:
    [found] = [one for one in questions.questions(casework) if one.key == key]
    return found


def address(question: Question) -> str:
    return f"/handbook/answer/{question.id}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_handbook_is_never_empty(desk, language: str) -> None:
    page = desk(language=language).text("/handbook")
    for one in shipped():
        assert one.title[language == "en"] in page


def test_an_answer_has_its_figures_and_says_that_they_are_unsure(desk, casework: Casework) -> None:
    lamp = desk().text(address(of_key(casework, "blinking_lamp")))
    assert "0.088 to 0.88 kWh" in lamp.replace("\N{NO-BREAK SPACE}", " ")
    assert "{energy" not in lamp
    assert "Unsure figures:" in lamp
    assert "Unsure figures:" not in desk().text(address(of_key(casework, "can_a_meter_run_fast")))


@pytest.mark.parametrize(("language", "wanted"), [("zh", "灯"), ("en", "lamp")])
def test_a_word_finds_its_answer_first(desk, casework: Casework, language: str, wanted: str) -> None:
    page = desk(language=language).text(f"/handbook?q={wanted}")
    lamp = of_key(casework, "blinking_lamp")
    first = page.index("/handbook/answer/")
    assert page[first:].startswith(address(lamp))


def test_what_is_not_found_can_be_asked_in_the_same_words(desk) -> None:
    page = desk().text("/handbook?q=zebra%20%3Cb%3E")
    assert "Nothing found" in page
    assert 'href="/handbook/ask?words=zebra+' in page
    assert "zebra <b></textarea>" in desk().text("/handbook/ask?words=zebra%20%3Cb%3E")


def test_whether_it_helped_is_counted_and_shown_with_how_many_said_so(desk, casework: Casework) -> None:
    lamp = of_key(casework, "blinking_lamp")
    assert "readers answered" not in desk().text(address(lamp))
    assert "Thank you" in desk().sent(address(lamp), settled="yes")
    assert "One reader answered; 1 said" in desk().text(address(lamp))
    led_on = desk().sent(address(lamp), settled="no")
    assert 'href="/handbook/ask"' in led_on
    assert 'href="/apply"' in led_on
    assert "2 readers answered; 1 of them" in desk().text(address(lamp))
    assert desk().send(address(lamp), settled="perhaps").status_code == 409
    assert (of_key(casework, "blinking_lamp").settled, of_key(casework, "blinking_lamp").unsettled) == (1, 1)


def test_a_question_in_the_own_words_is_new_and_nobodys(desk, casework: Casework) -> None:
    page = desk().sent("/handbook/ask", question_words="Does the router count?", asked_area="Lakeside")
    assert "We have your question" in page
    [asked] = [one for one in questions.questions(casework) if one.state is State.NEW]
    [asking] = questions.askings(casework, asked.id)
    assert (asking.words, asking.area, asking.source) == ("Does the router count?", "Lakeside", Source.WEB)


@pytest.mark.parametrize(
    ("words", "area", "said"),
    [
        ("", "", "Please fill this in"),
        (" \u202e\u200f ", "", "Please fill this in"),
        ("x" * (LONGEST_WORDS + 1), "", f"at most {LONGEST_WORDS} characters"),
        ("why", "y" * (LONGEST_AREA + 1), f"at most {LONGEST_AREA} characters"),
    ],
)
def test_a_question_that_cannot_be_taken_is_shown_again(
    desk, casework: Casework, words: str, area: str, said: str
) -> None:
    response = desk().send("/handbook/ask", question_words=words, asked_area=area)
    assert response.status_code == 422
    assert said in response.text
    assert words in response.text
    assert area in response.text
    assert all(one.state is State.PUBLISHED for one in questions.questions(casework))


def test_an_address_asks_only_so_often(desk, casework: Casework) -> None:
    browser = desk()
    for number in range(PUBLIC_TRIES):
        assert browser.send("/handbook/ask", question_words=f"why {number}").status_code == 303
    refused = browser.send("/handbook/ask", question_words="once more, please")
    assert refused.status_code == 429
    assert "once more, please" in refused.text


def test_an_answer_that_is_withdrawn_is_gone_with_its_picture(desk, casework: Casework) -> None:
    lamp = of_key(casework, "blinking_lamp")
    answers.withdraw(casework, lamp.id, "it is wrong", "P4")
    for path in (address(lamp), f"{address(lamp)}.png"):
        page = desk().get(path)
        assert page.status_code == 404
        assert "not in the handbook" in page.text
    assert f'"{address(lamp)}"' not in desk().text("/handbook")


def test_the_picture_of_a_joined_question_is_found_at_the_other_one(desk, casework: Casework) -> None:
    lamp = of_key(casework, "blinking_lamp")
    again = questions.ask(casework, "why does it blink", Source.COUNTER, "", "P4")
    questions.joined(casework, again.id, lamp.id, "P4")
    assert desk().get(address(again)).location == address(lamp)


def test_a_picture_is_made_once_and_not_sent_to_who_has_it(desk, casework: Casework, monkeypatch) -> None:
    made = []
    kept = printed.pictures_of
    monkeypatch.setattr(printed, "pictures_of", lambda *said: made.append(said) or kept(*said))
    path = f"{address(of_key(casework, 'blinking_lamp'))}.png"
    first, again = desk().get(path), desk().get(path)
    assert first.data.startswith(b"\x89PNG")
    assert first.data == again.data
    assert len(made) == 1
    known = desk().client.get(path, headers={"Accept-Language": "en", "If-None-Match": first.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    assert desk(language="zh").get(path).headers["ETag"] != first.headers["ETag"]


def test_nobody_has_pictures_made_for_ever(desk, casework: Casework, monkeypatch) -> None:
    monkeypatch.setattr(printed, "pictures_of", lambda *_: [b"\x89PNG"])
    path = f"{address(of_key(casework, 'blinking_lamp'))}.png"
    browser = desk()
    asked = [browser.client.get(path, headers={"Host": f"h{n}.example"}) for n in range(printed.TRIES + 1)]
    assert {one.status_code for one in asked[:-1]} == {200}
    assert asked[-1].status_code == 429
    assert browser.client.get(path, headers={"Host": "h0.example"}).status_code == 200


def test_the_whole_handbook_is_a_pdf_in_the_language_of_who_reads(desk) -> None:
    sheets = {language: desk().get(f"/handbook.pdf?lang={language}") for language in ("zh", "en")}
    assert all(one.data.startswith(b"%PDF-") for one in sheets.values())
    assert sheets["zh"].data != sheets["en"].data
    assert "handbook-zh.pdf" in sheets["zh"].headers["Content-Disposition"]


def test_the_page_of_the_bench_leads_to_the_public_pages(desk: Callable[..., AtADesk]) -> None:
    page = desk(None).text("/")
    for address in ("/apply", "/self-check", "/handbook", "/ask-us", "/promises"):
        assert f'href="{address}"' in page
