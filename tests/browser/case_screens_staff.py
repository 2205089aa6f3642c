"""The screens of those who work here: the office, the checker, the verifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.case_screen import Act, Screen, fill_and_press, press
from tests.browser.case_site import CaseSite
from tests.browser.case_story import (
    ADMINISTRATOR,
    CHECKER,
    OFFICE,
    OTHER_VERIFIER,
    SPARE_VERIFIER,
    VERIFIER,
    Story,
)
from tests.web import canned
from tests.web.staff_bench import PASSWORD
from web.casework import follow_ups
from web.casework.model import Case


def _first_follow_up(site: CaseSite, story: Story) -> str:
    return f"office/follow-up/{follow_ups.of(site.casework, story.closed.id)[0].id}"


_MAKE, _SIGN = "button[value=make]", "form[action$='/sign'] button"

OFFICE_SCREENS = [
    Screen("apply-counter", lambda site, story: "apply", OFFICE),
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
        act=press(".act:has([name=decline_reason]) summary"),
    ),
    Screen("office-plan", lambda site, story: f"office/case/{story.applied.id}/plan", OFFICE),
    Screen(
        "office-plan-made",
        lambda site, story: f"office/case/{story.applied.id}/plan",
        OFFICE,
        act=press(_MAKE),
    ),
    Screen(
        "office-link",
        lambda site, story: f"office/case/{story.tested.id}",
        OFFICE,
        act=press("form[action$='/link'] button"),
    ),
    Screen("office-certificate", lambda site, story: f"office/case/{story.tested.id}/certificate", OFFICE),
    Screen("check", lambda site, story: "check", CHECKER),
    Screen("check-case", lambda site, story: f"check/{story.tested.id}", CHECKER),
    Screen(
        "check-wrong-password",
        lambda site, story: f"check/{story.tested.id}",
        CHECKER,
        act=fill_and_press({"password": PASSWORD + "?"}, _SIGN),
    ),
    Screen("office-follow-ups", lambda site, story: "office/follow-ups", OFFICE),
    Screen("office-follow-up", _first_follow_up, OFFICE),
    Screen("office-health", lambda site, story: "office/health", OFFICE),
    Screen("office-refusals", lambda site, story: "office/refusals", OFFICE),
    Screen("office-delete", lambda site, story: f"office/delete/{story.closed.id}", ADMINISTRATOR),
]


def _session_ends(page: Page) -> None:
    page.context.add_cookies([{"name": "staff", "value": "no longer one", "url": page.url}])
    page.reload()


def _console(name: str, state: str, act: Act | None = None, place: str = "") -> Screen:
    """The console of the case under test, while the bench is in a state."""
    return Screen(
        name,
        lambda site, story: f"staff/case/{story.testing.id}{place}",
        OTHER_VERIFIER,
        act=act,
        state=lambda story: story.site.state_of(story.testing, state),
    )


def _of(
    name: str,
    case: Callable[[Story], Case],
    place: str = "",
    who: str = SPARE_VERIFIER,
    act: Act | None = None,
) -> Screen:
    return Screen(name, lambda site, story: f"staff/case/{case(story).id}{place}", who, act=act)


def _half_handed_over(story: Story) -> Case:
    """The bench has another verifier than the case."""
    made = story.another_explained()
    story.site.bench.cases[made.id]["verifier"] = OTHER_VERIFIER
    return made


def _certified(story: Story) -> Case:
    made = story.another_explained()
    story.site.bench.certificates.append(
        {"run": made.run_ids[-1], "number": "2026-00009", "kind": "verification", "verdict": "PASS",
         "issued_on": made.applied_on[:10], "stands": True, "replaced_by": None, "files": ["pdf", "xml", "label"]}
    )  # fmt: skip
    return made


def _awaits_checker(story: Story) -> Case:
    return story.another_explained(("verifier",))


def _ready(story: Story) -> Case:
    return story.ready


def _without_thermometer() -> dict[str, Any]:
    """Somebody has to say how warm it is."""
    state = canned.idle()
    state["bench"]["has_thermometer"] = False
    return state


def _sends_another_number(page: Page) -> None:
    page.locator("[name=serial]").fill("3030009999")
    page.locator("[name=plate]").check()
    page.locator(_SEND).click()


_SEND = "main form [type=submit]"
CASE_SCREENS = [
    Screen(
        "sign-in-wrong",
        lambda site, story: "staff/sign-in",
        act=fill_and_press({"by": VERIFIER, "password": "?"}, _SEND),
    ),
    Screen("sign-in-expired", lambda site, story: "staff", VERIFIER, act=_session_ends),
    Screen("staff-not-found", lambda site, story: "staff/case/C2026-9999", VERIFIER),
    Screen("staff-role-missing", lambda site, story: "check", OFFICE),
    _of("console-planned", lambda story: story.planned, who=OTHER_VERIFIER),
    _of("console-somebody-else-s", _ready, who=OTHER_VERIFIER),
    _of("begin", _ready, "/begin", VERIFIER),
    _of("begin-wrong-number", _ready, "/begin", VERIFIER, _sends_another_number),
    _of("invite", _ready, "/invite", VERIFIER),
    _of("invite-made", _ready, "/invite", VERIFIER, press("main form button")),
    _of("consent-by-word", _ready, "/consent", VERIFIER),
    _of("postpone", _ready, "/postpone", VERIFIER),
    _of("end-visit", _ready, "/end-visit", VERIFIER),
    _of("release", _ready, "/release", VERIFIER),
    _of("hand-over", _ready, "/hand-over", VERIFIER),
    _console("console-waits-for-start", "waiting_for_start"),
    _console("console-not-safe", "cover_is_open"),
    _console("console-waits-for-load", "waiting_for_load"),
    _console("console-settling", "settling"),
    _console("console-running", "measuring"),
    _console("console-fault", "second_attempt"),
    _console("console-asks", "asking"),
    _console("bench-question", "asking", place="/answer"),
    _console("bench-register", "reading_registers", place="/answer"),
    _console("console-recording", "interrupted"),
    _console("stop", "measuring", place="/stop"),
    _console("skip", "measuring", place="/skip"),
    _of("console-invalid", lambda story: story.invalid),
    _of("explain", lambda story: story.another_tested(), "/explain"),
    _of("console-to-draft", lambda story: story.another_explained()),
    _of("sign", lambda story: story.another_explained(()), "/sign"),
    _of("console-certified", _certified),
    _of("console-half-handed-over", _half_handed_over),
    _of("hand-over-half-done", _half_handed_over, "/hand-over"),
    Screen(
        "console-ready-to-start",
        lambda site, story: f"staff/case/{story.ready_to_start().id}",
        SPARE_VERIFIER,
        state=lambda story: canned.idle(),
    ),
    Screen(
        "start-room",
        lambda site, story: f"staff/case/{story.ready_to_start().id}/start",
        SPARE_VERIFIER,
        state=lambda story: _without_thermometer(),
    ),
    _of("draft", lambda story: story.another_explained(), "/certificate"),
    _of("console-to-sign", lambda story: story.another_explained(())),
    _of("console-await-checker", _awaits_checker),
    _of("end", _certified, "/end"),
    _of("console-closed", lambda story: story.closed, who=VERIFIER),
    Screen("check-nothing", lambda site, story: "check", SPARE_VERIFIER),
]

STAFF_SCREENS = [
    Screen("sign-in", lambda site, story: "staff/sign-in"),
    Screen("my-work", lambda site, story: "staff", VERIFIER),
    Screen("my-work-office", lambda site, story: "staff", OFFICE),
    Screen("console", lambda site, story: f"staff/case/{story.ready.id}", VERIFIER),
    Screen("console-tested", lambda site, story: f"staff/case/{story.tested.id}", VERIFIER),
]
STAFF_ROOMS_SCREENS = [*OFFICE_SCREENS, *STAFF_SCREENS, *CASE_SCREENS]
