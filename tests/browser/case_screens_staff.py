"""The screens of those who work here: the office, the checker, the verifier."""

from __future__ import annotations

from tests.browser.case_screen import Screen, fill_and_press, press
from tests.browser.case_site import CaseSite
from tests.browser.case_story import ADMINISTRATOR, CHECKER, OFFICE, VERIFIER, Story
from tests.web.staff_bench import PASSWORD
from web.casework import follow_ups


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
    Screen("office-refusals", lambda site, story: "office/refusals", OFFICE),
    Screen("office-delete", lambda site, story: f"office/delete/{story.closed.id}", ADMINISTRATOR),
]

STAFF_SCREENS = [
    Screen("sign-in", lambda site, story: "staff/sign-in"),
    Screen("my-work", lambda site, story: "staff", VERIFIER),
    Screen("my-work-office", lambda site, story: "staff", OFFICE),
    Screen("console", lambda site, story: f"staff/case/{story.ready.id}", VERIFIER),
    Screen("console-tested", lambda site, story: f"staff/case/{story.tested.id}", VERIFIER),
]
STAFF_ROOMS_SCREENS = [*OFFICE_SCREENS, *STAFF_SCREENS]
