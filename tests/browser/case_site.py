"""The pages of the service in front of a bench that knows persons, in one process, so that a test seeds the casework
through its own functions while a browser looks at it.

The web process opens `casework.sqlite` alone, and so does this: the application, its server and the test share it.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import current_app
from playwright.sync_api import BrowserContext
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.control.client import ControlRefusedError
from tests.casework.stories import Clock
from tests.web import canned, states
from tests.web.staff_bench import PASSWORD, StaffBench
from web import create_app
from web.after.outcome import outcome_of
from web.casework import outcomes
from web.casework.invitations import accept, invite
from web.casework.model import Case
from web.casework.store import Casework
from web.page_files import PageFiles
from web.serve import close

PATIENCE_S = 10.0


def _fault() -> str:
    """An address that only this site has: what a mistake of ours looks like."""
    current_app.logger.disabled = True
    raise ZeroDivisionError


def _busy() -> str:
    """And this: what the bench refuses while it is busy with another of these."""
    raise ControlRefusedError("busy", "busy", {})


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing of what was asked for belongs into the output of tests."""


class CaseSite:
    """A `StaffBench`, the application with its casework, and a server on a free port. A context manager."""

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        self._state = canned.measuring() if state is None else state
        self.clock = Clock()
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> CaseSite:
        with self._ends as ends:
            folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="case")))
            self.bench = ends.enter_context(StaffBench(folder / "bench.sock", self._state))
            app = self.app = create_app(
                str(self.bench.path), files=PageFiles(casework=folder / "casework.sqlite"), now=self.clock
            )
            ends.callback(close, app)
            app.add_url_rule("/fault", "fault", _fault)
            app.add_url_rule("/busy", "busy", _busy)
            self.casework: Casework = app.extensions["casework"]
            server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
            self.address = f"http://127.0.0.1:{server.server_port}/"
            ends.enter_context(_running(server))
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """As when the process ends: every stream with it. A second call has no effect."""
        self._ends.close()

    def day(self, days_on: int) -> str:
        """A day so many days from the clock's."""
        return (self.clock.at + timedelta(days=days_on)).date().isoformat()

    def shows(self, state: dict[str, Any]) -> None:
        """The bench is in this state, and the pages have heard it."""
        self.bench.set_state(state)
        feed = self.app.extensions["feed"]
        moment = feed.latest()
        while moment.state != state:
            newer = feed.wait_after(moment.version, PATIENCE_S)
            assert newer.version > moment.version, "the pages do not hear the bench"
            moment = newer

    def state_of(self, case: Case, name: str) -> dict[str, Any]:
        """A canned state, as that of the last run of this case."""
        state: dict[str, Any] = states.ALL[name]()
        state["run"] |= {"id": case.run_ids[-1], "case": case.id, "verifier": case.verifier}
        state["positions"]["1"]["serial"] = case.serial
        return state

    def keep_result(self, case: Case, name: str) -> dict[str, Any]:
        """What the case has of its finished run; the bench then shows another one or this."""
        state = self.state_of(case, name)
        outcomes.keep(self.casework, case.id, case.run_ids[-1], outcome_of(state, "1"))
        return state

    def show_run_of(self, case: Case) -> None:
        """The bench shows a finished run, as that of this case."""
        self.shows(self.keep_result(case, "finished_pass"))

    def let_in(self, context: BrowserContext, case: Case) -> None:
        """The browser is that of the customer of a case from now on, as after the page of an invitation."""
        cookie, _ = accept(self.casework, invite(self.casework, case.id, case.verifier or ""))
        context.add_cookies([{"name": "visit", "value": cookie, "url": self.address}])

    def sign_in(self, context: BrowserContext, person: str) -> None:
        """The browser is somebody's from now on, as after the page for signing in."""
        answer = self.bench.answer({"do": "sign_in", "by": person, "password": PASSWORD})
        context.add_cookies([{"name": "staff", "value": answer["session"], "url": self.address}])


@contextlib.contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
        assert not thread.is_alive()
