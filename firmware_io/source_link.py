"""The connection to a load source: one request, one deadline, one answer, over whatever carries bytes.

Nothing is repeated here. After an exchange that failed the connection is given up; the next one opens it anew, and lets
pass for a time-out what the device may still say of the old one. What comes before a request answers nothing and is
thrown away, within bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bench.errors import InstrumentError
from bench.ports import Clock
from calibration.quantities import NS_PER_S
from firmware_io.modbus_link import Link, discard, receive_whole
from firmware_io.source_values import SourceRange


class Opener(Protocol):
    """Where the source is. `str()` names it in messages."""

    def open(self, clock: Clock, timeout_s: float) -> Link:
        """Errors: OSError where it cannot be reached just now."""

    def advice(self) -> str: ...


class SourceLink:
    """name: which source, for messages. silence_s: pause between two exchanges that the device wants.

    Errors of every exchange: InstrumentError, one line.
    """

    def __init__(self, name: str, opener: Opener, clock: Clock, timeout_s: float, silence_s: float) -> None:
        self.name = f"load source {name} at {opener}"
        self._opener = opener
        self._clock = clock
        self._timeout_s = timeout_s
        self._silence_ns = round(silence_s * NS_PER_S)
        self._link: Link | None = None
        self._quiet_until_ns = 0

    @property
    def exchange_s(self) -> float:
        """How long one exchange takes at most."""
        return self._timeout_s + self._silence_ns / NS_PER_S

    def tell(self, data: bytes) -> None:
        """Send what is not answered."""
        try:
            self._ready().send(data)
        except OSError as error:
            raise self.broken(error.strerror or str(error)) from error
        self._quiet_until_ns = self._clock.now_ns() + self._silence_ns

    def ask(self, data: bytes, length_of: Callable[[bytes], int | None]) -> bytes:
        """The answer: exactly as long as `length_of` says of what has come; it says None while it cannot tell."""
        try:
            link = self._ready()
            until_ns = self._clock.now_ns() + round(self._timeout_s * NS_PER_S)
            link.send(data)
            received = receive_whole(link, until_ns, length_of)
        except OSError as error:
            raise self.broken(error.strerror or str(error)) from error
        self._quiet_until_ns = self._clock.now_ns() + self._silence_ns
        if not received:
            raise self.broken(f"no reply in {self._timeout_s:g} s")
        length = length_of(received)
        if length is None or len(received) < length:
            raise self.broken(f"an incomplete reply in {self._timeout_s:g} s")
        if len(received) > length:
            raise self.broken(f"a reply with {len(received) - length} bytes too many")
        return received

    def broken(self, what: str) -> InstrumentError:
        """The error to raise where the connection cannot be trusted any more; it is given up."""
        self.reopen()
        return InstrumentError(f"{self.name}: {what}; {self._opener.advice()}")

    def reopen(self) -> None:
        """Forget the connection; the next exchange opens it anew."""
        if self._link is not None:
            self._link.close()
            self._link = None
            self._quiet_until_ns = self._clock.now_ns() + round(self._timeout_s * NS_PER_S)

    def _ready(self) -> Link:
        """The open link with nothing left in its input. Errors: OSError."""
        if self._link is None:
            self._link = self._opener.open(self._clock, self._timeout_s)
        self._clock.wait_until(self._quiet_until_ns)
        discard(self._link, self._clock.now_ns())
        return self._link


class SourceProfile(Protocol):
    """What the profile of any source says."""

    @property
    def range(self) -> SourceRange: ...

    @property
    def follows_within_s(self) -> float: ...


class WiredSource:
    """What a `SourceDevice` has from its profile and its connection, whatever the wire."""

    def __init__(self, profile: SourceProfile, link: SourceLink) -> None:
        self.range = profile.range
        self.follows_within_s = profile.follows_within_s
        self.name = link.name
        self._link = link

    def reopen(self) -> None:
        self._link.reopen()
