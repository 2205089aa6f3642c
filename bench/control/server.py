"""The control socket: the only way in, and the feed of the live state out.

One thread, non-blocking sockets. Nobody waits for a client: what a client does not read is kept up to a
bound, then it is dropped. Who may ask what stands beside each request (`requests.py`): some are for root and for the
bench's own user, as the kernel names the peer (SO_PEERCRED), not as it names itself. An answer that takes its time
comes from a thread of its kind (`lanes.py`); whoever waits for it holds up nobody, and above all no `stop`.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import selectors
import socket
import stat
import struct
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bench.canonical import JsonObject
from bench.control.asking import Later
from bench.control.lanes import Lanes
from bench.control.live import LiveState
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.control.requests import Commands, carry_out
from bench.errors import BenchError, OperatorError

_LONGEST_LINE_BYTES = 1 << 20
_LONGEST_BACKLOG_BYTES = 4 << 20
_MOST_CLIENTS = 64
_MOST_OF_OWNER = 16
"""Beside those: whoever fills the socket from elsewhere shuts out no `bench stop`."""
_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
_PEER = struct.Struct("3i")
"""struct ucred: pid, uid, gid."""


class _Client:
    """One connection: what it has not sent completely, what we have not sent completely."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.incoming = b""
        self.outgoing = bytearray()
        self.subscribed_at: int | None = None
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        self.uid: int = _PEER.unpack(peer)[1]


class ControlServer:
    """Serves the socket from `start` to `close`. authorised: user ids that may command."""

    def __init__(
        self,
        path: Path,
        live: LiveState,
        commands: Commands,
        authorised: frozenset[int] | None = None,
        backlog_bytes: int = _LONGEST_BACKLOG_BYTES,
        turned: Callable[[], None] = lambda: None,
    ) -> None:
        """turned: called by the thread after each turn, and after each client in it."""
        self._path = path
        self._live = live
        self._commands = commands
        self._authorised = frozenset({0, os.getuid()}) if authorised is None else authorised
        self._backlog_bytes = backlog_bytes
        self._turned = turned
        self._changes: deque[tuple[int, JsonObject]] = deque()
        self._clients: dict[int, _Client] = {}
        self._late_answers: deque[tuple[_Client, bytes]] = deque()
        self._lanes = Lanes()
        self._is_closing = False
        self._listener = _listen(path)
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="control")

    def start(self) -> None:
        self._live.listen(self._on_change)
        self._thread.start()

    def close(self) -> None:
        self._live.stop_listening(self._on_change)
        self._is_closing = True
        self._wake()
        self._thread.join()
        self._lanes.close()
        # Not by the thread: it may see the flag before it is woken.
        self._wake_reader.close()
        self._wake_writer.close()

    def ask_to_turn(self) -> None:
        """Without that it waits for a client, for as long as none comes. For any thread; waits for nothing."""
        self._wake()

    def _on_change(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        """Called by whoever publishes; only queues."""
        self._changes.append((sequence, patch))
        self._wake()

    def _wake(self) -> None:
        try:
            self._wake_writer.send(b"\0")
        except BlockingIOError:  # it has been woken often enough already
            return

    def _run(self) -> None:
        while not self._is_closing:
            for key, events in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._wake_reader:
                    self._wake_reader.recv(4096)
                elif (client := self._clients.get(key.fd)) is not None:
                    self._serve(client, events)
                self._turned()
            self._send_changes()
            while self._late_answers:
                self._queue_line(*self._late_answers.popleft())
            self._turned()
        for client in list(self._clients.values()):
            self._drop(client)
        self._selector.close()
        self._listener.close()
        if _is_socket(self._path):
            self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:  # the client left again, or the process has no descriptor left
            _log.warning("a client of the control socket cannot be accepted: %s", error)
            return
        connection.setblocking(False)
        client = _Client(connection)
        is_owner = client.uid in self._authorised
        if len(self._clients) >= _MOST_CLIENTS + (_MOST_OF_OWNER if is_owner else 0):
            connection.close()
            return
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ)

    def _serve(self, client: _Client, events: int) -> None:
        if events & selectors.EVENT_READ and not self._read(client):
            self._drop(client)
        elif events & selectors.EVENT_WRITE:
            self._write(client)

    def _read(self, client: _Client) -> bool:
        """Carry out the lines that came. False: the client left, or sent what no client sends."""
        try:
            data = client.connection.recv(65_536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        *lines, client.incoming = (client.incoming + data).split(b"\n")
        for line in lines:
            if (answer := self._answer(client, line)) is not None:
                self._queue_line(client, answer)
        return len(client.incoming) <= _LONGEST_LINE_BYTES and client.connection.fileno() >= 0

    def _answer(self, client: _Client, line: bytes) -> bytes | None:
        """The line that answers a line, whatever came in it; None where it comes later."""
        answer = self._guarded(lambda: self._carry_out_line(client, line))
        if not isinstance(answer, Later):
            return _line(answer)

        def deliver(found: bytes) -> None:
            self._late_answers.append((client, found))
            self._wake()

        if not self._lanes.take(answer.lane, lambda: _line(self._guarded(answer.give)), deliver):
            return _line(_told(RefusedByRuleError(Refusal.BUSY)))
        return None

    def _guarded(self, carry_out: Callable[[], _Answer]) -> _Answer | JsonObject:
        """What it gives, or the error that a client is told."""
        try:
            return carry_out()
        except BenchError as error:
            return _told(error)
        except Exception as error:  # noqa: BLE001 - the boundary: one request must not end the socket for all
            _log.error("a request on the control socket failed", exc_info=error)
            return {"type": "error", "message": f"the bench failed at this ({type(error).__name__})"}

    def _carry_out_line(self, client: _Client, line: bytes) -> JsonObject | Later:
        try:
            message = json.loads(line)
            if not _is_text(line, message):
                raise OperatorError("a message is text; half a surrogate pair is none")
            if not isinstance(message, dict):
                raise OperatorError("a message is one JSON object a line")
            return self._carry_out(client, message)
        except ValueError as error:
            return {"type": "error", "message": f"not a JSON object: {error}"}
        except RecursionError:
            return {"type": "error", "message": "not a JSON object of the bench: nested too deeply"}

    def _carry_out(self, client: _Client, message: dict[str, Any]) -> JsonObject | Later:
        if message.get("do") == "subscribe":
            client.subscribed_at, state = self._live.snapshot()
            return {"type": "snapshot", "seq": client.subscribed_at, "state": state}
        return carry_out(self._commands, message, is_owner=client.uid in self._authorised)

    def _send_changes(self) -> None:
        while self._changes:
            sequence, patch = self._changes.popleft()
            message = {"type": "change", "seq": sequence, "patch": patch}
            line = _line(message)
            for client in list(self._clients.values()):
                if client.subscribed_at is not None and sequence > client.subscribed_at:
                    self._queue_line(client, line)

    def _queue_line(self, client: _Client, line: bytes) -> None:
        if client.connection.fileno() < 0:
            return
        client.outgoing += line
        self._write(client)
        if len(client.outgoing) > self._backlog_bytes:
            self._drop(client)

    def _write(self, client: _Client) -> None:
        try:
            sent = client.connection.send(client.outgoing) if client.outgoing else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        del client.outgoing[:sent]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.outgoing else 0)
        self._selector.modify(client.connection, wanted)

    def _drop(self, client: _Client) -> None:
        descriptor = client.connection.fileno()
        if descriptor < 0:
            return
        del self._clients[descriptor]
        self._selector.unregister(client.connection)
        client.connection.close()


