"""DL/T 645-2007, as far as reading a meter goes: bytes in, frames and values out; no port, no clock.

A frame is 68 A0..A5 68 C L DATA CS 16, low byte first everywhere. Each byte of DATA travels with 33H added; CS is the
sum modulo 256 of everything from the first 68 on (DL/T 645-2007, 5.2; the clauses are unsure). Bytes FE before a frame
wake the receiver up and belong to nothing.

Only the two control codes that read exist here: 11H (read data) and 13H (read the address). What writes, freezes,
clears or switches begins at 14H and cannot be made with this module.

`FrameReader` is fed whatever the wire brings, in pieces of any size, and gives the frames in it. What is no frame is
passed over byte by byte, so noise costs nothing but itself, and it never keeps more than one frame's length.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from firmware_io.protocol_errors import LocalProtocolError, RemoteProtocolError

READ_DATA = 0x11
READ_ADDRESS = 0x13
ANY_ADDRESS = "AAAAAAAAAAAA"
"""Every meter answers to it: for one meter alone on its line."""
WAKE_UP = b"\xfe" * 4

_START, _END, _OFFSET, _WAKE = 0x68, 0x16, 0x33, 0xFE
_ANSWER, _MORE_FOLLOWS, _REFUSED = 0x80, 0x20, 0x40
_NO_SUCH_DATA = b"\x02"
"""Bit 1 of the error word (DL/T 645-2007, annex, unsure); any other error is one of this request."""
_HEAD_BYTES = 10
_MOST_DATA_BYTES = 200
"""Of a reading (DL/T 645-2007, 5.2.4)."""


class DataId(IntEnum):
    """What is read, DI3 DI2 DI1 DI0 (DL/T 645-2007, annex A)."""

    ENERGY_TOTAL = 0x00000000
    """Combined active energy, which may be negative."""
    ENERGY_FORWARD = 0x00010000
    ENERGY_REVERSE = 0x00020000
    ENERGY_FORWARD_TARIFF_1 = 0x00010100
    ENERGY_FORWARD_TARIFF_2 = 0x00010200
    ENERGY_FORWARD_TARIFF_3 = 0x00010300
    ENERGY_FORWARD_TARIFF_4 = 0x00010400
    ACTIVE_POWER = 0x02030000
    DATE = 0x04000101
    TIME = 0x04000102
    ACTIVE_CONSTANT = 0x04000409


TARIFFS = (
    DataId.ENERGY_FORWARD_TARIFF_1,
    DataId.ENERGY_FORWARD_TARIFF_2,
    DataId.ENERGY_FORWARD_TARIFF_3,
    DataId.ENERGY_FORWARD_TARIFF_4,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came. address: twelve digits, high first; data: with 33H taken off; raw: as on the wire."""

    address: str
    control: int
    data: bytes
    raw: bytes


