"""The communication ports of meters under test: registers, tariffs, clock and constant, read and never written.

Several meters may hang on one RS-485 line, so the line is a thing of its own (`MeterLine`) that the ports of its
meters share. A port is opened when it is first needed, kept, and opened anew after it has failed: an adapter or a head
that was taken off and put back is found again by the next reading, and nobody waits for it longer than two attempts.

What belongs to one request is told apart from what was left of another. Everything that came before a request is thrown
away. DL/T 645 says in its answer whose it is and of what, so an answer that came late, or another meter's, is passed
over and the right one waited for. Mode C says neither: a readout that names another meter than was asked is refused;
and after a request that was not answered the line is listened to until it has been quiet, so that nothing is left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from bench.errors import InstrumentError
from bench.ports import Clock, MeterClock, MeterReading
from calibration.quantities import NS_PER_S
from firmware_io import dlt645, iec62056_21
from firmware_io.dlt645 import AnswerError, DataId, Frame, FrameReader
from firmware_io.iec62056_21 import Identification, Readout, ReadoutError, ReadoutReader
from firmware_io.serial_line import SerialLink, SerialSettings

_ATTEMPTS = 2
_DLT645_ANSWER_S = 1.5
"""A meter answers within 500 ms (DL/T 645-2007, 5.3, unsure), and the answer takes 0.1 s at 2,400 Bd."""
_IDENTIFICATION_S = 3.0
"""1.5 s until it answers, and a line of 30 characters at 300 Bd (IEC 62056-21, 6.3.14, unsure)."""
_READOUT_S = 120.0
_QUIET_S = 2.0
"""A readout whose next character does not come for so long has broken off."""
_LATE_S = 1.0
"""A line that has said nothing for so long after a time-out has nothing left to say (unsure)."""
_LATE_AT_MOST_S = 10.0
_DECIMALS_DLT645 = 2
_CUT_OFF_S = 0.5
"""A clock that cuts its seconds off showed the start of this second half a second ago, give or take as much."""

T = TypeVar("T")


class MeterLine:
    """One serial port and the meters on it. Errors of its methods: InstrumentError, one line."""

    def __init__(self, settings: SerialSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._link: SerialLink | None = None
        self._lock = threading.Lock()

    def exchange(self, meter: str, talk: Callable[[SerialLink], T | None]) -> T:
        """What `talk` gives of a few attempts; None from it means that no answer came.

        meter: for the message.
        """
        said = "no answer"
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    answer = talk(self._opened())
                except (AnswerError, ReadoutError) as error:
                    said = str(error)
                    continue
                except OSError as error:
                    said = error.strerror or str(error)
                    self._drop()
                    continue
                if answer is not None:
                    return answer
                self._let_late_answers_pass()
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
            self._link = self._settings.open(self._clock, _DLT645_ANSWER_S)
        self._link.discard_input()
        return self._link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


@dataclass(frozen=True, slots=True)
class EnergyCodes:
    """Which registers are read: of the total and, in their order, of the tariffs."""

    total: DataId
    tariffs: tuple[DataId, ...]


IMPORT = EnergyCodes(DataId.ENERGY_FORWARD, dlt645.TARIFFS)
EXPORT = EnergyCodes(DataId.ENERGY_REVERSE, ())


class Dlt645Port:
    """A meter that speaks DL/T 645-2007. address: its 12 digits; empty where it is alone on its line."""

    def __init__(self, line: MeterLine, address: str = "", energy: EnergyCodes = IMPORT) -> None:
        self._line = line
        self._address = address
        self._energy = energy
        self._raw: list[bytes] = []

    def read(self) -> MeterReading:
        """The registers; constant and clock where the meter tells them. Errors: InstrumentError."""
        self._raw = []
        address = self._address or self.read_address()
        total = self._number(address, self._energy.total)
        at_ns = self._line.now_ns()
        if total is None:
            raise InstrumentError(f"meter {address}: it has no register {int(self._energy.total):08X}")
        tariffs = [self._number(address, each) for each in self._energy.tariffs]
        constant = self._number(address, DataId.ACTIVE_CONSTANT)
        clock = self._clock(address)
        return MeterReading(
            total_kWh=total,
            tariffs_kWh=tuple(t for t in tariffs if t is not None),
            decimals=_DECIMALS_DLT645,
            meter_constant_imp_per_kWh=constant,
            at_ns=at_ns,
            raw=b"".join(self._raw),
            address=address,
            clock=clock,
        )

    def read_address(self) -> str:
        """The address of the one meter on the line."""

        def talk(link: SerialLink) -> str | None:
            return self._ask(link, dlt645.address_request(), dlt645.answered_address)

        return self._line.exchange("(any address)", talk)

    def _clock(self, address: str) -> MeterClock | None:
        """Date and time are two readings; None where midnight lay between them, or the meter has no clock, was never
        set, or is silent when it is asked for it: nothing rests on it, and the registers are read already."""
        try:
            day = self._data(address, DataId.DATE)
            asked_ns = self._line.now_ns()
            time = self._data(address, DataId.TIME)
            told_ns = self._line.now_ns()
            if day is None or time is None or day != self._data(address, DataId.DATE):
                return None
            year, month, date, hour, minute, second = dlt645.moment(day, time)
        except (AnswerError, InstrumentError):
            return None
        told = f"{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}"
        return _clock_between(told, asked_ns, told_ns, self._line.now_ns())

    def _number(self, address: str, data_id: DataId) -> Decimal | None:
        """A value; None where the meter says that it has none."""
        data = self._data(address, data_id)
        if data is None:
            return None
        try:
            return dlt645.number(data_id, data)
        except AnswerError as error:
            raise InstrumentError(f"meter {address}: {error}") from error

    def _data(self, address: str, data_id: DataId) -> bytes | None:
        def answer(frame: Frame) -> tuple[bytes | None]:
            return (dlt645.answered_data(frame, address, data_id),)

        def talk(link: SerialLink) -> tuple[bytes | None] | None:
            return self._ask(link, dlt645.read_request(address, data_id), answer)

        (data,) = self._line.exchange(address, talk)
        return data

    def _ask(self, link: SerialLink, request: bytes, answer: Callable[[Frame], T]) -> T | None:
        """What the first frame says that answers the request; any other is passed over.

        Others are the request's own echo, which two-wire adapters give, and what another meter says or comes late.
        Errors: AnswerError of the last of them where none answered.
        """
        link.send(dlt645.WAKE_UP + request)
        reader, until_ns = FrameReader(), self._line.until_ns(_DLT645_ANSWER_S)
        passed_over: AnswerError | None = None
        while self._line.now_ns() < until_ns:
            for frame in reader.feed(link.receive(until_ns)):
                if frame.raw == request:
                    continue
                try:
                    said = answer(frame)
                except AnswerError as error:
                    passed_over = error
                    continue
                self._raw.append(frame.raw)
                return said
        if passed_over is not None:
            raise passed_over
        return None

    def close(self) -> None:
        self._line.close()


class ModeCPort:
    """A meter that speaks IEC 62056-21 mode C. address: of one among several on a line; empty for a head on one."""

    def __init__(self, line: MeterLine, address: str = "", *, reads_export: bool = False) -> None:
        self._line = line
        self._address = address
        code, tariffs = iec62056_21.ENERGY_IMPORT, iec62056_21.TARIFFS_IMPORT
        if reads_export:
            code, tariffs = iec62056_21.ENERGY_EXPORT, iec62056_21.TARIFFS_EXPORT
        self._code, self._tariffs = code, tariffs

    def read(self) -> MeterReading:
        """The registers; constant, address and clock where the meter tells them. Errors: InstrumentError."""
        name = self._address or "(optical head)"
        asked_ns = self._line.now_ns()
        readout = self._line.exchange(name, self._talk)
        told_ns = self._line.now_ns()
        moment = iec62056_21.moment(readout)
        try:
            total = iec62056_21.energy_kWh(readout, self._code)
            tariffs = [iec62056_21.energy_kWh(readout, code) for code in self._tariffs]
            constant = iec62056_21.constant_imp_per_kWh(readout)
        except ReadoutError as error:
            raise InstrumentError(f"meter {name}: {error}") from error
        if total is None:
            raise InstrumentError(f"meter {name}: its readout has no register {self._code}")
        exponent = total.as_tuple().exponent
        return MeterReading(
            total_kWh=total,
            tariffs_kWh=tuple(t for t in tariffs if t is not None),
            decimals=-exponent if isinstance(exponent, int) else 0,
            meter_constant_imp_per_kWh=constant,
            at_ns=told_ns,
            raw=readout.raw,
            address=iec62056_21.address(readout),
            clock=None if moment is None else _clock_between(moment, asked_ns, told_ns, told_ns),
        )

    def _talk(self, link: SerialLink) -> Readout | None:
        link.change_baudrate(iec62056_21.START_BAUD)
        link.send(iec62056_21.sign_on(self._address))
        reader = ReadoutReader()
        if (who := self._identified(link, reader)) is None:
            return None
        link.send(iec62056_21.acknowledgement(who))
        link.change_baudrate(who.baud)
        longest_ns, found = self._line.until_ns(_READOUT_S), None
        while found is None and self._line.now_ns() < longest_ns:
            piece = link.receive(min(self._line.until_ns(_QUIET_S), longest_ns))
            if not piece:
                return None
            found = reader.readout(piece)
        if found is not None:
            self._require_own(iec62056_21.address(found))
        return found

    def _require_own(self, told: str) -> None:
        """Errors: ReadoutError for the readout of another meter than the one that was asked by its address."""
        asked = self._address.strip()
        if asked and told and asked.lstrip("0") != told.lstrip("0"):
            raise ReadoutError(f"meter {told} answered instead of {asked}")

    def _identified(self, link: SerialLink, reader: ReadoutReader) -> Identification | None:
        until_ns, found = self._line.until_ns(_IDENTIFICATION_S), None
        while found is None and self._line.now_ns() < until_ns:
            found = reader.identification(link.receive(until_ns))
        return found

    def close(self) -> None:
        self._line.close()


def _clock_between(told: str, asked_ns: int, told_ns: int, now_ns: int) -> MeterClock:
    """A clock that was read somewhere between two instants."""
    middle_ns = (asked_ns + told_ns) // 2
    half_width_s = (told_ns - asked_ns) / 2 / NS_PER_S
    return MeterClock(told, (now_ns - middle_ns) / NS_PER_S + _CUT_OFF_S, half_width_s + _CUT_OFF_S)
