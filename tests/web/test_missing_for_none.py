"""A merge patch takes a key away for null: whoever follows the bench has `None` and a missing key for the same."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g

from bench.control.client import apply_patch, merge_patch
from tests.web import canned, states
from web.customer.screens import AUTO, Screens
from web.feed import Moment
from web.staff.health import health_rows
from web.wall import wall_screen

State = dict[str, Any]


def followed(state: State) -> State:
    """As who was there before the run has it."""
    return dict(apply_patch(canned.idle(), merge_patch(canned.idle(), state)))


def with_a_thermometer(state: State, temperature_C: str | None, humidity_pct: str | None) -> State:
    read = {"temperature_C": temperature_C, "humidity_pct": humidity_pct, "over_run": {}}
    return {**state, "environment": read}


SEEN = {
    **{name: make() for name, make in states.ALL.items()},
    "a thermometer alone": with_a_thermometer(canned.measuring(), "23.4", None),
    "a thermometer that is silent": with_a_thermometer(canned.measuring(), None, None),
}


@pytest.mark.parametrize("name", sorted(SEEN))
def test_every_screen_is_the_same_for_who_was_there_before(site: Any, name: str) -> None:
    app: Flask = site()
    with app.test_request_context("/?lang=en"):
        g.language = "en"
        shown = []
        for state in (SEEN[name], followed(SEEN[name])):
            screens, moment = Screens(app.jinja_env), Moment(1, state, True, 0.0)
            views = [screens.screen(moment, view, "en") for view in (AUTO, *state["positions"])]
            shown.append((views, wall_screen(screens, moment, "en"), health_rows(state, 0.0, "en")))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", ["a thermometer alone", "a thermometer that is silent"])
def test_the_page_is_there_with_any_thermometer(site: Any, name: str) -> None:
    assert site(followed(SEEN[name])).test_client().get("/?lang=en").status_code == 200
