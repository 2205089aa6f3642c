"""The live state that the page shows, and its changes as JSON merge patches (RFC 7396)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bench.canonical import JsonObject
from bench.control.client import merge_patch

Listener = Callable[[int, JsonObject, JsonObject], None]
"""Called with the number of the change, its patch and the new state (not to be changed); must return at once
and must not call back."""


class LiveState:
    """The newest state, its number, and who is told of changes. Used from any thread."""

    def __init__(self, state: JsonObject) -> None:
        self._lock = threading.Lock()
        self._state = state
        self._sequence = 0
        self._listeners: list[Listener] = []

    def publish(self, state: JsonObject) -> None:
        """Replace the state; listeners get the difference."""
        with self._lock:
            patch = merge_patch(self._state, state)
            if not patch:
                return
            self._state = state
            self._sequence += 1
            for listener in self._listeners:
                listener(self._sequence, patch, state)

    def snapshot(self) -> tuple[int, JsonObject]:
        with self._lock:
            return self._sequence, self._state

    def listen(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.append(listener)

    def stop_listening(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.remove(listener)
