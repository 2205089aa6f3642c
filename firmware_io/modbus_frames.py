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
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
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
_FIXED_RTU_LENGTHS = {6: 8, 16: 8}
"""Replies that repeat an address and a value or a count; all others say how long they are."""


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

    def wrap(self, message: ModbusPDU) -> bytes:
        """The frame of a message that is made already."""

    def unwrap(self, device_id: int, transaction: int, frame: bytes) -> bytes | BadReply:
        """Function code and data of a complete reply of this device to this transaction."""


def _message(request: Request) -> ModbusPDU:
    return _REQUESTS[request.function_code](
        dev_id=request.device_id,
        transaction_id=request.transaction,
        address=request.address,
        count=request.count,
    )


def answer(decoder: DecodePDU, function_code: int, address: int, payload: bytes) -> ModbusPDU | BadReply:
    """The message of a reply's payload (function code and data), whose frame was sound, to such a request."""
    try:
        message = decoder.decode(payload)
    except ModbusException as error:
        return BadReply(Reason.REFERENCE_GARBLED, str(error))
    if message is None:
        return BadReply(Reason.REFERENCE_GARBLED, f"function code {payload[0]}")
    if isinstance(message, ExceptionResponse):
        code = message.exception_code
        what = _EXCEPTIONS.get(code, "unknown")
        return BadReply(Reason.REFERENCE_REFUSED, f"exception {code}, {what}, at address {address}", code)
    if message.function_code != function_code:
        return BadReply(Reason.REFERENCE_LATE, f"function code {message.function_code}")
    return message


def _registers(decoder: DecodePDU, request: Request, payload: bytes) -> tuple[int, ...] | BadReply:
    message = answer(decoder, request.function_code, request.address, payload)
    if isinstance(message, BadReply):
        return message
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
        return self.wrap(_message(request))

    def wrap(self, message: ModbusPDU) -> bytes:
        return bytes(self._framer.buildFrame(message))

    def frame_length(self, received: bytes) -> int | None:
        if len(received) < 3:
            return None
        return 5 if received[1] & 0x80 else _FIXED_RTU_LENGTHS.get(received[1], 5 + received[2])

    def decode(self, request: Request, frame: bytes) -> tuple[int, ...] | BadReply:
        payload = self.unwrap(request.device_id, request.transaction, frame)
        return payload if isinstance(payload, BadReply) else _registers(self._decoder, request, payload)

    def unwrap(self, device_id: int, transaction: int, frame: bytes) -> bytes | BadReply:
        _, answering_id, _, payload = self._framer.decode(frame)
        # A framer that hunts for a frame in noise gives less than all the bytes: that is damage too.
        if len(payload) != len(frame) - 3:
            return BadReply(Reason.REFERENCE_GARBLED, "checksum")
        if answering_id != device_id:
            return BadReply(Reason.REFERENCE_GARBLED, f"device {answering_id} answered")
        return bytes(payload)


class TcpFraming:
    """Ethernet: header with transaction, length and device; payload."""

    def __init__(self) -> None:
        self._decoder = DecodePDU(False)
        self._framer = FramerSocket(self._decoder)

    def encode(self, request: Request) -> bytes:
        return self.wrap(_message(request))

    def wrap(self, message: ModbusPDU) -> bytes:
        return bytes(self._framer.buildFrame(message))

    def frame_length(self, received: bytes) -> int | None:
        if len(received) < 6:
            return None
        length = 6 + int.from_bytes(received[4:6], "big")
        # A length no frame can have: what is there is judged as it is, and found damaged.
        return length if 8 < length <= _LARGEST_TCP_FRAME else len(received)

    def decode(self, request: Request, frame: bytes) -> tuple[int, ...] | BadReply:
        payload = self.unwrap(request.device_id, request.transaction, frame)
        return payload if isinstance(payload, BadReply) else _registers(self._decoder, request, payload)

    def unwrap(self, device_id: int, transaction: int, frame: bytes) -> bytes | BadReply:
        used, answering_id, answered, payload = self._framer.decode(frame)
        if used != len(frame) or not payload:
            return BadReply(Reason.REFERENCE_GARBLED, "header")
        if answered != transaction:
            return BadReply(Reason.REFERENCE_LATE, f"transaction {answered} for {transaction}")
        if answering_id != device_id:
            return BadReply(Reason.REFERENCE_GARBLED, f"device {answering_id} answered")
        return bytes(payload)
