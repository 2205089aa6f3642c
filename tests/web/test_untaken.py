"""Too many wait that nobody has taken: the web says so and where to go, loses nothing, and the office sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from tests.casework import stories
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench
from tests.web.test_apply import FILLED_IN
from tests.web.test_review import ASKED
from web.casework import cases, limits
from web.casework.history import refusals
from web.casework.store import Casework
from web.service import requests

Desk = Callable[..., AtADesk]


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Desk:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_UNTAKEN_APPLICATIONS", 1)
    monkeypatch.setattr(limits, "MOST_UNTAKEN_REQUESTS", 1)


FORMS = [
    ("/apply", FILLED_IN, "applications_full", "/office", "1 applications wait"),
    ("/ask-us", ASKED, "requests_full", "/office/requests", "1 requests wait"),
]


def count(casework: Casework) -> int:
    return len(cases.all_cases(casework)) + len(requests.requests(casework))


@pytest.mark.parametrize(("path", "typed", "key", "office", "said"), FORMS)
def test_the_form_says_so_in_both_languages_and_keeps_what_was_typed(
    desk: Desk, casework: Casework, path: str, typed: dict[str, str], key: str, office: str, said: str
) -> None:
    assert 'id="full"' not in desk().text(path)
    desk().sent(path, **typed)
    for language, words in (("en", "telephone or come by"), ("zh", "请打电话或到检定机构来")):
        street = desk(None, language)
        assert words in street.text(path)
        response = street.send(path, **typed)
        assert response.status_code == 503
        page = unescape(response.text)
        assert words in page
        assert all(value in page for value in typed.values())
    assert count(casework) == 1
    assert refusals(casework)[0].key == key


@pytest.mark.parametrize(("path", "typed", "key", "office", "said"), FORMS)
def test_the_counter_takes_it_and_the_office_sees_that_it_is_full(
    desk: Desk, casework: Casework, path: str, typed: dict[str, str], key: str, office: str, said: str
) -> None:
    clerk = desk("P4")
    assert 'id="full"' not in clerk.text(office)
    desk().sent(path, **typed)
    assert said in clerk.text(office)
    assert 'id="full"' not in clerk.text(path)
    clerk.sent(path, **typed)
    assert count(casework) == 2


def test_what_the_office_does_makes_room(desk: Desk, casework: Casework) -> None:
    desk().sent("/apply", **FILLED_IN)
    [case] = cases.all_cases(casework)
    cases.decline(casework, case.id, "no", "ask them", stories.OFFICE)
    desk().sent("/apply", **FILLED_IN)
    assert 'id="full"' in desk("P4").text("/office")


def test_the_laboratorys_telephone_is_said_where_it_has_one(desk: Desk, casework: Casework) -> None:
    desk().sent("/apply", **FILLED_IN)
    assert "Telephone: " not in desk().text("/apply")
    casework.promises = replace(casework.promises, telephone="0512 0000 0000")
    assert "Telephone: 0512 0000 0000" in desk().text("/apply")
