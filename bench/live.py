"""The live state that the page shows, and its changes as JSON merge patches (RFC 7396)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from bench.canonical import JsonObject

Listener = Callable[[int, JsonObject, JsonObject], None]
"""Called with the number of the change, its patch and the new state (not to be changed); must return at once
and must not call back."""


def merge_patch(old: JsonObject, new: JsonObject) -> JsonObject:
    """The patch that makes `new` of `old`; empty where they are equal. Lists are replaced as a whole.

    `new` cannot hold a null where `old` has a value, other than as "no value": RFC 7396 removes the key, and
    a reader takes a missing key for null.
    """
    patch: JsonObject = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            if inner := merge_patch(before, value):
                patch[key] = inner
        elif key not in old or value != before:
            patch[key] = value
    return patch


def apply_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2; `target` is not changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply_patch(result.get(key), value)
    return result


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
