from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story, told
from tests.browser.live_site import LiveSite, launch
from tests.web import canned, same_parts

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


@pytest.fixture(scope="module")
def site() -> Iterator[CaseSite]:
    """The whole web process with its cases, in front of a bench that does what it is told."""
    with CaseSite() as site:
        yield site


@pytest.fixture(scope="module")
def story(site: CaseSite) -> Story:
    """Cases in every state, on that site."""
    return told(site)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tablet's page that fails its test when anything was refused, failed in a script or went elsewhere."""
    context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="en-GB")
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if _is_refusal(message.text) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if _is_ours(request.url) else problems.append(request.url))
    yield page
    context.close()
    assert problems == []


def _is_refusal(said: str) -> bool:
    return "Content Security Policy" in said or "Refused to" in said


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "about:", "data:"))
