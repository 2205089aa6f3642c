"""What the codecs of the input side make of hostile bytes: no crash, no hang, bounded memory, the same at every split.

    ./dev bench codecs [--inputs N] [--seed N] [--codec NAME]

Each input is random, or a valid stream that was mutated (bits, insertions, deletions, truncation, splices, repetition,
noise around it). It is decoded at once, then again byte by byte, which splits it at every point, then in two pieces at
a random point; all three must say the same. What is held back is looked at after every piece. A part of the inputs
runs under tracemalloc. Anything but the codec's own errors ends the study with the input in hexadecimal.
"""

from __future__ import annotations

import argparse
import logging
import random
import secrets
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from calibration.quantities import EdgeTrain
from firmware_io import dlt645, iec62056_21
from firmware_io.dlt645 import ANY_ADDRESS, DataId, FrameReader
from firmware_io.edge_records import RECORD_BYTES, RecordReader, encode_records
from firmware_io.iec62056_21 import Acknowledgement, Identification, ModeCSession, Readout, SignOn
from firmware_io.line_source_templates import LONGEST_LINE, line_length, parse_answer
from firmware_io.modbus_frames import Framing, Request, RtuFraming, TcpFraming, decode_reply
from firmware_io.modbus_writes import WriteFunction, WriteRequest, require_confirmed
from firmware_io.protocol_errors import BadReplyError, RemoteProtocolError
from firmware_io.source_values import FIELDS

_TRACED_INPUTS = 2_000
_ADDRESS = "000102030425"
_LONGEST_INPUT = 600
_ASKED = (DataId.ENERGY_FORWARD, DataId.ACTIVE_CONSTANT, DataId.DATE)

Pieces = Sequence[bytes]
Decode = Callable[[Pieces], tuple[Any, int]]
"""Pieces of a stream -> what was said, in a form that can be compared, and the most bytes that were held back."""


@dataclass(frozen=True)
class Codec:
    """most_held: the bound of what it may hold back, in bytes. valid: streams that it understands."""

    name: str
    decode: Decode
    most_held: int
    valid: tuple[bytes, ...]


def _dlt645_answer(control: int, data: bytes) -> bytes:
    body = bytes([0x68, *bytes.fromhex(_ADDRESS)[::-1], 0x68, control, len(data)])
    body += bytes((b + 0x33) % 256 for b in data)
    return body + bytes([sum(body) % 256, 0x16])


def _decode_dlt645(pieces: Pieces) -> tuple[Any, int]:
    reader, frames, held = FrameReader(), [], 0
    for piece in pieces:
        frames += reader.feed(piece)
        held = max(held, len(reader._held))
    said = []
    for frame in frames:
        said.append((frame.raw, *(_said_dlt645(frame, data_id) for data_id in _ASKED)))
    return said, held


def _said_dlt645(frame: dlt645.Frame, data_id: DataId) -> str:
    with suppress(RemoteProtocolError):
        return dlt645.answered_address(frame)
    try:
        data = dlt645.answered_data(frame, ANY_ADDRESS, data_id)
        if data is not None and data_id is DataId.DATE:
            return str(dlt645.moment(data, data[:3]))
        return "none" if data is None else str(dlt645.number(data_id, data))
    except RemoteProtocolError as error:
        return str(error)


def _decode_iec62056(pieces: Pieces) -> tuple[Any, int]:
    session, held = ModeCSession(), 0
    session.send(SignOn())
    said: list[Any] = []
    for piece in pieces:
        session.receive(piece)
        try:
            while (event := session.next_event()) is not None:
                said.append(event if isinstance(event, Identification) else event.raw)
                if isinstance(event, Readout):
                    return (*said, _said_iec62056(event)), held
                session.send(Acknowledgement(event.baud_character))
        except RemoteProtocolError as error:
            return (*said, str(error)), held
        held = max(held, len(session._held))
    return tuple(said), held


def _said_iec62056(found: iec62056_21.Readout) -> tuple[str, ...]:
    said = [iec62056_21.address(found), str(iec62056_21.moment(found))]
    for ask in (
        lambda: iec62056_21.energy_kWh(found, iec62056_21.ENERGY_IMPORT),
        lambda: iec62056_21.constant_imp_per_kWh(found),
    ):
        try:
            said.append(str(ask()))
        except RemoteProtocolError as error:
            said.append(str(error))
    return tuple(said)


_REQUEST = Request(device_id=1, transaction=7, function_code=3, address=19_000, count=2)


_WRITTEN = WriteRequest(
    device_id=1, transaction=7, function=WriteFunction.MULTIPLE, address=2, data=b"\0\1\0\2"
)
_NUMBER = parse_answer("{voltage_V},{any}", FIELDS)


