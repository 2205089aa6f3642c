"""The screens of a customer, and those of everybody."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.case_screen import CUSTOMER_SIZES, DESK, Act, Screen, press
from tests.browser.case_story import Story
from web.casework.model import Case

APPLY_SCREENS = [
    Screen("apply", lambda site, story: "apply", None, (*CUSTOMER_SIZES, DESK)),
    Screen(
        "apply-missing", lambda site, story: "apply", None, CUSTOMER_SIZES, press("main form [type=submit]")
    ),
    Screen("apply-sent", lambda site, story: f"apply/sent/{story.applied.id}", None, CUSTOMER_SIZES),
]


def _visit(name: str, address: str, of: Callable[[Story], Case], act: Act | None = None) -> Screen:
    return Screen(name, lambda site, story: address, None, CUSTOMER_SIZES, act, of)


VISIT_SCREENS = [
    Screen("join", lambda site, story: "join/an-invitation", None, CUSTOMER_SIZES),
    Screen(
        "join-unknown", lambda site, story: "join/guessed", None, CUSTOMER_SIZES, press("main form button")
    ),
    Screen("left", lambda site, story: "left", None, CUSTOMER_SIZES),
    Screen("visit-without", lambda site, story: "visit", None, CUSTOMER_SIZES),
    _visit("visit-ready", "visit", lambda story: story.ready),
    _visit("visit-tested", "visit", lambda story: story.tested),
    _visit("visit-live-free", "visit/live", lambda story: story.ready),
    _visit("visit-live-finished", "visit/live", lambda story: story.tested),
    _visit("visit-live-word", "visit/live", lambda story: story.tested, press(".words .word >> nth=1")),
    _visit("visit-ask", "visit/live", lambda story: story.ready, press(".ask-button")),
    _visit("visit-questions", "visit/questions", lambda story: story.tested),
]
CUSTOMER_SCREENS = [*APPLY_SCREENS, *VISIT_SCREENS]
