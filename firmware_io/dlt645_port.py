"""A meter under test read over DL/T 645-2007: registers, tariffs, clock and constant; nothing is ever written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from bench.errors import InstrumentError
from bench.ports import MeterClock, MeterReading
from firmware_io import dlt645
from firmware_io.dlt645 import DataId, Frame, FrameReader
from firmware_io.meter_line import MeterLine, NoAnswerError, clock_between
from firmware_io.protocol_errors import RemoteProtocolError
from firmware_io.serial_line import SerialLink

_ANSWER_S = 1.5
"""A meter answers within 500 ms (DL/T 645-2007, 5.3, unsure), and the answer takes 0.1 s at 2,400 Bd."""
_DECIMALS = 2

T = TypeVar("T")


class Dlt645Port:
    """A meter that speaks DL/T 645-2007. address: its 12 digits; empty where it is alone on its line."""

    def __init__(self, line: MeterLine, address: str = "", *, reads_export: bool = False) -> None:
        self._line = line
        self._address = address
        self._total = DataId.ENERGY_REVERSE if reads_export else DataId.ENERGY_FORWARD
        self._tariffs = () if reads_export else dlt645.TARIFFS
        self._raw: list[bytes] = []

    def read(self) -> MeterReading:
        """The registers; constant and clock where the meter tells them. Errors: InstrumentError."""
        self._raw = []
        address = self._address or self.read_address()
        total = self._number(address, self._total)
        at_ns = self._line.now_ns()
        if total is None:
            raise InstrumentError(f"meter {address}: it has no register {int(self._total):08X}")
        tariffs = [self._number(address, each) for each in self._tariffs]
        constant = self._number(address, DataId.ACTIVE_CONSTANT)
        clock = self._clock(address)
        return MeterReading(
            total_kWh=total,
            tariffs_kWh=tuple(t for t in tariffs if t is not None),
            decimals=_DECIMALS,
            meter_constant_imp_per_kWh=constant,
            at_ns=at_ns,
            raw=b"".join(self._raw),
            address=address,
            clock=clock,
        )

    def read_address(self) -> str:
        """The address of the one meter on the line."""

        def talk(link: SerialLink) -> str:
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
        except (RemoteProtocolError, InstrumentError):
            return None
        told = f"{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}"
        return clock_between(told, asked_ns, told_ns, self._line.now_ns())

    def _number(self, address: str, data_id: DataId) -> Decimal | None:
        """A value; None where the meter says that it has none."""
        data = self._data(address, data_id)
        if data is None:
            return None
        try:
            return dlt645.number(data_id, data)
        except RemoteProtocolError as error:
            raise InstrumentError(f"meter {address}: {error}") from error

    def _data(self, address: str, data_id: DataId) -> bytes | None:
        def answer(frame: Frame) -> bytes | None:
            return dlt645.answered_data(frame, address, data_id)

        def talk(link: SerialLink) -> bytes | None:
            return self._ask(link, dlt645.read_request(address, data_id), answer)

        return self._line.exchange(address, talk)

    def _ask(self, link: SerialLink, request: bytes, answer: Callable[[Frame], T]) -> T:
        """What the first frame says that answers the request; any other is passed over.

        Others are the request's own echo, which two-wire adapters give, and what another meter says or comes late.
        Errors: RemoteProtocolError of the last of them where none answered; NoAnswerError where there was none.
        """
        link.send(dlt645.WAKE_UP + request)
        reader, until_ns = FrameReader(), self._line.until_ns(_ANSWER_S)
        passed_over: RemoteProtocolError = NoAnswerError()
        while self._line.now_ns() < until_ns:
            for frame in reader.feed(link.receive(until_ns)):
                if frame.raw == request:
                    continue
                try:
                    said = answer(frame)
                except RemoteProtocolError as error:
                    passed_over = error
                    continue
                self._raw.append(frame.raw)
                return said
        raise passed_over

    def close(self) -> None:
        self._line.close()
