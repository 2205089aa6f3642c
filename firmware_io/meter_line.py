"""A serial line and the meters under test on it: opened when it is first needed, kept, and opened anew after a failure.

Several meters may hang on one RS-485 line, so the line is a thing of its own that the ports of its meters share. An
adapter or a head that was taken off and put back is found again by the next reading, and nobody waits for it longer
than two attempts.

What belongs to one request is told apart from what was left of another. Everything that came before a request is thrown
away. DL/T 645 says in its answer whose it is and of what, so an answer that came late, or another meter's, is passed
over and the right one waited for. Mode C says neither: a readout that names another meter than was asked is refused;
and after a request that was not answered the line is listened to until it has been quiet, so that nothing is left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from bench.errors import InstrumentError
from bench.ports import Clock, MeterClock
from calibration.quantities import NS_PER_S
from firmware_io.protocol_errors import RemoteProtocolError
from firmware_io.serial_line import SerialLink, SerialSettings

_ATTEMPTS = 2
_WRITE_TIMEOUT_S = 1.5
_LATE_S = 1.0
"""A line that has said nothing for so long after a time-out has nothing left to say (unsure)."""
_LATE_AT_MOST_S = 10.0
_CUT_OFF_S = 0.5
"""A clock that cuts its seconds off showed the start of this second half a second ago, give or take as much."""

T = TypeVar("T")


class NoAnswerError(RemoteProtocolError):
    """Nothing came that ends in time."""

    def __init__(self) -> None:
        super().__init__("no answer")


class MeterLine:
    """One serial port and the meters on it. Errors of its methods: InstrumentError, one line."""

    def __init__(self, settings: SerialSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._link: SerialLink | None = None
        self._lock = threading.Lock()

    def exchange(self, meter: str, talk: Callable[[SerialLink], T]) -> T:
        """What `talk` makes of one of a few attempts; it raises RemoteProtocolError where it makes nothing of it.

        meter: for the message.
        """
        said = ""
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    return talk(self._opened())
                except NoAnswerError as error:
                    said = str(error)
                    self._let_late_answers_pass()
                except RemoteProtocolError as error:
                    said = str(error)
                except OSError as error:
                    said = error.strerror or str(error)
                    self._drop()
        raise InstrumentError(
            f"meter {meter} at {self._settings}: {said}; check its wiring or the seat of the optical head, its "
            f"address, baud rate and parity ({self._settings.ports_found()})"
        )

    def now_ns(self) -> int:
        return self._clock.now_ns()

    def until_ns(self, seconds: float) -> int:
        return self._clock.now_ns() + round(seconds * NS_PER_S)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _let_late_answers_pass(self) -> None:
        """Until the line is quiet, or it is plain that it never is."""
        at_most_ns = self.until_ns(_LATE_AT_MOST_S)
        try:
            while self._link is not None and self.now_ns() < at_most_ns:
                if not self._link.receive(min(self.until_ns(_LATE_S), at_most_ns)):
                    return
        except OSError:  # gone meanwhile: it is opened anew
            self._drop()

    def _opened(self) -> SerialLink:
        if self._link is None:
            self._link = self._settings.open(self._clock, _WRITE_TIMEOUT_S)
        self._link.discard_input()
        return self._link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def clock_between(told: str, asked_ns: int, told_ns: int, now_ns: int) -> MeterClock:
    """A clock that was read somewhere between two instants."""
    middle_ns = (asked_ns + told_ns) // 2
    half_width_s = (told_ns - asked_ns) / 2 / NS_PER_S
    return MeterClock(told, (now_ns - middle_ns) / NS_PER_S + _CUT_OFF_S, half_width_s + _CUT_OFF_S)
