"""What looks at pages: axe, the window's width, what a page asks for and is refused; and a window that is kept.

A window of its own for every screen took two thirds of the time of all of them: a process, its fonts, and axe compiled
again. So one window of each language is kept, and made as new for each screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.case_pictures import LANGUAGES
from tests.browser.case_screen import Screen
from tests.browser.case_site import CaseSite
from tests.browser.pictures import leave

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SERVER_ERROR, MEANT_TO_FAIL = 500, ("/fault", "/busy")


def violations(page: Page, rules: tuple[str, ...] = RULES) -> list[str]:
    """What axe finds: each rule that is broken, where, and the beginning of what stands there."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # What is all right is not worked out in detail: that takes most of the time.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = page.evaluate("(options) => axe.run(options).then((said) => said.violations)", options)
    return [f"{one['id']}: {node['target']} {node['html'][:160]}" for one in found for node in one["nodes"]]


def looked_at(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*violations(page), "wider than the window"] if wider else violations(page)


class Watched:
    """What a page does that it must not: `problems`; and how much it costs to open: `received` (bytes)."""

    def __init__(self, page: Page, wire: CDPSession, site: CaseSite) -> None:
        self.page = page
        self.problems: list[str] = []
        self.received = 0
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("response", lambda said: self._fail(said.status, said.url))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("request", lambda asked: self._ask(asked.url, site.address))
        wire.send("Network.enable")
        wire.on("Network.responseReceived", lambda said: self._take(said["response"]["encodedDataLength"]))
        wire.on("Network.dataReceived", lambda said: self._take(said["dataLength"]))

    def begin(self) -> None:
        """With another screen."""
        self.problems.clear()
        self.received = 0

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


class KeptWindow:
    """The window of a language in which one screen after the other is looked at. A context manager."""

    def __init__(self, browser: Browser, site: CaseSite, language: str) -> None:
        self._browser, self._site, self._language = browser, site, language
        self._watched: Watched | None = None

    @contextmanager
    def as_new(self, screen: Screen) -> Iterator[Watched]:
        """With nothing of the screen before but what no page can see; of whoever looks at this one, at its smallest.

        After a test that fails, the next one gets a window that is new.
        """
        watched = self._watched or self._open()
        page, context = watched.page, watched.page.context
        context.clear_cookies()
        page.emulate_media(media="null", color_scheme="light")
        width, height = min(screen.sizes)  # a telephone, but for what hangs on a wall
        page.set_viewport_size({"width": width, "height": height})
        if screen.who is not None:
            self._site.sign_in(context, screen.who)
        watched.begin()
        try:
            yield watched
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
            leave(page, self._site.address)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._watched is not None:
            self._watched.page.context.close()
            self._watched = None

    def _open(self) -> Watched:
        context = self._browser.new_context(locale=LANGUAGES[self._language])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        self._watched = Watched(page, wire, self._site)
        # Every screen is somebody's first view.
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        return self._watched
