"""The console in a real browser: a scanner's Enter, what is half typed, targets for gloves, and what axe says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bench.checklist import Check
from tests.browser.case_site import CaseSite
from tests.browser.looking import violations
from tests.browser.whole_steps import a_photo
from tests.web import canned
from tests.web import console_case as made
from web.casework import checklists, questions
from web.casework.agreements import REQUIRED
from web.casework.consent import consent
from web.casework.model import Case

pytestmark = pytest.mark.browser
GLOVE_PX = 44


class Console:
    """A bench that answers, the web in front of it, and one case whose customer is here."""

    def __init__(self, site: CaseSite) -> None:
        self.bench, self.address, self.cw = site.bench, site.address, site.casework
        self.case: Case = made.ready(self.cw)
        self.bench.cases[self.case.id] = {
            "case": self.case.id, "serial": self.case.serial, "verifier": made.VERIFIER, "checker": made.CHECKER,
            "retest_of": None, "state": "assigned", "handovers": [], "runs": [],
        }  # fmt: skip

    def page_of(self, path: str = "", language: str = "en") -> str:
        return f"{self.address}staff/case/{self.case.id}{path}?lang={language}"

    def tick_all(self) -> None:
        consent(self.cw, self.case.id, REQUIRED, made.VERIFIER)
        for check in Check:
            put = checklists.tick_by_photo if check in checklists.PHOTO_CHECKS else checklists.tick
            put(self.cw, self.case.id, check, made.VERIFIER, True)

    def shows(self, state: dict[str, Any]) -> None:
        shown = deepcopy(state)
        shown["run"] |= {"id": "run-000001", "case": self.case.id, "verifier": made.VERIFIER}
        self.bench.set_state(shown)


@pytest.fixture
def site() -> Iterator[CaseSite]:
    with CaseSite(canned.idle()) as site:
        site.bench.wait_for_subscriber()
        yield site


@pytest.fixture
def console(site: CaseSite) -> Console:
    return Console(site)


@pytest.fixture
def verifier(page: Page, site: CaseSite, console: Console) -> Page:
    """Signed in, on the console at 1366 by 768."""
    page.set_viewport_size({"width": 1366, "height": 768})
    site.sign_in(page.context, made.VERIFIER)
    page.goto(console.page_of())
    return page


def test_a_photo_that_is_chosen_before_the_script_has_come_is_sent(verifier: Page, console: Console) -> None:
    held: list[Route] = []
    verifier.route("**/staff-console.js", lambda route: held.append(route))
    verifier.goto(console.page_of(), wait_until="commit")
    photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    verifier.locator("#photo-nameplate_photo").set_input_files(photo)
    held[0].continue_()
    verifier.unroute("**/staff-console.js")
    expect(verifier.locator("#check-nameplate_photo")).to_have_class(re.compile("check-done"))


def test_a_scanner_types_into_the_field_that_has_the_focus_and_its_enter_goes_on(
    verifier: Page, console: Console
) -> None:
    console.tick_all()
    verifier.goto(console.page_of("/begin"))
    expect(
        verifier.locator("#serial")
    ).to_be_focused()  # a browser does that when it draws, after it has loaded
    verifier.keyboard.type("33 0901 2765\n")
    expect(verifier.get_by_role("alert")).to_contain_text("33 0901 2765")
    expect(verifier.get_by_role("alert")).to_contain_text(made.SERIAL)
    verifier.get_by_label("the nameplate agrees").check()
    verifier.locator("#serial").focus()
    verifier.keyboard.type("3309012764\n")
    expect(verifier.locator(".act-title")).to_contain_text("Start the test")


def test_what_is_half_typed_stays_while_the_page_renews_itself_around_it(
    verifier: Page, console: Console
) -> None:
    first = questions.ask(console.cw, console.case.id, "灯为什么一直闪？", "customer")
    box = verifier.locator(f"#answer-{first.id}")
    expect(box).to_be_visible()
    box.fill("It is the test")
    questions.ask(console.cw, console.case.id, "标准表是谁校准的？", "customer")
    checklists.tick(console.cw, console.case.id, Check.SEALS, made.VERIFIER, True)
    expect(verifier.locator("#tick-seals")).to_have_attribute("aria-pressed", "true")
    expect(box).to_have_value("It is the test")
    expect(verifier.locator("#spoken")).to_contain_text("标准表是谁校准的？")


def test_the_next_action_follows_the_bench_without_loading_the_page(verifier: Page, console: Console) -> None:
    console.tick_all()
    verifier.evaluate("window.isSame = true")
    console.shows(canned.waiting_for_start())
    expect(verifier.locator(".act-title")).to_contain_text("Press start at the bench")
    expect(verifier.locator("#primary")).to_have_count(0)
    expect(verifier.get_by_role("link", name="Stop the run")).to_be_visible()
    console.shows(canned.measuring())
    expect(verifier.locator("[data-fragment=figure] .big")).to_contain_text("+0.31")
    assert verifier.evaluate("window.isSame")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (820, 1180)])
def test_the_words_beside_the_buttons_of_a_run_have_room_and_leave_most_of_the_screen(
    verifier: Page, console: Console, width: int, height: int, language: str
) -> None:
    console.tick_all()
    console.shows(canned.measuring())
    verifier.set_viewport_size({"width": width, "height": height})
    verifier.goto(console.page_of("", language))
    expect(verifier.locator(".act-bar .second-stop")).to_be_visible()
    expect(verifier.locator("[data-fragment=figure] .big")).to_contain_text("+0.31")
    bar, words = (verifier.locator(each).bounding_box() for each in (".act-bar", ".act-words"))
    assert bar is not None
    assert words is not None
    assert words["width"] >= width / 4
    assert bar["height"] <= height / 4


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (820, 1180)])
def test_the_next_action_is_on_the_screen_and_everything_is_large_enough_for_gloves(
    verifier: Page, console: Console, width: int, height: int
) -> None:
    verifier.set_viewport_size({"width": width, "height": height})
    expect(verifier.locator("#primary")).to_be_in_viewport()
    assert verifier.evaluate("document.documentElement.scrollWidth") <= width
    for target in verifier.locator(
        "main button:visible, main .photo-label:visible, .act-bar a:visible"
    ).all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= GLOVE_PX, target.inner_text()


@pytest.mark.parametrize("path", ["", "/begin", "/hand-over", "/stop", "/certificate", "/invite"])
def test_axe_finds_nothing_on_a_desk(verifier: Page, console: Console, path: str) -> None:
    questions.ask(console.cw, console.case.id, "灯为什么一直闪？", "customer")
    for language in ("zh", "en"):
        verifier.goto(console.page_of(path, language))
        assert violations(verifier) == [], language
