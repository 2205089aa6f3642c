"""The client side of the control socket: what the web process and the command line speak.

The messages are listed in docs/architecture.md; one JSON object a line, UTF-8, over a Unix socket.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.errors import OperatorError

Message = dict[str, Any]


class ControlClient:
    """One connection to the measuring process. Use it as a context manager.

    timeout_s bounds every wait (None: for ever). Errors: OperatorError where no bench listens at the path;
    TimeoutError; ConnectionError where the bench closed the connection (it drops who does not read).
    """

    def __init__(self, socket_path: str | Path, timeout_s: float | None = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(socket_path))
        except OSError as error:
            self._socket.close()
            raise OperatorError(
                f"{socket_path}: no bench answers ({error.strerror}); start bench serve"
            ) from error
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def send(self, message: Message) -> None:
        self._socket.sendall(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def receive(self) -> Message:
        """The next message of the bench."""
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the bench closed the connection")
        message: Message = json.loads(line)
        return message

    def request(self, message: Message) -> Message:
        """Send a command and return its answer. Errors: OperatorError with what the bench refused it for."""
        self.send(message)
        answer = self.receive()
        if answer.get("type") == "error":
            raise OperatorError(str(answer["message"]))
        return answer

    def subscribe(self) -> Iterator[Message]:
        """One snapshot, then changes, until the connection ends."""
        self.send({"do": "subscribe"})
        while True:
            yield self.receive()

    def records(self, since: int) -> tuple[list[Message], int]:
        """Records from number `since` on, some at a time, and the number to ask for next."""
        answer = self.request({"do": "records", "since": since})
        return list(answer["records"]), int(answer["next"])

    def start(self, plan_text: str) -> str:
        """Ask for a run of this plan; its id."""
        return str(self.request({"do": "start", "plan": plan_text})["run"])

    def stop(self) -> None:
        self.request({"do": "stop"})
