"""The web's own read model of the bench: what the socket said last, kept up to date by one thread.

The thread connects to the bench's Unix socket, subscribes, takes one snapshot and applies each change to it.
When the connection ends, or a change does not follow the one before, it starts over with a new snapshot; it
waits a little longer after each failure, up to `RETRY_S[-1]`. Viewers read `latest()` and wait for the next
`Moment`; no viewer can slow the thread down, and the state a viewer holds is never changed under it, because
a merge patch makes a new document.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bench.control.client import ControlClient, apply_patch
from bench.errors import OperatorError

log = logging.getLogger(__name__)

RETRY_S = (0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to connect; the last is repeated."""

QUIET_PHASES = frozenset({"idle", "finished", "interrupted"})
"""Phases in which nothing is measured: what is shown stays true without a word."""


class FeedError(Exception):
    """The bench said something that cannot be used; the connection is made anew."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of the bench at one moment.

    version goes up by one with each change of any field. state is STATE of docs/architecture.md, or None
    until the first snapshot; heard_at_s is the monotonic time of the last message.
    """

    version: int = 0
    state: dict[str, Any] | None = None
    is_connected: bool = False
    heard_at_s: float = 0.0

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the state was known to be true; None where nothing was ever received.

        For who looks at results, which stay true while nothing is measured.
        """
        if self.state is not None and self.is_connected and self.state.get("phase") in QUIET_PHASES:
            return 0.0
        return self.silent_s(now_s)

    def silent_s(self, now_s: float) -> float | None:
        """Seconds since the bench last said anything; None where it never has.

        For who watches over the bench: one that measures nothing says its time all the same, and one that hangs keeps
        its connections.
        """
        return None if self.state is None else max(0.0, now_s - self.heard_at_s)


class Feed:
    """Keeps a `Moment` up to date in a thread of its own, from `start()` to `close()`."""

    def __init__(self, socket_path: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self.socket_path = socket_path
        self.now_s = now_s
        self._moment = Moment()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._client: ControlClient | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start listening; a second call has no effect."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="bench feed", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Tell the thread and the viewers to end; returns at once and may be called in a signal handler."""
        self._closed.set()

    def close(self) -> None:
        """End the thread and wake every viewer that waits."""
        self.stop()
        with self._changed:
            if self._client is not None:
                self._client.interrupt()  # wakes the thread out of its read
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    def latest(self) -> Moment:
        with self._changed:
            return self._moment

    def wait_after(self, version: int, timeout_s: float) -> Moment:
        """The first moment after `version`, or the latest one when `timeout_s` is over or the feed closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._moment.version > version or self.is_closed, timeout_s)
            return self._moment

    def _run(self) -> None:
        failures = 0
        while not self.is_closed:
            version_before = self.latest().version
            try:
                self._listen_once()
            except (OSError, OperatorError, FeedError) as problem:
                log.info("no live data from %s: %s", self.socket_path, problem)
            was_heard = self.latest().version > version_before
            if self.latest().is_connected:
                self._tell(is_connected=False)
            failures = 0 if was_heard else failures + 1
            self._closed.wait(RETRY_S[min(failures, len(RETRY_S) - 1)])

    def _listen_once(self) -> None:
        """Connect, subscribe and follow until the connection fails (raises) or the feed is closed (returns)."""
        with ControlClient(self.socket_path, timeout_s=None) as client:
            with self._changed:
                if self.is_closed:
                    return
                self._client = client
            sequence: int | None = None
            try:
                for message in client.subscribe():
                    sequence = self._take(message, sequence)
            finally:
                with self._changed:
                    self._client = None

    def _take(self, message: dict[str, Any], sequence: int | None) -> int | None:
        """Apply one message; returns the sequence number that is now the last."""
        kind = message.get("type")
        if kind == "snapshot":
            self._tell(state=_object(message, "state"), is_connected=True, heard_at_s=self.now_s())
        elif kind == "change":
            if sequence is None or message.get("seq") != sequence + 1:
                raise FeedError(f"change {message.get('seq')} does not follow {sequence}")
            state = apply_patch(self.latest().state, _object(message, "patch"))
            self._tell(state=state, heard_at_s=self.now_s())
        elif kind == "error":
            raise FeedError(str(message.get("message")))
        else:
            # A newer bench may say more than this web knows; what it says in `change` stays understood.
            return sequence
        number = message.get("seq")
        if not isinstance(number, int):
            raise FeedError("a message has no sequence number")
        return number

    def _tell(self, **what: Any) -> None:
        """Publish a new moment and wake the viewers."""
        with self._changed:
            self._moment = replace(self._moment, version=self._moment.version + 1, **what)
            self._changed.notify_all()


def _object(message: dict[str, Any], name: str) -> dict[str, Any]:
    value = message.get(name)
    if not isinstance(value, dict):
        raise FeedError(f"a message has no object {name!r}")
    return value
