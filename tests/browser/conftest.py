from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story, told
from tests.browser.live_site import LiveSite, launch
from tests.web import canned, same_parts

TABLET: ViewportSize = {"width": 820, "height": 1180}
PATIENCE_MS = 30_000
"""What a page may take on a busy machine where a test names no time of its own."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def quick_applications() -> Iterator[None]:
    with same_parts.shared():
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture
def live_site() -> Iterator[LiveSite]:
    with LiveSite(canned.measuring()) as site:
        site.bench.wait_for_subscriber()
        yield site


@pytest.fixture(scope="module")
def shown_site() -> Iterator[LiveSite]:
    """A site for tests that only look: shared, because a process for each would take most of their time."""
    with LiveSite(canned.measuring()) as site:
        site.bench.wait_for_subscriber()
        yield site


@pytest.fixture
def measuring_site(shown_site: LiveSite) -> LiveSite:
    """The same, for tests that change what the bench says and end nothing."""
    shown_site.bench.set_state(canned.measuring())
    return shown_site


@pytest.fixture(scope="module")
def site() -> Iterator[CaseSite]:
    """The whole web process with its cases, in front of a bench that does what it is told."""
    with CaseSite() as site:
        yield site


@pytest.fixture(scope="module")
def story(site: CaseSite) -> Story:
    """Cases in every state, on that site."""
    return told(site)


@contextlib.contextmanager
def tablet(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and all that was refused, failed in a script or went elsewhere."""
    context = browser.new_context(viewport=TABLET, locale="en-GB")
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if _is_refusal(message.text) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if _is_ours(request.url) else problems.append(request.url))
    yield page, problems
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tablet's page that fails its test when it has a problem."""
    with tablet(browser) as (page, problems):
        yield page
    assert problems == []


@pytest.fixture(scope="module")
def only_page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    with tablet(browser) as only:
        yield only


@pytest.fixture
def kept_page(only_page: tuple[Page, list[str]]) -> Iterator[Page]:
    """As `page`, but one for all tests that only look at what they open."""
    page, problems = only_page
    page.context.clear_cookies()
    page.set_viewport_size(TABLET)
    page.emulate_media(color_scheme="light")
    problems.clear()
    yield page
    assert problems == []


def _is_refusal(said: str) -> bool:
    return "Content Security Policy" in said or "Refused to" in said


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "about:", "data:"))
