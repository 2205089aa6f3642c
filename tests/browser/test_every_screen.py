"""Every screen at its smallest, in both languages: nothing for axe to find, nothing wider than its window,
nothing refused by the content policy or failed in a script, nothing from elsewhere, and a first view that is small."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.browser.case_pictures import LANGUAGES, opened, show
from tests.browser.case_screen import Screen
from tests.browser.case_screens import SCREENS
from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story

pytestmark = pytest.mark.browser

FIRST_VIEW_BYTES = 150_000
"""Everything that comes over the wire for a page, with an empty cache."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AT_NIGHT = (
    "public-measuring", "wall-measuring", "apply-missing", "visit-ready", "visit-live-measuring", "result-fail",
    "trial-revealed", "sign-customer", "office-case-tested", "check-case", "console", "consumption-monthly",
    "handbook-answer", "no-load-watch", "asked", "requests", "review", "office-staff", "maker",
)  # fmt: skip
"""At least one of each room, in dark colours as well."""
SERVER_ERROR, MEANT_TO_FAIL = 500, ("/fault", "/busy")
ON_PAPER = ("result-pass", "result-fail", "result-invalid", "link-result")


NO_PAGE = {
    "after.certificate": "a file", "after.certificate_by_link": "a file", "after.evidence": "a file",
    "after.evidence_by_link": "a file", "customer.stream": "a stream", "visit.stream": "a stream",
    "handbook.picture": "a picture", "handbook.whole": "a file", "competence.maker_csv": "a file",
    "wall.stream": "a stream", "visit.questions_list": "a part of visit-questions",
    "office.case_photo": "a picture", "office.certificate_file": "a file", "staff.photo": "a picture",
    "staff.stream": "a stream", "review.month_pdf": "a file", "static": "files", "health": "for machines",
    "metrics": "for machines",
    "self_check.photo": "a picture", "visit.self_check_photo": "a picture", "office.self_check_photo": "a picture",
    "after.self_check_photo_by_link": "a picture",
}  # fmt: skip
"""Addresses that are opened and show no page, and why."""


class Watched:
    """What a page does that it must not: `problems`; and how much it costs to open: `received` (bytes)."""

    def __init__(self, page: Page, site: CaseSite) -> None:
        self.problems: list[str] = []
        self.received = 0
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("response", lambda said: self._fail(said.status, said.url))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("request", lambda asked: self._ask(asked.url, site.address))
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.responseReceived", lambda said: self._take(said["response"]["encodedDataLength"]))
        wire.on("Network.dataReceived", lambda said: self._take(said["dataLength"]))

    def _hear(self, kind: str, said: str) -> None:
        # A status that the page itself explains is an error to the console, too.
        if kind == "error" and "the server responded with a status of" not in said:
            self.problems.append(said)

    def _fail(self, status: int, url: str) -> None:
        if status >= SERVER_ERROR and not url.endswith(MEANT_TO_FAIL):
            self.problems.append(f"{status} {url}")

    def _ask(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.problems.append(url)

    def _take(self, count: int) -> None:
        self.received += int(count)


def looked_at(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # What is all right is not worked out in detail: that takes most of the time.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    violations = page.evaluate("(options) => axe.run(options).then((said) => said.violations)", options)
    found = [f"{one['id']}: {one['nodes'][0]['target']}" for one in violations]
    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, "wider than the window"] if wider else found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_accessible_fits_keeps_to_itself_and_is_small(
    browser: Browser, site: CaseSite, story: Story, screen: Screen, language: str
) -> None:
    is_first = language == next(iter(LANGUAGES))  # what does not depend on words is looked at once
    context = opened(browser, site, screen, language)
    page = context.new_page()
    watched = Watched(page, site)
    width, height = min(screen.sizes)  # a telephone, but for what hangs on a wall
    page.set_viewport_size({"width": width, "height": height})
    show(page, site, story, replace(screen, act=None))
    assert watched.received < FIRST_VIEW_BYTES
    if screen.act is not None:
        screen.act(page)
        page.wait_for_load_state()
    assert looked_at(page) == []
    if is_first and screen.name in AT_NIGHT:
        page.emulate_media(color_scheme="dark")
        assert looked_at(page, ["color-contrast"]) == []
    if is_first and screen.name in ON_PAPER:
        page.emulate_media(media="print")
        assert page.locator("nav:visible, button:visible, form:visible, .ask-button:visible").count() == 0
        assert page.locator(".verdict-big").first.is_visible()
    context.close()
    assert watched.problems == []


def test_every_page_is_a_screen(site: CaseSite, story: Story) -> None:
    where = site.app.url_map.bind("localhost")
    addresses = [
        screen.address(site, story).partition("?")[0] for screen in SCREENS if screen.name != "not-found"
    ]
    shown = {where.match("/" + address)[0] for address in addresses}
    pages = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - shown == set(NO_PAGE)
