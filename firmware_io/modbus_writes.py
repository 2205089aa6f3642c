"""Modbus requests that write registers, and what confirms them (function codes 06 and 16).

Apart from `modbus_frames.py`, so that the driver of the reference standard cannot write: an import contract keeps this
module away from it. A write counts as accepted only where the reply repeats what was written (06) or where and how
many (16); what the device then holds is read back by whoever wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import WriteMultipleRegistersRequest, WriteSingleRegisterRequest

from calibration.reasons import Reason
from firmware_io.modbus_frames import BadReply, Framing, answer

SINGLE, MULTIPLE = 6, 16
_REQUESTS = {SINGLE: WriteSingleRegisterRequest, MULTIPLE: WriteMultipleRegistersRequest}
_DECODER = DecodePDU(False)


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Write `words` from `address` on; one word with function code 6. transaction: as of `modbus_frames.Request`."""

    device_id: int
    transaction: int
    function_code: int
    address: int
    words: tuple[int, ...]


def encode_write(framing: Framing, request: WriteRequest) -> bytes:
    """The frame of a request. Errors: ValueError for more than one word with function code 6."""
    if request.function_code == SINGLE and len(request.words) != 1:
        raise ValueError(f"function code 6 writes one register, not {len(request.words)}")
    message = _REQUESTS[request.function_code](
        dev_id=request.device_id,
        transaction_id=request.transaction,
        address=request.address,
        count=len(request.words),
        registers=list(request.words),
    )
    return framing.wrap(message)


def why_not_confirmed(framing: Framing, request: WriteRequest, frame: bytes) -> BadReply | None:
    """None where a complete reply confirms the request, else why it does not."""
    payload = framing.unwrap(request.device_id, request.transaction, frame)
    if isinstance(payload, BadReply):
        return payload
    message = answer(_DECODER, request.function_code, request.address, payload)
    if isinstance(message, BadReply):
        return message
    repeated = tuple(message.registers) if request.function_code == SINGLE else message.count
    wanted = request.words if request.function_code == SINGLE else len(request.words)
    if len(payload) != 5 or message.address != request.address or repeated != wanted:
        return BadReply(Reason.REFERENCE_LATE, f"it confirms a write to {message.address}")
    return None
