"""IEC 62056-21 mode C, data readout: bytes in, identification and registers out; no port, no clock.

The course (IEC 62056-21:2002, 5.5 and 6.3.1 to 6.3.3; the clauses are unsure). At 300 Bd, 7E1, the reader asks

    / ? [address] ! CR LF

and the meter answers with who it is and how fast it can talk

    / X X X Z identification CR LF        XXX: maker, Z: baud rate, 0 = 300 to 6 = 19,200

The reader acknowledges with `ACK 0 Z 0 CR LF` (0: normal protocol, 0: data readout) and both change to that rate; the
meter sends `STX data ETX BCC`, where BCC is the exclusive or of everything after STX, ETX included. The data are lines
of data sets `address(value*unit)` in the notation of OBIS, closed by a line `!`.

Only the data readout exists here: the acknowledgement that opens the programming mode (ACK 0 Z 1) cannot be made.

`ModeCSession` is the reader's side of one readout. What is sent and what has come are events, and the table below says
which may follow which; anything else is our mistake (LocalProtocolError). Bytes are only stored by `receive`, in pieces
of any size; `next_event` gives what they hold, None while that needs more, or RemoteProtocolError. A bounded number of
bytes is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import xor

from firmware_io.protocol_errors import LocalProtocolError, RemoteProtocolError

BAUD_RATES: Mapping[str, int] = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19_200}
START_BAUD = 300

ENERGY_IMPORT = "1.8.0"
ENERGY_EXPORT = "2.8.0"
TARIFFS_IMPORT = ("1.8.1", "1.8.2", "1.8.3", "1.8.4")
TARIFFS_EXPORT = ("2.8.1", "2.8.2", "2.8.3", "2.8.4")
ACTIVE_CONSTANT = "0.3.0"
TIME, DATE = "0.9.1", "0.9.2"
ADDRESSES = ("0.0.0", "C.1.0", "96.1.0")
"""Where a meter tells its device address or serial number; the first that it tells counts."""

_STX, _ETX, _ACK = b"\x02", b"\x03", b"\x06"
_LONGEST_IDENTIFICATION = 64
_LONGEST_READOUT = 1 << 16
_IDENTIFICATION = re.compile(rb"/([A-Za-z]{3})([0-6])([ -~]{0,32})\r\n")
_DATA_SET = re.compile(r"([^()!/\x02\x03\r\n]*)\(([^()]*)\)")
_OBIS = re.compile(r"(?:\d{1,3}-\d{1,3}:)?([0-9A-Z]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?:[*&]\d{1,3})?")
_TO_KWH = {"": 0, "kWh": 0, "Wh": -3, "MWh": 3}
"""Powers of ten; a register without a unit is taken as kWh."""


@dataclass(frozen=True, slots=True)
class SignOn:
    """The request at 300 Bd; address: of one among several on a line.

    Errors: LocalProtocolError for one that cannot be sent.
    """

    address: str = ""

    def __post_init__(self) -> None:
        if len(self.address) > 32 or not re.fullmatch(r"[0-9A-Za-z ]*", self.address):
            raise LocalProtocolError(
                f"{self.address!r} is no device address; give up to 32 letters and digits"
            )

    def encode(self) -> bytes:
        return b"/?" + self.address.encode("ascii") + b"!\r\n"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Normal protocol, the meter's rate, data readout."""

    baud_character: str

    def encode(self) -> bytes:
        return _ACK + b"0" + self.baud_character.encode("ascii") + b"0\r\n"


@dataclass(frozen=True, slots=True)
class Identification:
    """Who answers. baud: to which both change for the readout."""

    maker: str
    baud_character: str
    text: str

    @property
    def baud(self) -> int:
        return BAUD_RATES[self.baud_character]


@dataclass(frozen=True, slots=True)
class DataSet:
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Readout:
    """The data sets by the short form of their OBIS code ("1.8.0"); the first of a code counts. raw: STX to BCC."""

    registers: Mapping[str, DataSet]
    raw: bytes


class State(StrEnum):
    """How far a readout has come."""

    BEGUN = "begun"
    SIGNED_ON = "signed on"
    IDENTIFIED = "identified"
    ACKNOWLEDGED = "acknowledged"
    READ_OUT = "read out"


Event = SignOn | Identification | Acknowledgement | Readout

TRANSITIONS: Mapping[tuple[State, type[Event]], State] = {
    (State.BEGUN, SignOn): State.SIGNED_ON,
    (State.SIGNED_ON, Identification): State.IDENTIFIED,
    (State.IDENTIFIED, Acknowledgement): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Readout): State.READ_OUT,
}


