"""A bench that speaks the socket protocol of docs/architecture.md and says only what a test tells it to."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.control.client import apply_patch


class FakeBench:
    """Serves one STATE on a Unix socket; `change` patches it for every subscriber.

    Used as a context manager; leaving it closes every connection and ends every thread it started.
    """

    def __init__(self, path: Path, state: dict[str, Any]) -> None:
        self.path = path
        self.state = state
        self._sequence = 0
        self._lock = threading.Lock()
        self._subscribers: list[socket.socket] = []
        self._subscribed = threading.Condition(self._lock)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> FakeBench:
        self.path.unlink(missing_ok=True)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_all()
        for thread in list(self._threads):
            thread.join(timeout=5)
            assert not thread.is_alive()

    def change(self, patch: dict[str, Any]) -> None:
        """Change the state and tell every subscriber."""
        with self._lock:
            self._sequence += 1
            self.state = apply_patch(self.state, patch)
            self._say({"type": "change", "seq": self._sequence, "patch": patch})

    def set_state(self, state: dict[str, Any]) -> None:
        """Another state at once: every subscriber gets a new snapshot."""
        with self._lock:
            self._sequence += 1
            self.state = state
            self._say({"type": "snapshot", "seq": self._sequence, "state": state})

    def say(self, message: dict[str, Any]) -> None:
        """Send any message as it is, to test what the web makes of it."""
        with self._lock:
            self._say(message)

    def replace(self, state: dict[str, Any]) -> None:
        """Another state altogether, as after a restart of the bench: every connection ends."""
        with self._lock:
            self.state = state
        self.drop_all()

    def drop_all(self) -> None:
        with self._lock:
            for connection in self._subscribers:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._subscribers.clear()

    def wait_for_subscriber(self, timeout_s: float = 10.0) -> None:
        with self._subscribed:
            assert self._subscribed.wait_for(lambda: self._subscribers, timeout_s), "nobody subscribed"

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """What it says to a command; `StaffBench` knows some."""
        raise AssertionError(f"this bench is only listened to, and was told {message}")

    def _say(self, message: dict[str, Any]) -> None:
        line = json.dumps(message).encode() + b"\n"
        for connection in self._subscribers:
            with contextlib.suppress(OSError):
                connection.sendall(line)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                message = json.loads(line)
                if message != {"do": "subscribe"}:
                    with contextlib.suppress(OSError):
                        connection.sendall(json.dumps(self.answer(message)).encode() + b"\n")
                    continue
                with self._subscribed:
                    snapshot = {"type": "snapshot", "seq": self._sequence, "state": self.state}
                    with contextlib.suppress(OSError):
                        connection.sendall(json.dumps(snapshot).encode() + b"\n")
                    self._subscribers.append(connection)
                    self._subscribed.notify_all()

    def _spawn(self, target: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
