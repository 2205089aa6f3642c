"""The real web process in front of a fake bench: what a browser is pointed at."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, BrowserType

from tests.web.fake_bench import FakeBench

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Chromium without its windows: the same pages for two thirds of the processor time."""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--renderer-process-limit=1", "--in-process-gpu"]
"""The sandbox needs rights that a test container has not; and no process is begun in case a page might need one."""
ROOT = Path(__file__).parents[2]


def launch(chromium: BrowserType) -> Browser:
    """The system's browser."""
    return chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class LiveSite:
    """A fake bench and `python -m web` on a free port. A context manager; a restarted web keeps its port.

    state None: nobody listens on the socket.
    """

    def __init__(self, state: dict[str, Any] | None, viewers: int = 50) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench")
        self.socket_path = Path(self._folder.name) / "bench.sock"
        self.bench = FakeBench(self.socket_path, state or {})
        self._has_bench = state is not None
        self._viewers = viewers
        self._web: subprocess.Popen[str] | None = None
        self.address = ""
        self._port = "0"

    def __enter__(self) -> LiveSite:
        if self._has_bench:
            self.bench.__enter__()
        try:
            self.start_web()
        except BaseException:
            # Without this the bench's threads would outlive a web process that did not start.
            self.bench.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_web()
        self.bench.__exit__(kind, error, trace)
        self._folder.cleanup()

    def start_web(self) -> None:
        command = [sys.executable, "-m", "web", "--socket", str(self.socket_path), "--port", self._port]
        self._web = subprocess.Popen(
            [*command, "--viewers", str(self._viewers)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._web.stdout is not None
        self.address = self._web.stdout.readline().strip()
        assert self.address.startswith("http://"), "the web process did not start"
        self._port = self.address.rstrip("/").rsplit(":", 1)[1]

    def stop_web(self) -> None:
        """End the web process as systemd does, and wait for it."""
        if self._web is not None:
            self._web.terminate()
            assert self._web.wait(timeout=10) == 0, "the web process did not end in order"
            assert self._web.stdout is not None
            self._web.stdout.close()
            self._web = None
