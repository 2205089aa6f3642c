"""Every screen of the service, as a list: who looks, at which address, at which sizes. The rooms add theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.case_site import CaseSite
from tests.browser.case_story import ADMINISTRATOR, CHECKER, OFFICE, VERIFIER, Story
from tests.web.staff_bench import PASSWORD
from web.casework import follow_ups
from web.casework.model import Case

PHONE, TABLET, TABLET_WIDE, DESK = (360, 800), (820, 1180), (1180, 820), (1366, 768)
CUSTOMER_SIZES = (PHONE, TABLET, TABLET_WIDE)
STAFF_SIZES = (PHONE, TABLET, DESK)
Address = Callable[[CaseSite, Story], str]
Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture for each size and language.

    who: a person who is signed in, or None. visits: the case whose customer looks, or None. address: below the site's.
    act: done on the page before it is shown.
    """

    name: str
    address: Address
    who: str | None = None
    sizes: tuple[tuple[int, int], ...] = STAFF_SIZES
    act: Act | None = None
    visits: Callable[[Story], Case] | None = None


def _send(selector: str) -> Act:
    return lambda page: page.locator(selector).click()


def _fill_and_send(fields: dict[str, str], selector: str) -> Act:
    def act(page: Page) -> None:
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        page.locator(selector).click()

    return act


def _open(selector: str) -> Act:
    return lambda page: page.locator(selector).click()


def _first_follow_up(site: CaseSite, story: Story) -> str:
    return f"office/follow-up/{follow_ups.of(site.casework, story.closed.id)[0].id}"


_MAKE, _SIGN = "button[value=make]", "form[action$='/sign'] button"

OFFICE_SCREENS = [
    Screen("apply", lambda site, story: "apply", None, (*CUSTOMER_SIZES, DESK)),
    Screen(
        "apply-missing", lambda site, story: "apply", None, CUSTOMER_SIZES, _send("main form [type=submit]")
    ),
    Screen("apply-counter", lambda site, story: "apply", OFFICE),
    Screen("apply-sent", lambda site, story: f"apply/sent/{story.applied.id}", None, CUSTOMER_SIZES),
    Screen("office-cases", lambda site, story: "office", OFFICE),
    Screen("office-cases-none", lambda site, story: "office?area=nowhere", OFFICE),
    Screen("office-case-applied", lambda site, story: f"office/case/{story.applied.id}", OFFICE),
    Screen("office-case-planned", lambda site, story: f"office/case/{story.planned.id}", ADMINISTRATOR),
    Screen("office-case-tested", lambda site, story: f"office/case/{story.tested.id}", OFFICE),
    Screen("office-case-declined", lambda site, story: f"office/case/{story.declined.id}", OFFICE),
    Screen(
        "office-case-decline",
        lambda site, story: f"office/case/{story.applied.id}",
        OFFICE,
        act=_open(".act:has([name=decline_reason]) summary"),
    ),
    Screen("office-plan", lambda site, story: f"office/case/{story.applied.id}/plan", OFFICE),
    Screen(
        "office-plan-made",
        lambda site, story: f"office/case/{story.applied.id}/plan",
        OFFICE,
        act=_send(_MAKE),
    ),
    Screen(
        "office-link",
        lambda site, story: f"office/case/{story.tested.id}",
        OFFICE,
        act=_send("form[action$='/link'] button"),
    ),
    Screen("office-certificate", lambda site, story: f"office/case/{story.tested.id}/certificate", OFFICE),
    Screen("check", lambda site, story: "check", CHECKER),
    Screen("check-case", lambda site, story: f"check/{story.tested.id}", CHECKER),
    Screen(
        "check-wrong-password",
        lambda site, story: f"check/{story.tested.id}",
        CHECKER,
        act=_fill_and_send({"password": PASSWORD + "?"}, _SIGN),
    ),
    Screen("office-follow-ups", lambda site, story: "office/follow-ups", OFFICE),
    Screen("office-follow-up", _first_follow_up, OFFICE),
    Screen("office-refusals", lambda site, story: "office/refusals", OFFICE),
    Screen("office-delete", lambda site, story: f"office/delete/{story.closed.id}", ADMINISTRATOR),
]


def _visit(name: str, address: str, of: Callable[[Story], Case], act: Act | None = None) -> Screen:
    return Screen(name, lambda site, story: address, None, CUSTOMER_SIZES, act, of)


VISIT_SCREENS = [
    Screen("join", lambda site, story: "join/an-invitation", None, CUSTOMER_SIZES),
    Screen(
        "join-unknown", lambda site, story: "join/guessed", None, CUSTOMER_SIZES, _send("main form button")
    ),
    Screen("left", lambda site, story: "left", None, CUSTOMER_SIZES),
    Screen("visit-without", lambda site, story: "visit", None, CUSTOMER_SIZES),
    _visit("visit-ready", "visit", lambda story: story.ready),
    _visit("visit-tested", "visit", lambda story: story.tested),
    _visit("visit-live-free", "visit/live", lambda story: story.ready),
    _visit("visit-live-finished", "visit/live", lambda story: story.tested),
    _visit("visit-live-word", "visit/live", lambda story: story.tested, _open(".words .word >> nth=1")),
    _visit("visit-ask", "visit/live", lambda story: story.ready, _open(".ask-button")),
    _visit("visit-questions", "visit/questions", lambda story: story.tested),
]

STAFF_SCREENS = [
    Screen("sign-in", lambda site, story: "staff/sign-in"),
    Screen("my-work", lambda site, story: "staff", VERIFIER),
    Screen("my-work-office", lambda site, story: "staff", OFFICE),
    Screen("console", lambda site, story: f"staff/case/{story.ready.id}", VERIFIER),
    Screen("console-tested", lambda site, story: f"staff/case/{story.tested.id}", VERIFIER),
]
SCREENS = [*OFFICE_SCREENS, *VISIT_SCREENS, *STAFF_SCREENS]
"""All; a room that has pages adds its list here."""