def _told(error: BenchError) -> JsonObject:
    said: JsonObject = {"type": "error", "message": str(error)}
    if isinstance(error, RefusedByRuleError):
        said |= {"reason": error.reason.value, "values": error.values}
    return said


def _is_text(line: bytes, message: object) -> bool:
    """Whether nothing in it is half a surrogate pair, which JSON can spell: no file could keep that."""
    if line.isascii() and b"\\u" not in line:
        return True
    try:
        json.dumps(message, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _line(message: JsonObject) -> bytes:
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair, which JSON can spell, is no UTF-8: it goes back as its escape.
    return text.encode(errors="backslashreplace") + b"\n"


def _listen(path: Path) -> socket.socket:
    """Bind the socket; a socket that nobody listens at any more is replaced, and no other kind of file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        if os.path.lexists(path):
            if not _is_socket(path):
                raise OperatorError(f"{path}: is there and is no socket; set bench.socket to another path")
            _refuse_if_alive(path)
            path.unlink()
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen()
    except OSError as error:
        listener.close()
        raise OperatorError(
            f"{path}: the control socket cannot be made ({error.strerror or error})"
        ) from error
    except OperatorError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _refuse_if_alive(path: Path) -> None:
    """Only a refused connection says that nobody listens; one that is not allowed says nothing."""
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(path)) != errno.ECONNREFUSED:
            raise OperatorError(f"{path}: another bench listens there; stop it or set bench.socket")
