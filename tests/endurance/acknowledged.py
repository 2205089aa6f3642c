"""What a bench and its web say is done: written down by those who were told, to be held against what is there later.

Two who work without a pause, each in a thread: an operator who starts run after run and reads every result, and
customers who send applications. Each thing that was acknowledged is given to `say` at once, as one flat JSON object.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from bench.control.client import ControlClient
from bench.errors import BenchError
from tests.endurance.appliance import PLAN, Appliance, results_of
from tests.following import states

Said = dict[str, Any]
STARTED, RESULT, ENDED, APPLICATION = "started", "result", "ended", "application"
_AGAIN_S = 0.05
_PATIENCE_S = 60.0
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_SENT = re.compile(r"/apply/sent/(C[0-9-]+)")
_ADDRESSES = 250
"""Of the loopback network: one address may send only so often."""


class AtWork:
    """The operator and the customers, while it is entered. What they meet while a process is away is no error."""

    def __init__(self, appliance: Appliance, say: Callable[[Said], None], go_on_with: str = "") -> None:
        """go_on_with: the run that the operator goes on with first; empty: a new one."""
        self._appliance = appliance
        self._tell = say
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._operate), threading.Thread(target=self._apply)]
        self._customers = 0
        self._go_on_with = go_on_with

    def __enter__(self) -> AtWork:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _say(self, what: str, **values: str | None) -> None:
        with self._lock:
            self._tell({"what": what, **values})

    def _operate(self) -> None:
        while not self._is_over.wait(_AGAIN_S):
            try:
                self._one_run()
            except (BenchError, OSError):
                continue  # it is away, or busy; whoever was told nothing has nothing to hold against it

    def _one_run(self) -> None:
        with ControlClient(self._appliance.socket_path, _PATIENCE_S) as client:
            resumed, self._go_on_with = self._go_on_with, ""
            run_id = client.start(PLAN, resumed or None)
        self._say(STARTED, run=run_id, resumed=resumed)
        known: dict[str, Any] = {}
        with ControlClient(self._appliance.socket_path, _PATIENCE_S) as client:
            for state in states(client):
                if (state.get("run") or {}).get("id") != run_id:
                    return
                for name, result in results_of(state).items():
                    if name not in known:
                        known[name] = result
                        self._say(RESULT, run=run_id, of=name, **result)
                if (verdict := state["run"].get("verdict")) is not None:
                    self._say(ENDED, run=run_id, verdict=verdict)
                    return
                if self._is_over.is_set():
                    return

    def _apply(self) -> None:
        while not self._is_over.wait(_AGAIN_S):
            try:
                self._one_application()
            except (http.client.HTTPException, OSError):
                continue

    def _one_application(self) -> None:
        self._customers += 1
        number = self._customers
        address = f"127.1.{number // _ADDRESSES % _ADDRESSES + 1}.{number % _ADDRESSES + 1}"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._appliance.port, timeout=_PATIENCE_S, source_address=(address, 0)
        )
        try:
            connection.request("GET", "/apply")
            answer = connection.getresponse()
            page, cookie = answer.read().decode(), answer.headers.get("Set-Cookie", "").partition(";")[0]
            token = _TOKEN.search(page)
            if token is None:
                return
            serial = f"SIM-{time.monotonic_ns()}"
            typed = {
                "csrf": token[1],
                "name": "A. Customer",
                "address": "1 Plug Lane",
                "phone": "555 0100",
                "doubt": f"the plug was pulled on {serial}",
                "serial": serial,
                "expects": "that it is still there",
                "sure": "5",
                "trust": "5",
            }
            form = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/apply", urlencode(typed), form)
            answer = connection.getresponse()
            answer.read()
            if sent := _SENT.search(answer.headers.get("Location") or ""):
                self._say(APPLICATION, case=sent[1], serial=serial)
        finally:
            connection.close()