def _modbus(framing: Framing, read: Callable[[Framing, bytes], Any]) -> Decode:
    def decode(pieces: Pieces) -> tuple[Any, int]:
        """As an exchange does: read on until the frame says that it is whole, or nothing more comes."""
        received, length = b"", None
        for piece in pieces:
            received += piece
            length = framing.frame_length(received)
            if length is not None and len(received) >= length:
                break
        if length is None or len(received) < length:
            return "incomplete", len(received)
        try:
            return read(framing, received[:length]), 0
        except BadReplyError:
            # What is no frame is judged as far as it has come, which depends on the pieces; that it is none does not.
            return "bad", 0

    return decode


def _reply(framing: Framing, frame: bytes) -> bytes:
    return decode_reply(framing, _REQUEST, frame)


def _confirmation(framing: Framing, frame: bytes) -> str:
    require_confirmed(framing, _WRITTEN, frame)
    return "confirmed"


def _decode_line(pieces: Pieces) -> tuple[Any, int]:
    """The first line of a source and the number in it."""
    received, length = b"", None
    for piece in pieces:
        received += piece
        length = line_length(received, b"\r\n")
        if length is not None:
            break
    if length is None:
        return "incomplete", len(received)
    if not received[:length].endswith(b"\r\n") or length > LONGEST_LINE:
        return "bad", 0
    return _NUMBER.read(received[:length].decode("ascii", "replace")) or "bad", 0


def _decode_records(pieces: Pieces) -> tuple[Any, int]:
    reader, raw, held = RecordReader(), b"", 0
    stamps: list[int] = []
    for piece in pieces:
        batch = reader.feed(piece)
        raw += batch.raw
        stamps += batch.edges.timestamp_ns.tolist()
        held = max(held, reader.pending_bytes)
    return (raw, stamps), held


def _readout(lines: bytes) -> bytes:
    check = 0
    for byte in lines + b"\x03":
        check ^= byte
    return b"\x02" + lines + b"\x03" + bytes([check])


def _edges(count: int) -> bytes:
    numbers = np.arange(1, count + 1, dtype=np.int64)
    return encode_records(EdgeTrain(10**9 * numbers, 1 + numbers % 2, numbers), 17)


def _rtu(payload: str) -> bytes:
    """With its CRC-16, computed here and not by the library."""
    body, crc = bytes.fromhex(payload), 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return body + crc.to_bytes(2, "little")


_TCP_REPLY = bytes.fromhex("0007000000070103044368 0000")
_TCP_REFUSAL = bytes.fromhex("000700000003018302")
CODECS = (
    Codec(
        "dlt645",
        _decode_dlt645,
        212,
        (
            dlt645.WAKE_UP + _dlt645_answer(0x91, bytes.fromhex("0000010042061200")),
            _dlt645_answer(0x91, bytes.fromhex("0101000404261126")),
            _dlt645_answer(0x93, bytes.fromhex(_ADDRESS)[::-1]) + _dlt645_answer(0xD1, b"\x02"),
            dlt645.read_request(_ADDRESS, DataId.ENERGY_FORWARD) + _dlt645_answer(0xB1, bytes(200)),
        ),
    ),
    Codec(
        "iec62056-21",
        _decode_iec62056,
        (1 << 16) + _LONGEST_INPUT,
        (
            b"/?!\r\n/ABC5\\2DEMO-1\r\n" + _readout(b"0.0.0(33012764)\r\n1.8.0(0001206.42*kWh)\r\n!\r\n"),
            b"/XYZ0\r\n" + _readout(b"0.9.1(10:15:30)\r\n0.9.2(26-11-26)\r\n0.3.0(1600)\r\n1.8.0(1*MWh)\r\n!\r\n"),
        ),
    ),
    Codec("modbus-rtu", _modbus(RtuFraming(), _reply), _LONGEST_INPUT, (_rtu("01030443680000"), _rtu("018302"))),
    Codec("modbus-tcp", _modbus(TcpFraming(), _reply), _LONGEST_INPUT, (_TCP_REPLY, _TCP_REFUSAL)),
    Codec("modbus-write", _modbus(RtuFraming(), _confirmation), _LONGEST_INPUT, (_rtu("011000020002"), _rtu("019003"))),
    Codec("source-line", _decode_line, LONGEST_LINE, (b"+2.2E+02,OK\r\n", b"220.0,\r\n", b"TRIP\r\n")),
    Codec("edge-records", _decode_records, RECORD_BYTES - 1, (_edges(1), _edges(2))),
)  # fmt: skip


