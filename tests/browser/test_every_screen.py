"""Every screen at its smallest, in both languages: nothing for axe to find, nothing wider than its window,
nothing refused by the content policy or failed in a script, nothing from elsewhere, and a first view that is small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from tests.browser.case_pictures import LANGUAGES, show
from tests.browser.case_screen import Screen
from tests.browser.case_screens import SCREENS
from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story
from tests.browser.looking import KeptWindow, looked_at, violations

pytestmark = pytest.mark.browser

FIRST_VIEW_BYTES = 150_000
"""Everything that comes over the wire for a page, with an empty cache."""
AT_NIGHT = (
    "public-measuring", "wall-measuring", "apply-missing", "visit-ready", "visit-live-measuring", "result-fail",
    "trial-revealed", "sign-customer", "office-case-tested", "check-case", "console", "consumption-monthly",
    "handbook-answer", "no-load-watch", "asked", "requests", "review", "office-staff", "maker",
)  # fmt: skip
"""At least one of each room, in dark colours as well."""
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


@pytest.fixture(scope="module")
def windows(browser: Browser, site: CaseSite) -> Iterator[dict[str, KeptWindow]]:
    """Of each language."""
    kept = {language: KeptWindow(browser, site, language) for language in LANGUAGES}
    yield kept
    for window in kept.values():
        window.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_accessible_fits_keeps_to_itself_and_is_small(
    windows: dict[str, KeptWindow], site: CaseSite, story: Story, screen: Screen, language: str
) -> None:
    is_first = language == next(iter(LANGUAGES))  # what does not depend on words is looked at once
    with windows[language].as_new(screen) as watched:
        page = watched.page
        show(page, site, story, replace(screen, act=None))
        assert watched.received < FIRST_VIEW_BYTES
        if screen.act is not None:
            screen.act(page)
            page.wait_for_load_state()
        assert looked_at(page) == []
        if is_first and screen.name in AT_NIGHT:
            page.emulate_media(color_scheme="dark")
            assert violations(page, ("color-contrast",)) == []
        if is_first and screen.name in ON_PAPER:
            page.emulate_media(media="print")
            assert page.locator("nav:visible, button:visible, form:visible, .ask-button:visible").count() == 0
            assert page.locator(".verdict-big").first.is_visible()
        assert watched.problems == []


def test_every_page_is_a_screen(site: CaseSite, story: Story) -> None:
    where = site.app.url_map.bind("localhost")
    addresses = [
        screen.address(site, story).partition("?")[0] for screen in SCREENS if screen.name != "not-found"
    ]
    shown = {where.match("/" + address)[0] for address in addresses}
    pages = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - shown == set(NO_PAGE)
