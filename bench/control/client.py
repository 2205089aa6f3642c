"""The client side of the control socket: what the web process and the command line speak.

The messages are listed in docs/architecture.md; one JSON object a line, UTF-8, over a Unix socket. A change of
the state is a JSON merge patch (RFC 7396): `merge_patch` makes one and `apply_patch` applies it.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.errors import OperatorError

Message = dict[str, Any]

CONNECT_TIMEOUT_S = 2.0
LONGEST_LINE_BYTES = 8_000_000
"""A message longer than this is no message of the bench."""


class ControlClient:
    """One connection to the measuring process. Use it as a context manager.

    timeout_s bounds every wait for a message (None: for ever). Errors: OperatorError where no bench listens at
    the path; TimeoutError; ConnectionError where the bench closed the connection (it drops who does not read)
    or sent what is no message.
    """

    def __init__(self, socket_path: str | Path, timeout_s: float | None = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(CONNECT_TIMEOUT_S)
        try:
            self._socket.connect(str(socket_path))
            self._socket.settimeout(timeout_s)
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

    def interrupt(self) -> None:
        """Make a `receive` that waits in another thread end with a ConnectionError."""
        # A connection that is ending by itself needs no waking.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, message: Message) -> None:
        """Errors: OperatorError for what is no text, such as bytes of a command line that are no UTF-8."""
        try:
            line = json.dumps(message, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise OperatorError("what was given is no UTF-8 text; type it anew") from error
        self._socket.sendall(line + b"\n")

    def receive(self) -> Message:
        """The next message of the bench."""
        line = self._file.readline(LONGEST_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise ConnectionError("the bench closed the connection")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConnectionError(f"the bench sent what is not JSON: {error}") from error
        if not isinstance(message, dict):
            raise ConnectionError("the bench sent a message that is no object")
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

    def snapshot(self) -> Message:
        """The STATE as it is now; the connection gets changes from then on and is of no other use."""
        return dict(next(self.subscribe())["state"])

    def start(self, plan_text: str, resumed_id: str | None = None, by: tuple[str, str] | None = None) -> str:
        """Ask for a run of this plan, or for going on with an earlier one of it; the id of the new run.

        by: who verifies, and the password.
        """
        message = {"do": "start", "plan": plan_text}
        if by is not None:
            message["by"], message["password"] = by
        if resumed_id is not None:
            message["resume"] = resumed_id
        return str(self.request(message)["run"])

    def answer(self, position: str, fields: Mapping[str, str], *, rest_ok: bool = False) -> Message:
        """Answer what the bench asks of a position; rest_ok: what is open after that is ok.

        The message says what is held then, what is open and what was replaced.
        """
        said = {"do": "answer", "position": position, "fields": dict(fields), "rest_ok": rest_ok}
        return self.request(said)

    def skip(self, position: str, why: str) -> None:
        """Take a position out of the run; why: for the record, in the operator's words."""
        self.request({"do": "skip", "position": position, "why": why})

    def certificate_drafts(self) -> list[Message]:
        """Drafts of certificates that wait for signatures, with those that they have."""
        return list(self.request({"do": "certificate_drafts"})["drafts"])

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None = None) -> Message:
        """Sign a draft (D7) as a person, with the password; what it came to. It takes seconds."""
        message = {"do": "certificate_sign", "draft": draft, "by": by[0], "password": by[1]}
        return self.request(message if role is None else message | {"as": role})

    def stop(self) -> None:
        self.request({"do": "stop"})

    def confirm(self) -> None:
        """Somebody at the bench confirms what it waits for: the start, or a load that was set by hand."""
        self.request({"do": "confirm"})


def merge_patch(old: Message, new: Message) -> Message:
    """The patch that makes `new` of `old`; empty where they are equal. Lists are replaced as a whole.

    `new` cannot hold a null where `old` has a value, other than as "no value": RFC 7396 removes the key, and
    a reader takes a missing key for null.
    """
    patch: Message = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            if inner := merge_patch(before, value):
                patch[key] = inner
        elif key not in old or value != before:
            patch[key] = value
    return patch


def apply_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2; neither `target` nor `patch` is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply_patch(result.get(key), value)
    return result