class ModeCSession:
    """One readout, from signing on to its end. Anything before what is waited for is passed over, as the request's own
    echo, which optical heads give."""

    def __init__(self) -> None:
        self.state = State.BEGUN
        self._held = b""

    def send(self, event: SignOn | Acknowledgement) -> bytes:
        """The bytes to send. Errors: LocalProtocolError where this is not its turn."""
        following = TRANSITIONS.get((self.state, type(event)))
        if following is None:
            raise LocalProtocolError(f"{type(event).__name__} cannot be sent when {self.state}")
        self.state = following
        return event.encode()

    def receive(self, data: bytes) -> None:
        """Keep what has come."""
        self._held += data

    def next_event(self) -> Identification | Readout | None:
        """None: more bytes are needed, or something must be sent first.

        Errors: RemoteProtocolError for a wrong check character, or a readout that does not end.
        """
        found: Identification | Readout | None = None
        if self.state is State.SIGNED_ON:
            found = self._identification()
        elif self.state is State.ACKNOWLEDGED:
            found = self._readout()
        if found is not None:
            self.state = TRANSITIONS[self.state, type(found)]
        return found

    def _identification(self) -> Identification | None:
        if (found := _IDENTIFICATION.search(self._held)) is None:
            self._held = self._held[-_LONGEST_IDENTIFICATION:]
            return None
        self._held = self._held[found.end() :]
        maker, character, text = (part.decode("ascii") for part in found.groups())
        return Identification(maker, character, text)

    def _readout(self) -> Readout | None:
        start = self._held.find(_STX)
        if start < 0:
            self._held = b""
            return None
        self._held = self._held[start:]
        end = self._held.find(_ETX)
        if end < 0 or end + 1 >= len(self._held):
            if len(self._held) > _LONGEST_READOUT:
                raise RemoteProtocolError("the readout does not end; check the baud rate")
            return None
        raw, self._held = self._held[: end + 2], self._held[end + 2 :]
        if reduce(xor, raw[1:-1]) != raw[-1]:
            raise RemoteProtocolError(
                "the check character of the readout is wrong; check the optical head and its seat"
            )
        return Readout(_registers(raw[1:-2].decode("ascii", "replace")), raw)


def _registers(text: str) -> dict[str, DataSet]:
    registers: dict[str, DataSet] = {}
    for code, content in _DATA_SET.findall(text):
        if (obis := _OBIS.fullmatch(code.strip())) is None:
            continue
        value, _, unit = content.partition("*")
        registers.setdefault(obis.group(1), DataSet(value.strip(), unit.strip()))
    return registers


def energy_kWh(readout: Readout, code: str) -> Decimal | None:
    """An energy register with all its decimals; None where the meter does not tell it.

    Errors: RemoteProtocolError for what is no number, or in a unit of another quantity.
    """
    if (found := readout.registers.get(code)) is None:
        return None
    if found.unit not in _TO_KWH:
        raise RemoteProtocolError(f"{code} is in {found.unit!r} and not in kWh")
    return _number(code, found).scaleb(_TO_KWH[found.unit])


def constant_imp_per_kWh(readout: Readout) -> Decimal | None:
    """The constant that the meter tells; None where it does not. Errors: RemoteProtocolError."""
    found = readout.registers.get(ACTIVE_CONSTANT)
    return None if found is None else _number(ACTIVE_CONSTANT, found)


def address(readout: Readout) -> str:
    """Device address or serial number as the meter tells it; empty where it does not."""
    return next((readout.registers[code].value for code in ADDRESSES if code in readout.registers), "")


def moment(readout: Readout) -> str | None:
    """The meter's clock, ISO 8601 without a zone; None where it does not tell it, or in another notation.

    Known are hh:mm:ss or hhmmss, and YY-MM-DD, YYYY-MM-DD or YYMMDD (makers differ, unsure).
    """
    date, time = readout.registers.get(DATE), readout.registers.get(TIME)
    if date is None or time is None:
        return None
    day = re.fullmatch(r"(?:20)?(\d\d)-?(\d\d)-?(\d\d)", date.value)
    hour = re.fullmatch(r"(\d\d):?(\d\d):?(\d\d)", time.value)
    return None if day is None or hour is None else f"20{'-'.join(day.groups())}T{':'.join(hour.groups())}"


def _number(code: str, found: DataSet) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", found.value):
        raise RemoteProtocolError(f"{code} came as {found.value!r}, which is no number")
    return Decimal(found.value)
