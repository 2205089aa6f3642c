"""`bench demo --full` on a free port, and the people who use it, each in a window of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Browser, Locator, Page

from tests.browser.live_site import ROOT

PASSWORD = "correct horse battery"
ADMINISTRATOR, OFFICE, VERIFIER, OTHER_VERIFIER, CHECKER, OTHER_CHECKER = "P1", "P2", "P3", "P4", "P5", "P6"
"""As `bench/commands/demo_full.py` registers its staff."""
SERIAL = "SIM-000001"
METER_ERROR_PCT = 0.42
DESK, TABLET, PHONE = (1366, 768), (820, 1180), (360, 800)
PATIENCE_MS = 120_000
"""A certificate is set and sealed by a process of its own, beside browsers and a simulation, on two cores."""
BENCH = (sys.executable, "-c", "from bench.commands.cli import main; main()")
_SPEED = 20
_ADDRESS = re.compile(r"http://\S+")


class WholeService:
    """A context manager. address: of the pages, without a slash at its end."""

    def __init__(self, meter_error_pct: float = METER_ERROR_PCT) -> None:
        self._meter_error_pct = meter_error_pct
        self._folder = tempfile.TemporaryDirectory(prefix="whole")
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        self.log = ""
        """All that its processes wrote after the address, once it has ended."""

    def __enter__(self) -> WholeService:
        command = [
            *BENCH, "demo", "--full", "--empty", "--port", "0", "--speed", str(_SPEED),
            "--meter-error", str(self._meter_error_pct), "--staff-password", PASSWORD, "--state-dir", self._folder.name,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        said = ""
        for line in self._process.stdout:
            said += line
            if found := _ADDRESS.search(line):
                self.address = found[0].rstrip("/")
                return self
        self.__exit__(None, None, None)
        raise AssertionError(f"the service did not start:\n{said}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self.log = self._process.communicate(timeout=60)[0] or ""
        self._folder.cleanup()

    @property
    def state_dir(self) -> Path:
        return Path(self._folder.name)


class Window:
    """One person's browser. problems: what it refused, where a script failed, what it asked of elsewhere."""

    def __init__(self, browser: Browser, service: WholeService, size: tuple[int, int]) -> None:
        width, height = size
        # With less motion: each flash of a lamp is painted four times over, in every window, for minutes.
        self._context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
        )
        self.service = service
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.problems: list[str] = []
        self.page.on("console", lambda said: self._take(said.text, "Content Security Policy" in said.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "request", lambda asked: self._take(asked.url, not asked.url.startswith(service.address))
        )

    def _take(self, what: str, is_problem: bool) -> None:
        if is_problem and not what.startswith(("data:", "blob:")):
            self.problems.append(what)

    def open(self, path: str) -> Page:
        self.page.goto(self.service.address + path)
        return self.page

    def sign_in(self, person: str) -> Page:
        self.open("/staff/sign-in?lang=en")
        self.page.locator("[name=by]").fill(person)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.press("Sign in")
        return self.page

    def press(self, name: str) -> None:
        """The button or link of this name, and what comes of it."""
        pressed = self.page.get_by_role("button", name=name, exact=True)
        (pressed if pressed.count() else self.page.get_by_role("link", name=name, exact=True)).first.click()
        self.page.wait_for_load_state()

    def downloaded(self, link: Locator) -> bytes:
        with self.page.expect_download() as download:
            link.first.click()
        return download.value.path().read_bytes()

    def close(self) -> None:
        self._context.close()
        assert self.problems == []
