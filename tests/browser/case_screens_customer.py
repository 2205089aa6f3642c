"""The screens of a customer, and those of everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.case_screen import CUSTOMER_SIZES, DESK, Act, Screen, fill_and_press, press
from tests.browser.case_story import OFFICE, Story
from tests.web import canned
from web.casework.model import Case

APPLY_SCREENS = [
    Screen("apply", lambda site, story: "apply", None, (*CUSTOMER_SIZES, DESK)),
    Screen(
        "apply-missing", lambda site, story: "apply", None, CUSTOMER_SIZES, press("main form [type=submit]")
    ),
    Screen("apply-sent", lambda site, story: f"apply/sent/{story.applied.id}", None, CUSTOMER_SIZES),
]


WALL_SIZES = ((1920, 1080), DESK)
State = Callable[[Story], dict[str, Any]]


def _public(name: str, address: str, state: State | None = None, act: Act | None = None) -> Screen:
    """Of everybody, who has come by nothing."""
    return Screen(name, lambda site, story: address, None, CUSTOMER_SIZES, act, None, state)


def _visit(
    name: str, address: str, of: Callable[[Story], Case], act: Act | None = None, state: State | None = None
) -> Screen:
    """Of a customer who has come by an invitation."""
    return Screen(name, lambda site, story: address, None, CUSTOMER_SIZES, act, of, state)


def _by_link(name: str, token: str, path: str = "", act: Act | None = None) -> Screen:
    """Of a customer at home, who has the result link."""
    return Screen(name, lambda site, story: f"result/{story.tokens[token]}{path}", None, CUSTOMER_SIZES, act)


def _join(name: str, token: str, act: Act | None) -> Screen:
    return Screen(name, lambda site, story: f"join/{story.tokens[token]}", None, CUSTOMER_SIZES, act)


def _testing(name: str) -> State:
    """The run of the case that is under test, in a canned state."""
    return lambda story: story.site.state_of(story.testing, name)


def _of(case: Callable[[Story], Case], name: str) -> State:
    return lambda story: story.site.state_of(case(story), name)


def _idle(story: Story) -> dict[str, Any]:
    return canned.idle()


def _hides_and_waits(page: Page) -> None:
    """The bench does not answer yet: what is sent stays here."""
    page.evaluate(
        "document.getElementById('trial-form').addEventListener('submit', (e) => e.preventDefault())"
    )
    page.locator("[name=error_pct]").fill("1.3")
    page.locator(MAIN_SEND).click()


def _send(form: str) -> Act:
    return press(f"form[action*='/{form}'] button[type=submit]")


COME_IN, MAIN_SEND = "main form button", "main form [type=submit]"
PUBLIC_SCREENS = [
    _public("public-idle", "", _idle),
    _public("public-measuring", "", _testing("measuring")),
    _public("public-waiting", "", _testing("waiting_for_start")),
    _public("public-fail", "", _of(lambda story: story.failed, "finished_fail")),
    _public("public-invalid", "", _of(lambda story: story.invalid, "finished_invalid")),
    _public("public-pass", ""),
    _public("public-two", "", lambda story: canned.two_positions()),
    _public("public-position", "position/1", lambda story: canned.two_positions()),
    _public("no-position", "position/9"),
    _public("not-found", "nowhere"),
    _public("fault", "fault"),
    _public("busy", "busy"),
    Screen("role-missing", lambda site, story: "check", OFFICE, CUSTOMER_SIZES),
    _visit("visit-no-photo", "visit/photo/99", lambda story: story.ready),
    Screen("wall-idle", lambda site, story: "wall", None, WALL_SIZES, state=_idle),
    Screen("wall-measuring", lambda site, story: "wall", None, WALL_SIZES, state=_testing("measuring")),
    Screen("wall-pass", lambda site, story: "wall", None, WALL_SIZES),
    Screen(
        "wall-invalid", lambda site, story: "wall", None, WALL_SIZES,
        state=_of(lambda story: story.invalid, "finished_invalid"),
    ),
]  # fmt: skip

VISIT_SCREENS = [
    _join("join", "fresh", None),
    _public("join-unknown", "join/guessed", act=press(COME_IN)),
    _join("join-used", "used", press(COME_IN)),
    _join("join-expired", "expired", press(COME_IN)),
    _public("left", "left"),
    _public("visit-without", "visit"),
    _visit("visit-planned", "visit", lambda story: story.planned),
    _visit("visit-ready", "visit", lambda story: story.ready),
    _visit("visit-consented", "visit", lambda story: story.ready, _send("consent")),
    _visit("visit-expects-nothing", "visit", lambda story: story.planned, _send("expectation")),
    _visit("visit-testing", "visit", lambda story: story.testing, None, _testing("measuring")),
    _visit("visit-tested", "visit", lambda story: story.tested),
    _visit("visit-live-free", "visit/live", lambda story: story.ready),
    _visit("visit-live-occupied", "visit/live", lambda story: story.ready, None, _testing("measuring")),
    _visit("visit-live-waiting", "visit/live", lambda story: story.testing, None, _testing("cover_is_open")),
    _visit("visit-live-measuring", "visit/live", lambda story: story.testing, None, _testing("measuring")),
    _visit("visit-live-repeating", "visit/live", lambda story: story.testing, None, _testing("second_attempt")),
    _visit("visit-live-finished", "visit/live", lambda story: story.tested),
    _visit(
        "visit-live-fail", "visit/live", lambda story: story.failed, None,
        _of(lambda story: story.failed, "finished_fail"),
    ),
    _visit(
        "visit-live-invalid", "visit/live", lambda story: story.invalid, None,
        _of(lambda story: story.invalid, "finished_invalid"),
    ),
    _visit("visit-live-word", "visit/live", lambda story: story.tested, press(".words .word >> nth=1")),
    _visit("visit-ask", "visit/live", lambda story: story.ready, press(".ask-button")),
    _visit("visit-questions", "visit/questions", lambda story: story.tested),
]  # fmt: skip

AFTER_SCREENS = [
    _visit("result-none-yet", "visit/result", lambda story: story.ready),
    _visit("result-pass", "visit/result", lambda story: story.tested),
    _visit("result-fail", "visit/result", lambda story: story.failed),
    _visit("result-invalid", "visit/result", lambda story: story.invalid),
    _visit("result-bill-missing", "visit/result", lambda story: story.tested, _send("bill")),
    _visit("result-opinion-missing", "visit/result", lambda story: story.tested, _send("experience")),
    _visit("result-appeal-missing", "visit/result", lambda story: story.tested, _send("appeal")),
    _visit(
        "result-appealed", "visit/result", lambda story: story.another_tested(),
        fill_and_press({"why": "我想让别人再测一次。"}, "form[action*='/appeal'] button[type=submit]"),
    ),
    _visit("sign-customer", "visit/result/sign/customer", lambda story: story.tested),
    _visit("sign-checker", "visit/result/sign/checker", lambda story: story.failed),
    _visit("sign-missing", "visit/result/sign/verifier", lambda story: story.tested, press(MAIN_SEND)),
    _by_link("link-result", "tested"),
    _by_link("link-self-check", "tested", "/self-check"),
    _by_link("link-revoked", "revoked"),
    _by_link("link-forgotten", "forgotten"),
    _public("link-unknown", "result/guessed"),
    _by_link("follow-up", "closed", "/follow-up"),
    _by_link("follow-up-missing", "closed", "/follow-up", press(MAIN_SEND)),
    _by_link("follow-up-answered", "followed", "/follow-up"),
    _visit("trial-before", "visit/trial", lambda story: story.tested),
    _visit("trial-wrong", "visit/trial", lambda story: story.tested, fill_and_press({"error_pct": "50"}, MAIN_SEND)),
    _visit("trial-running", "visit/trial", lambda story: story.tested, _hides_and_waits),
    _visit("trial-revealed", "visit/trial", lambda story: story.failed),
]  # fmt: skip
CUSTOMER_SCREENS = [*PUBLIC_SCREENS, *APPLY_SCREENS, *VISIT_SCREENS, *AFTER_SCREENS]
