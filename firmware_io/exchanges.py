"""One request, one deadline, one whole reply, over whatever carries bytes: what every driver that asks has in common.

Nothing is repeated here, and nothing is believed to be an answer because it is there: what came before a request is
thrown away, within bounds, and what comes after the end of a reply spoils it. Between two exchanges there is the
silence that the wire and the device ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bench.ports import Clock
from calibration.quantities import NS_PER_S
from firmware_io.protocol_errors import BadReplyError, ReplyFault

_CHUNKS_DISCARDED_AT_ONCE = 64

LengthOf = Callable[[bytes], int | None]
"""Length of the reply that these bytes begin; None while that cannot be told."""


class Link(Protocol):
    """An open connection. Errors of every method but `close`: OSError where it is broken."""

    def send(self, data: bytes) -> None: ...

    def receive(self, until_ns: int) -> bytes:
        """What has come; where nothing has, wait for it until until_ns. Empty: nothing came."""

    def close(self) -> None: ...


class Opener(Protocol):
    """Where a device is. `str()` names it in messages."""

    def open(self, clock: Clock, timeout_s: float) -> Link:
        """Errors: OSError where it cannot be reached just now."""

    def advice(self) -> str:
        """What to check when it cannot be reached or does not answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. request_ns: just before its request was handed to the wire; reply_ns: its last byte had come."""

    data: bytes
    request_ns: int
    reply_ns: int


def discard(link: Link, now_ns: int) -> bool:
    """Throw away what has come; whether there was anything. Bounded, for devices that never stop."""
    chunks = 0
    while chunks < _CHUNKS_DISCARDED_AT_ONCE and link.receive(now_ns):
        chunks += 1
    return chunks > 0


class Exchanges:
    """timeout_s: from a request to the end of its reply. silence_s: pause between two exchanges.

    Errors of its methods: OSError (the link is broken).
    """

    def __init__(self, clock: Clock, timeout_s: float, silence_s: float) -> None:
        self._clock = clock
        self._timeout_ns = round(timeout_s * NS_PER_S)
        self._silence_ns = round(silence_s * NS_PER_S)
        self._quiet_until_ns = 0
        self.request_ns = 0
        """When the latest request was sent."""

    def ask(self, link: Link, request: bytes, length_of: LengthOf) -> Reply:
        """Errors: BadReplyError where no whole reply came in time, or more than one."""
        self._send(link, request)
        data = _receive_whole(link, self.request_ns + self._timeout_ns, length_of)
        reply_ns = self._clock.now_ns()
        self._quiet_until_ns = reply_ns + self._silence_ns
        if not data:
            raise BadReplyError(ReplyFault.SILENT)
        length = length_of(data)
        if length is None or len(data) < length:
            raise BadReplyError(ReplyFault.INCOMPLETE, "incomplete")
        if len(data) > length:
            raise BadReplyError(ReplyFault.GARBLED, f"{len(data) - length} bytes too many")
        return Reply(data, self.request_ns, reply_ns)

    def tell(self, link: Link, data: bytes) -> None:
        """Send what is not answered."""
        self._send(link, data)
        self._quiet_until_ns = self._clock.now_ns() + self._silence_ns

    def be_quiet(self) -> None:
        """Ask nothing for a time-out: what a device still says of a link that was given up must pass first."""
        self._quiet_until_ns = self._clock.now_ns() + self._timeout_ns

    def _send(self, link: Link, data: bytes) -> None:
        self._clock.wait_until(self._quiet_until_ns)
        # Noise of the line's turn-around, a repeated reply: nothing was asked, so it answers nothing.
        discard(link, self._clock.now_ns())
        self.request_ns = self._clock.now_ns()
        link.send(data)


def _receive_whole(link: Link, until_ns: int, length_of: LengthOf) -> bytes:
    received = b""
    while chunk := link.receive(until_ns):
        received += chunk
        length = length_of(received)
        if length is not None and len(received) >= length:
            break
    return received
