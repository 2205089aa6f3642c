"""Modbus frames of a client that reads registers: a request to bytes, the bytes of a reply to those of its registers.

pymodbus builds and checks the frames; its transports and its clock are not used (docs/decisions/0004-modbus.md).
A reply counts only if everything about it is right: complete and not longer, checksum, device, function, transaction
(TCP) and number of registers. What is wrong says why (`BadReplyError`), so the adapter can tell a late reply from a
damaged one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from firmware_io.protocol_errors import BadReplyError, ReplyFault

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
_DECODER = DecodePDU(False)


@dataclass(frozen=True, slots=True)
class Request:
    """Read `count` registers from `address` of device `device_id`. transaction: 1 to 65535, TCP only."""

    device_id: int
    transaction: int
    function_code: int
    address: int
    count: int


class Framing(Protocol):
    """What goes round a message on one kind of wire."""

    def frame_length(self, received: bytes) -> int | None:
        """Length of the reply that `received` begins, in bytes, or None while that cannot be told."""

    def wrap(self, message: ModbusPDU) -> bytes:
        """The frame of a message."""

    def unwrap(self, device_id: int, transaction: int, frame: bytes) -> bytes:
        """Function code and data of a complete reply of this device to this transaction. Errors: BadReplyError."""


def encode_request(framing: Framing, request: Request) -> bytes:
    """The frame of a request."""
    message = _REQUESTS[request.function_code](
        dev_id=request.device_id,
        transaction_id=request.transaction,
        address=request.address,
        count=request.count,
    )
    return framing.wrap(message)


def decode_reply(framing: Framing, request: Request, frame: bytes) -> bytes:
    """The registers' bytes of a complete reply, exactly as long as `frame_length` said. Errors: BadReplyError."""
    payload = framing.unwrap(request.device_id, request.transaction, frame)
    message = decode_payload(request.function_code, request.address, payload)
    if len(message.registers) != request.count or len(payload) != 2 + 2 * request.count:
        # Whole and undamaged, but not what was asked: the answer to an earlier request.
        raise BadReplyError(ReplyFault.UNASKED, f"{len(message.registers)} registers for {request.count}")
    return payload[2:]


def decode_payload(function_code: int, address: int, payload: bytes) -> ModbusPDU:
    """The message in a reply (function code and data), whose frame was sound, to such a request.

    Errors: BadReplyError where it is none, refuses, or answers another function.
    """
    try:
        message = _DECODER.decode(payload)
    except ModbusException as error:
        raise BadReplyError(ReplyFault.GARBLED, str(error)) from error
    if message is None:
        raise BadReplyError(ReplyFault.GARBLED, f"function code {payload[0]}")
    if isinstance(message, ExceptionResponse):
        code = message.exception_code
        what = _EXCEPTIONS.get(code, "unknown")
        raise BadReplyError(ReplyFault.REFUSED, f"exception {code}, {what}, at address {address}", code)
    if message.function_code != function_code:
        raise BadReplyError(ReplyFault.UNASKED, f"function code {message.function_code}")
    return message


class RtuFraming:
    """Serial lines: device, payload, CRC-16."""

    def __init__(self) -> None:
        self._framer = FramerRTU(_DECODER)

    def frame_length(self, received: bytes) -> int | None:
        if len(received) < 3:
            return None
        return 5 if received[1] & 0x80 else _FIXED_RTU_LENGTHS.get(received[1], 5 + received[2])

    def wrap(self, message: ModbusPDU) -> bytes:
        return bytes(self._framer.buildFrame(message))

    def unwrap(self, device_id: int, transaction: int, frame: bytes) -> bytes:
        _, answering_id, _, payload = self._framer.decode(frame)
        # A framer that hunts for a frame in noise gives less than all the bytes: that is damage too.
        if len(payload) != len(frame) - 3:
            raise BadReplyError(ReplyFault.GARBLED, "checksum")
        _require_device(answering_id, device_id)
        return bytes(payload)


class TcpFraming:
    """Ethernet: header with transaction, length and device; payload."""

    def __init__(self) -> None:
        self._framer = FramerSocket(_DECODER)

    def frame_length(self, received: bytes) -> int | None:
        if len(received) < 6:
            return None
        length = 6 + int.from_bytes(received[4:6], "big")
        # A length no frame can have: what is there is judged as it is, and found damaged.
        return length if 8 < length <= _LARGEST_TCP_FRAME else len(received)

    def wrap(self, message: ModbusPDU) -> bytes:
        return bytes(self._framer.buildFrame(message))

    def unwrap(self, device_id: int, transaction: int, frame: bytes) -> bytes:
        used, answering_id, answered, payload = self._framer.decode(frame)
        if used != len(frame) or not payload:
            raise BadReplyError(ReplyFault.GARBLED, "header")
        if answered != transaction:
            raise BadReplyError(ReplyFault.UNASKED, f"transaction {answered} for {transaction}")
        _require_device(answering_id, device_id)
        return bytes(payload)


def _require_device(answering_id: int, device_id: int) -> None:
    if answering_id != device_id:
        raise BadReplyError(ReplyFault.GARBLED, f"device {answering_id} answered")