def hostile(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """One input: random, or valid ones mutated."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(0, 120))
    stream = b"".join(rng.choice(valid) for _ in range(rng.choice((1, 1, 1, 2, 3))))
    for _ in range(rng.choice((0, 1, 1, 2, 4, 8))):
        stream = rng.choice(_MUTATIONS)(rng, stream, valid)
    return stream[:_LONGEST_INPUT]


def _flip(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    if not stream:
        return stream
    at = rng.randrange(len(stream))
    return stream[:at] + bytes([stream[at] ^ (1 << rng.randrange(8))]) + stream[at + 1 :]


def _insert(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(stream) + 1)
    return stream[:at] + rng.randbytes(rng.choice((1, 2, 16))) + stream[at:]


def _delete(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(stream) + 1)
    return stream[:at] + stream[at + rng.choice((1, 2, 16)) :]


def _truncate(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    return stream[: rng.randrange(len(stream) + 1)]


def _splice(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    other = rng.choice(valid)
    return stream[: rng.randrange(len(stream) + 1)] + other[rng.randrange(len(other)) :]


def _repeat(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    first, last = sorted((rng.randrange(len(stream) + 1), rng.randrange(len(stream) + 1)))
    return stream[:last] + stream[first:last] * rng.randrange(1, 4) + stream[last:]


def _surround(rng: random.Random, stream: bytes, valid: Sequence[bytes]) -> bytes:
    return rng.randbytes(rng.randrange(40)) + stream + rng.randbytes(rng.randrange(40))


_MUTATIONS = (_flip, _insert, _delete, _truncate, _splice, _repeat, _surround)


def splits_of(stream: bytes, at: int) -> Iterator[list[bytes]]:
    """At once; byte by byte; in two pieces at one point."""
    yield [stream]
    yield [stream[k : k + 1] for k in range(len(stream))] or [b""]
    yield [stream[:at], stream[at:]]


def why_wrong(codec: Codec, stream: bytes, at: int) -> str:
    """What is wrong with how the codec takes this stream; empty where nothing is."""
    said = []
    for pieces in splits_of(stream, at):
        answer, held = codec.decode(pieces)
        said.append(answer)
        if held > codec.most_held:
            return f"{held} bytes are held back, at most {codec.most_held} may be"
    if any(a != b for a, b in pairwise(said)):
        return f"it says {said[0]} at once, {said[1]} byte by byte, {said[2]} split at {at}"
    return ""


@dataclass
class Found:
    """inputs: how many; understood: of which something was decoded; worst_s: the longest that one took."""

    inputs: int = 0
    understood: int = 0
    worst_s: float = 0.0


def study(codec: Codec, inputs: int, rng: random.Random) -> Found:
    """Errors: AssertionError with the input that was taken wrongly; whatever a codec raises that it must not."""
    found = Found()
    nothing = codec.decode([b""])[0]
    for _ in range(inputs):
        stream = hostile(rng, codec.valid)
        first_s = time.perf_counter()
        try:
            wrong = why_wrong(codec, stream, rng.randrange(len(stream) + 1))
        except Exception as error:
            raise AssertionError(f"{codec.name}: {error!r} from {stream.hex()}") from error
        assert not wrong, f"{codec.name}: {wrong}: {stream.hex()}"
        found.worst_s = max(found.worst_s, time.perf_counter() - first_s)
        found.inputs += 1
        found.understood += codec.decode([stream])[0] not in (nothing, "bad")
    return found


def traced_bytes(codec: Codec, inputs: int, rng: random.Random) -> int:
    """By how much memory grew, at most, over so many inputs to the same codec."""
    study(codec, 200, rng)  # what is built once is built
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        study(codec, inputs, rng)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=1_000_000, help="inputs of each codec")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--codec", choices=[codec.name for codec in CODECS], help="one of them alone")
    options = parser.parse_args(arguments)
    logging.disable()  # pymodbus writes a line for each bad frame
    print(f"seed {options.seed}; {options.inputs} inputs a codec, each decoded at three kinds of splits")
    print(f"{'codec':14}{'inputs':>10}{'understood':>12}{'worst ms':>10}{'memory kB':>11}{'seconds':>9}")
    for codec in CODECS:
        if options.codec not in (None, codec.name):
            continue
        rng, first_s = random.Random(options.seed), time.perf_counter()
        found = study(codec, options.inputs, rng)
        grown = traced_bytes(codec, min(_TRACED_INPUTS, options.inputs), rng)
        print(
            f"{codec.name:14}{found.inputs:>10}{found.understood:>12}{found.worst_s * 1e3:>10.1f}"
            f"{grown / 1e3:>11.0f}{time.perf_counter() - first_s:>9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
