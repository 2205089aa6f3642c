"""A meter under test read over IEC 62056-21 mode C: its data readout; nothing is ever written."""

from __future__ import annotations

from bench.errors import InstrumentError
from bench.ports import MeterReading
from firmware_io import iec62056_21
from firmware_io.iec62056_21 import Acknowledgement, Identification, ModeCSession, Readout, SignOn
from firmware_io.meter_line import MeterLine, NoAnswerError, clock_between
from firmware_io.protocol_errors import RemoteProtocolError
from firmware_io.serial_line import SerialLink

_IDENTIFICATION_S = 3.0
"""1.5 s until it answers, and a line of 30 characters at 300 Bd (IEC 62056-21, 6.3.14, unsure)."""
_READOUT_S = 120.0
_QUIET_S = 2.0
"""A readout whose next character does not come for so long has broken off."""


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
        except RemoteProtocolError as error:
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
            clock=None if moment is None else clock_between(moment, asked_ns, told_ns, told_ns),
        )

    def _talk(self, link: SerialLink) -> Readout:
        session = ModeCSession()
        link.change_baudrate(iec62056_21.START_BAUD)
        link.send(session.send(SignOn(self._address)))
        who = self._next_event(link, session, _IDENTIFICATION_S, _IDENTIFICATION_S)
        assert isinstance(who, Identification), "what follows signing on"
        link.send(session.send(Acknowledgement(who.baud_character)))
        link.change_baudrate(who.baud)
        found = self._next_event(link, session, _READOUT_S, _QUIET_S)
        assert isinstance(found, Readout), "what follows the acknowledgement"
        self._require_own(iec62056_21.address(found))
        return found

    def _next_event(
        self, link: SerialLink, session: ModeCSession, at_most_s: float, quiet_s: float
    ) -> Identification | Readout:
        """Errors: NoAnswerError where the line said nothing for so long, or too much in all; RemoteProtocolError."""
        until_ns = self._line.until_ns(at_most_s)
        while (event := session.next_event()) is None:
            is_over = self._line.now_ns() >= until_ns
            piece = b"" if is_over else link.receive(min(self._line.until_ns(quiet_s), until_ns))
            if not piece:
                raise NoAnswerError
            session.receive(piece)
        return event

    def _require_own(self, told: str) -> None:
        """Errors: RemoteProtocolError for the readout of another meter than the one that was asked by its address."""
        asked = self._address.strip()
        if asked and told and asked.lstrip("0") != told.lstrip("0"):
            raise RemoteProtocolError(f"meter {told} answered instead of {asked}")

    def close(self) -> None:
        self._line.close()
