"""The wall: what a television in the room shows, and what it does not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.web import canned, canned_verification, states
from tests.web.conftest import wait_for
from tests.web.staff_bench import StaffBench
from web import DEFAULT_VIEWERS

SERIAL = canned.idle()["positions"]["1"]["serial"]


@pytest.fixture
def wall(service: Flask, staff_bench: StaffBench) -> Callable[..., str]:
    """The wall's page of a state."""

    def shown(state: dict[str, object], language: str = "en") -> str:
        staff_bench.set_state(state)
        wait_for(service.extensions["feed"], lambda moment: moment.state == state)
        answer = service.test_client().get(f"/wall?lang={language}")
        assert answer.status_code == 200
        return answer.text

    return shown


@pytest.mark.parametrize("name", states.ALL)
def test_no_serial_number_and_nothing_to_click_in_any_state(wall: Callable[..., str], name: str) -> None:
    state = states.ALL[name]()
    page = wall(state)
    for meter in state["positions"].values():
        assert meter["serial"] not in page
    assert not re.search(r"<(a|button|input|select|textarea|form|summary)\b", page)


def test_the_middle_of_a_running_test_is_there(wall: Callable[..., str]) -> None:
    page = wall(canned.measuring())
    assert "•••• 2764" in page
    for part in (
        'class="sentence"',
        'class="big',
        'class="give-or-take',
        'id="lamp"',
        'class="plot ',
        "flashes seen",
    ):
        assert part in page, part


@pytest.mark.parametrize(("language", "own", "other"), [("en", "PASS", "合格"), ("zh", "合格", "PASS")])
def test_a_verdict_stands_in_both_languages(
    wall: Callable[..., str], language: str, own: str, other: str
) -> None:
    page = wall(canned.finished_pass(), language)
    assert f"<span>{own}</span>" in page
    assert re.search(rf'<span lang="[^"]+">{other}</span>', page)


def test_an_idle_bench_says_what_it_is_for_and_what_is_promised(wall: Callable[..., str]) -> None:
    page = wall(canned.idle())
    assert 'data-stage="nothing"' in page
    assert "What we promise" in page
    assert "How to get a test" in page
    assert page.count("<li>") >= 10


def test_many_meters_are_cards_without_links(wall: Callable[..., str]) -> None:
    page = wall(canned_verification.many_positions())
    assert page.count('class="card"') == 48
    assert "•••• 2701" in page


def test_the_stream_sends_no_more_than_the_wall_shows(service: Flask) -> None:
    answer = service.test_client().get("/wall/stream?lang=en")
    events = answer.response
    first = ""
    for piece in events:
        first += piece if isinstance(piece, str) else piece.decode()
        if "event: snapshot" in first:
            break
    answer.close()
    assert answer.content_type.startswith("text/event-stream")
    assert "•••• 2764" in first
    assert SERIAL not in first
    assert '"points"' not in first
    assert '"about"' not in first


def test_a_wall_takes_a_place_and_gives_it_back(service: Flask) -> None:
    client, places = service.test_client(), service.extensions["site"].places
    held = client.get("/wall/stream", buffered=False)
    taken = 1
    while places.take():
        taken += 1
    assert taken == DEFAULT_VIEWERS
    assert "event: full" in client.get("/wall/stream").text
    held.close()
    assert places.take()
