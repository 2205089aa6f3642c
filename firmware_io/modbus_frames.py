"""Modbus frames of a client that reads registers: a request to bytes, bytes to the registers of a reply.

pymodbus builds and checks the frames; its transports and its clock are not used
(docs/decisions/0004-modbus.md).
A reply counts only if everything about it is right: complete and not longer, checksum, device, function,
transaction (TCP) and number of registers. What is wrong says why, so the adapter can tell a late reply from
a damaged one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from calibration.reasons import Reason

_REQUESTS = {3: ReadHoldingRegistersRequest, 4: ReadInputRegistersRequest}
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "device failure",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway got no reply",
}
ILLEGAL_ADDRESS = 2
_LARGEST_TCP_FRAME = 260


@dataclass(frozen=True, slots=True)
class Request:
    """Read `count` registers from `address` of device `device_id`. transaction: 1 to 65535, TCP only."""

    device_id: int
    transaction: int
    function_code: int
    address: int
    count: int


@dataclass(frozen=True, slots=True)
class BadReply:
    """A reply that must not be used: why, in the words of the record; the Modbus exception code if any."""

    reason: Reason
    detail: str
    exception_code: int | None = None


class Framing(Protocol):
    def encode(self, request: Request) -> bytes: ...

    def frame_length(self, received: bytes) -> int | None:
        """Length of the reply that `received` begins, in bytes, or None while that cannot be told."""

    def decode(self, request: Request, frame: bytes) -> tuple[int, ...] | BadReply:
        """The registers of a complete reply, exactly as long as `frame_length` said."""


def _encode(framer: FramerBase, request: Request) -> bytes:
    message = _REQUESTS[request.function_code](
        dev_id=request.device_id,
        transaction_id=request.transaction,
        address=request.address,
        count=request.count,
    )
    return bytes(framer.buildFrame(message))


def _registers(decoder: DecodePDU, request: Request, payload: bytes) -> tuple[int, ...] | BadReply:
    """Registers of a reply's payload (function code and data); its frame was sound."""
    try:
        message = decoder.decode(payload)
    except ModbusException as error:
        return BadReply(Reason.REFERENCE_GARBLED, str(error))
    if message is None:
        return BadReply(Reason.REFERENCE_GARBLED, f"function code {payload[0]}")
    if isinstance(message, ExceptionResponse):
        code = message.exception_code
        what = _EXCEPTIONS.get(code, "unknown")
        return BadReply(
            Reason.REFERENCE_REFUSED, f"exception {code}, {what}, at address {request.address}", code
        )
    if message.function_code != request.function_code:
        return BadReply(Reason.REFERENCE_LATE, f"function code {message.function_code}")
    if len(message.registers) != request.count or len(payload) != 2 + 2 * request.count:
        # Whole and undamaged, but not what was asked: the answer to an earlier request.
        return BadReply(Reason.REFERENCE_LATE, f"{len(message.registers)} registers for {request.count}")
    return tuple(message.registers)


class RtuFraming:
    """Serial lines: device, payload, CRC-16."""

    def __init__(self) -> None:
        self._decoder = DecodePDU(False)
        self._framer = FramerRTU(self._decoder)

    def encode(self, request: Request) -> bytes:
        return _encode(self._framer, request)

    def frame_length(self, received: bytes) -> int | None:
        if len(received) < 3:
            return None
        return 5 if received[1] & 0x80 else 5 + received[2]

    def decode(self, request: Request, frame: bytes) -> tuple[int, ...] | BadReply:
        _, device_id, _, payload = self._framer.decode(frame)
        # A framer that hunts for a frame in noise gives less than all the bytes: that is damage too.
        if len(payload) != len(frame) - 3:
            return BadReply(Reason.REFERENCE_GARBLED, "checksum")
        if device_id != request.device_id:
            return BadReply(Reason.REFERENCE_GARBLED, f"device {device_id} answered")
        return _registers(self._decoder, request, payload)


class TcpFraming:
    """Ethernet: header with transaction, length and device; payload."""

    def __init__(self) -> None:
        self._decoder = DecodePDU(False)
        self._framer = FramerSocket(self._decoder)

    def encode(self, request: Request) -> bytes:
        return _encode(self._framer, request)

    def frame_length(self, received: bytes) -> int | None:
        if len(received) < 6:
            return None
        length = 6 + int.from_bytes(received[4:6], "big")
        # A length no frame can have: what is there is judged as it is, and found damaged.
        return length if 8 < length <= _LARGEST_TCP_FRAME else len(received)

    def decode(self, request: Request, frame: bytes) -> tuple[int, ...] | BadReply:
        used, device_id, transaction, payload = self._framer.decode(frame)
        if used != len(frame) or not payload:
            return BadReply(Reason.REFERENCE_GARBLED, "header")
        if transaction != request.transaction:
            return BadReply(Reason.REFERENCE_LATE, f"transaction {transaction} for {request.transaction}")
        if device_id != request.device_id:
            return BadReply(Reason.REFERENCE_GARBLED, f"device {device_id} answered")
        return _registers(self._decoder, request, payload)