class FrameReader:
    """Finds frames in a stream. `skipped` counts the bytes that belonged to none, but for FE."""

    def __init__(self) -> None:
        self._held = b""
        self.skipped = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with these bytes. Whatever comes, nothing is raised."""
        held, at, frames = self._held + data, 0, []
        while at < len(held):
            length = _frame_length(held, at)
            if length is None:  # not yet decided
                break
            if length == 0:
                self.skipped += held[at] != _WAKE
                at += 1
                continue
            frames.append(_frame(held[at : at + length]))
            at += length
        self._held = held[at:]
        return frames


def _frame_length(held: bytes, at: int) -> int | None:
    """Bytes of the frame that begins here; 0: none does; None: too few bytes to tell."""
    if held[at] != _START:
        return 0
    if len(held) - at < _HEAD_BYTES:
        return None if len(held) - at < 8 or held[at + 7] == _START else 0
    size = held[at + 9]
    if held[at + 7] != _START or size > _MOST_DATA_BYTES:
        return 0
    length = _HEAD_BYTES + size + 2
    if len(held) - at < length:
        return None
    is_whole = held[at + length - 1] == _END and held[at + length - 2] == _sum(held[at : at + length - 2])
    return length if is_whole else 0


def _frame(raw: bytes) -> Frame:
    data = bytes((byte - _OFFSET) & 0xFF for byte in raw[_HEAD_BYTES:-2])
    return Frame(raw[6:0:-1].hex().upper(), raw[8], data, raw)


def _sum(data: bytes) -> int:
    return sum(data) & 0xFF


def read_request(address: str, data_id: DataId) -> bytes:
    """The request for one quantity of the meter with this address (12 digits, or ANY_ADDRESS), without WAKE_UP."""
    return _request(address, READ_DATA, int(data_id).to_bytes(4, "little"))


def address_request() -> bytes:
    """The request for the address of the one meter on the line."""
    return _request(ANY_ADDRESS, READ_ADDRESS, b"")


def _request(address: str, control: int, data: bytes) -> bytes:
    head = bytes([_START]) + _address_bytes(address) + bytes([_START, control, len(data)])
    body = head + bytes((byte + _OFFSET) & 0xFF for byte in data)
    return body + bytes([_sum(body), _END])


def _address_bytes(address: str) -> bytes:
    if address != ANY_ADDRESS and not (len(address) == 12 and address.isascii() and address.isdigit()):
        raise LocalProtocolError(f"{address!r} is no address of a DL/T 645 meter; give its 12 digits")
    return bytes.fromhex(address)[::-1]


def answered_data(frame: Frame, address: str, data_id: DataId) -> bytes | None:
    """The bytes of the value, low first; None where the meter says that it has no such quantity.

    Errors: RemoteProtocolError for a frame that is no answer to this request.
    """
    if address not in (ANY_ADDRESS, frame.address):
        raise RemoteProtocolError(f"meter {frame.address} answered instead of {address}")
    if frame.control == READ_DATA | _ANSWER | _REFUSED:
        if frame.data[:1] == _NO_SUCH_DATA:
            return None
        raise RemoteProtocolError(
            f"meter {frame.address} refused the reading (error {frame.data.hex().upper()})"
        )
    if frame.control not in (READ_DATA | _ANSWER, READ_DATA | _ANSWER | _MORE_FOLLOWS):
        raise RemoteProtocolError(f"control code {frame.control:02X} does not answer a reading")
    if frame.data[:4] != int(data_id).to_bytes(4, "little"):
        raise RemoteProtocolError(
            f"{frame.data[3::-1].hex().upper()} was answered instead of {int(data_id):08X}"
        )
    return frame.data[4:]


def answered_address(frame: Frame) -> str:
    """The address that a meter tells of itself. Errors: RemoteProtocolError."""
    if frame.control != READ_ADDRESS | _ANSWER or len(frame.data) != 6:
        raise RemoteProtocolError(f"control code {frame.control:02X} does not tell an address")
    told = frame.data[::-1].hex()
    if not told.isdigit():
        raise RemoteProtocolError(f"{told.upper()} is no address")
    return told


_SIGNED = {DataId.ENERGY_TOTAL, DataId.ACTIVE_POWER}
_SHAPE = {DataId.ACTIVE_POWER: (3, 4), DataId.ACTIVE_CONSTANT: (3, 0)}
"""Bytes and decimals of a quantity; an energy has 4 bytes, XXXXXX.XX kWh."""


def number(data_id: DataId, data: bytes) -> Decimal:
    """A value from its binary-coded decimal bytes: kWh, kW or imp/kWh, with all its decimals.

    Errors: RemoteProtocolError for bytes that are none, or too few or too many of them.
    """
    size, decimals = _SHAPE.get(data_id, (4, 2))
    if len(data) != size:
        raise RemoteProtocolError(f"{int(data_id):08X} has {size} bytes, not {len(data)}")
    high = data[-1]
    is_negative = data_id in _SIGNED and bool(high & 0x80)
    digits = (data[:-1] + bytes([high & 0x7F if data_id in _SIGNED else high]))[::-1].hex()
    if not digits.isdigit():
        raise RemoteProtocolError(f"{int(data_id):08X} came as {digits.upper()}, which is no number")
    value = Decimal(int(digits)).scaleb(-decimals)
    return -value if is_negative else value


def moment(date: bytes, time: bytes) -> tuple[int, int, int, int, int, int]:
    """Year, month, day, hour, minute, second of the meter's clock from DATE (day of the week first) and TIME.

    Errors: RemoteProtocolError for what is no date or time.
    """
    written = (date[::-1][:3] + time[::-1]).hex()
    if len(date) != 4 or len(time) != 3 or not written.isdigit():
        raise RemoteProtocolError(f"date {date[::-1].hex()} and time {time[::-1].hex()} cannot be read")
    year, month, day, hour, minute, second = (int(written[k : k + 2]) for k in range(0, 12, 2))
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        raise RemoteProtocolError(f"{written} is no date and time")
    return 2000 + year, month, day, hour, minute, second
