"""The connection to a load source: one request, one deadline, one answer, over whatever carries bytes.

After an exchange that failed the connection is given up; the next one opens it anew, and lets pass for a time-out what
the device may still say of the old one. An orderly refusal leaves it open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bench.errors import InstrumentError
from bench.ports import Clock
from firmware_io.exchanges import Exchanges, LengthOf, Link, Opener
from firmware_io.protocol_errors import BadReplyError, ReplyFault
from firmware_io.source_profiles import SourceProfile

T = TypeVar("T")


class SourceLink:
    """name: which source, for messages. silence_s: pause between two exchanges that the device wants.

    Errors of every exchange: InstrumentError, one line.
    """

    def __init__(self, name: str, opener: Opener, clock: Clock, timeout_s: float, silence_s: float) -> None:
        self.name = f"load source {name} at {opener}"
        self._opener = opener
        self._clock = clock
        self._timeout_s = timeout_s
        self.exchange_s = timeout_s + silence_s
        """How long one exchange takes at most."""
        self._exchanges = Exchanges(clock, timeout_s, silence_s)
        self._link: Link | None = None

    def tell(self, data: bytes) -> None:
        """Send what is not answered."""
        try:
            self._exchanges.tell(self._opened(), data)
        except OSError as error:
            raise self._broken(error.strerror or str(error)) from error

    def ask(self, request: bytes, length_of: LengthOf, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the whole reply; it raises BadReplyError where it makes nothing of it."""
        try:
            return read(self._exchanges.ask(self._opened(), request, length_of).data)
        except OSError as error:
            raise self._broken(error.strerror or str(error)) from error
        except BadReplyError as bad:
            raise self._bad(bad) from bad

    def reopen(self) -> None:
        """Forget the connection; the next exchange opens it anew."""
        if self._link is not None:
            self._link.close()
            self._link = None
            self._exchanges.be_quiet()

    def _bad(self, bad: BadReplyError) -> InstrumentError:
        match bad.fault:
            case ReplyFault.REFUSED:
                advice = "look at its range, its lock and its remote mode"
                return InstrumentError(f"{self.name}: it refused ({bad.detail}); {advice}")
            case ReplyFault.SILENT:
                return self._broken(f"no reply in {self._timeout_s:g} s")
            case ReplyFault.UNASKED:
                return self._broken(f"an answer to something else ({bad.detail})")
        return self._broken(f"a damaged reply ({bad.detail})")

    def _broken(self, what: str) -> InstrumentError:
        """The error to raise where the connection cannot be trusted any more; it is given up."""
        self.reopen()
        return InstrumentError(f"{self.name}: {what}; {self._opener.advice()}")

    def _opened(self) -> Link:
        """Errors: OSError."""
        if self._link is None:
            self._link = self._opener.open(self._clock, self._timeout_s)
        return self._link


class WiredSource:
    """What a `SourceDevice` has from its profile and its connection, whatever the wire."""

    def __init__(self, profile: SourceProfile, link: SourceLink) -> None:
        self.range = profile.range
        self.follows_within_s = profile.follows_within_s
        self.name = link.name
        self._link = link

    def reopen(self) -> None:
        self._link.reopen()
