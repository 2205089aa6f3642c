"""Polls of the reference standard as text, one a line: what a run's raw file holds of them.

A line has the replies as `[request_ns, reply_ns, function_code, address, "registers in hex"]` and the poll's
fault, if it had one. Everything else can be decoded from them again. A process that dies leaves at most one torn
line at the end, which the reader leaves out and reports; damage anywhere else is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bench.errors import OperatorError
from bench.ports import BlockReply, ReferenceSample
from calibration.quantities import Finding, InstrumentFault
from calibration.reasons import Reason
from firmware_io.reference_profiles import ReferenceProfile


@dataclass(frozen=True, slots=True)
class RecordedPoll:
    """One poll as it was on the wire."""

    replies: tuple[BlockReply, ...]
    fault: InstrumentFault | None

    def decode(self, profile: ReferenceProfile) -> ReferenceSample:
        """The sample that this poll was. Errors: ValueError where the profile is another."""
        if self.fault is not None:
            return ReferenceSample(self.replies, fault=self.fault)
        return profile.registers.decode(self.replies)


def encode_poll(sample: ReferenceSample) -> bytes:
    """One line, with its end of line."""
    replies = [
        [reply.request_ns, reply.reply_ns, reply.function_code, reply.address, reply.data.hex()]
        for reply in sample.replies
    ]
    fault = sample.fault
    poll = {
        "fault": None
        if fault is None
        else {
            "at_ns": fault.at_ns,
            "reason": fault.finding.reason.value,
            "values": dict(fault.finding.values),
        },
        "replies": replies,
    }
    return json.dumps(poll, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def decode_poll(line: bytes) -> RecordedPoll:
    """The poll of one line. Errors: ValueError where the line is no poll."""
    try:
        poll = json.loads(line.decode("utf-8"))
        replies = tuple(
            BlockReply(int(request_ns), int(reply_ns), int(function_code), int(address), _data(text))
            for request_ns, reply_ns, function_code, address, text in poll["replies"]
        )
        fault = poll["fault"]
        if fault is None:
            return RecordedPoll(replies, None)
        finding = Finding(Reason(fault["reason"]), dict(fault["values"]))
        return RecordedPoll(replies, InstrumentFault(int(fault["at_ns"]), finding))
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not a poll: {error}") from error


def _data(text: str) -> bytes:
    data = bytes.fromhex(text)
    if len(data) % 2:
        raise ValueError(f"{len(data)} bytes are no whole number of registers")
    return data


class PollReader:
    """Iterates the polls of a file; torn_bytes: length of an incomplete last line, once it was read.

    Errors while iterating: OperatorError that names a damaged line.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.torn_bytes = 0

    def __iter__(self) -> Iterator[RecordedPoll]:
        for number, line in enumerate(self._file, 1):
            if not line.endswith(b"\n"):
                self.torn_bytes = len(line)
                return
            try:
                yield decode_poll(line)
            except ValueError as error:
                raise OperatorError(
                    f"recording {self._name}: line {number} is damaged ({error}); restore it from a back-up"
                ) from error
