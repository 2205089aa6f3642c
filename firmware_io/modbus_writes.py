"""Modbus requests that write registers, and what confirms them (function codes 06 and 16).

Apart from `modbus_frames.py`, so that the driver of the reference standard cannot write: an import contract keeps this
module away from it. A write counts as accepted only where the reply repeats what was written (06) or where and how
many (16); what the device then holds is read back by whoever wrote.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from pymodbus.pdu.register_message import WriteMultipleRegistersRequest, WriteSingleRegisterRequest

from firmware_io.modbus_frames import Framing, decode_payload
from firmware_io.protocol_errors import BadReplyError, LocalProtocolError, ReplyFault


class WriteFunction(IntEnum):
    """Function codes that write registers."""

    SINGLE = 6
    MULTIPLE = 16


_REQUESTS = {
    WriteFunction.SINGLE: WriteSingleRegisterRequest,
    WriteFunction.MULTIPLE: WriteMultipleRegistersRequest,
}


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Write the registers whose bytes are `data` from `address` on. transaction: as of `modbus_frames.Request`."""

    device_id: int
    transaction: int
    function: WriteFunction
    address: int
    data: bytes

    @property
    def count(self) -> int:
        return len(self.data) // 2


def encode_write(framing: Framing, request: WriteRequest) -> bytes:
    """The frame of a request. Errors: LocalProtocolError for more than one register with function code 6."""
    if request.function is WriteFunction.SINGLE and request.count != 1:
        raise LocalProtocolError(f"function code 6 writes one register, not {request.count}")
    message = _REQUESTS[request.function](
        dev_id=request.device_id,
        transaction_id=request.transaction,
        address=request.address,
        count=request.count,
        registers=list(struct.unpack(f">{request.count}H", request.data)),
    )
    return framing.wrap(message)


def require_confirmed(framing: Framing, request: WriteRequest, frame: bytes) -> None:
    """Errors: BadReplyError where a complete reply does not confirm the request."""
    payload = framing.unwrap(request.device_id, request.transaction, frame)
    message = decode_payload(request.function, request.address, payload)
    is_single = request.function is WriteFunction.SINGLE
    repeated = request.data if is_single else request.count.to_bytes(2, "big")
    if payload != bytes([request.function]) + request.address.to_bytes(2, "big") + repeated:
        raise BadReplyError(ReplyFault.UNASKED, f"it confirms a write to {message.address}")
