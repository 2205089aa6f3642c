"""Edges of pulse lines as the Linux GPIO character device (v2) delivers them.

How it works. The kernel stamps an edge in its interrupt handler, in nanoseconds of CLOCK_MONOTONIC, and puts
a record into a queue of this line's request; a reader that comes late loses nothing of the stamp, only time
until the queue is full (then the *oldest* record is dropped). So the latency of this program is no part of
the measurement, and the only thing that matters here is to read everything and to notice what is missing:

- `line_seqno` counts the edges of the line since its request; a gap is a known loss, with its exact size.
- An interrupt that was never served leaves no gap. So both edges are asked for: the kinds must alternate,
  and two of the same kind in a row betray it (`calibration` judges that; here edges are only delivered).

A record is `struct gpio_v2_line_event` of <linux/gpio.h>, 48 bytes in the byte order of the machine (all
machines this runs on are little-endian, and so are the files): u64 timestamp_ns, u32 id (1 rising, 2
falling), u32 offset of the line on its chip, u32 seqno in its request, u32 line_seqno, 6 x u32 padding. Read
from the request's file descriptor in batches and viewed as a numpy array, a record costs a fraction of a
microsecond, where one object an edge costs several.

The same parser serves a GPIO line, a pipe from a simulated plant and a recorded file, so what is tested
without a GPIO chip is what runs with one.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

import numpy as np

from bench.errors import InstrumentError, OperatorError
from bench.ports import EdgeBatch
from calibration.quantities import EdgeTrain

RECORD = np.dtype(
    [
        ("timestamp_ns", "<u8"),
        ("id", "<u4"),
        ("offset", "<u4"),
        ("seqno", "<u4"),
        ("line_seqno", "<u4"),
        ("padding", "<u4", (6,)),
    ]
)
RECORD_BYTES = RECORD.itemsize
QUEUE_RECORDS = 1024
"""The largest event queue the kernel grants a request; its default is 16 a line."""

_READ_BYTES = QUEUE_RECORDS * RECORD_BYTES
_READS_AT_ONCE = 64
"""Bound of one `read()`: a file or a fast writer must not keep the loop from its other lines."""


def parse_records(raw: bytes) -> EdgeTrain:
    """Kernel records to edges. `raw` is a whole number of records; anything else is a ValueError."""
    remainder = len(raw) % RECORD_BYTES
    if remainder:
        raise ValueError(f"{len(raw)} bytes are no whole number of {RECORD_BYTES}-byte edge records")
    if not raw:
        return EdgeTrain.empty()
    records = np.frombuffer(raw, RECORD)
    return EdgeTrain(
        records["timestamp_ns"].astype(np.int64),
        records["id"].astype(np.int64),
        records["line_seqno"].astype(np.int64),
    )


def encode_records(edges: EdgeTrain, offset: int = 0) -> bytes:
    """Edges to kernel records of the line at `offset`, one line a request (so seqno equals line_seqno)."""
    records = np.zeros(len(edges), RECORD)
    records["timestamp_ns"] = edges.timestamp_ns
    records["id"] = edges.kind
    records["offset"] = offset
    records["seqno"] = edges.line_seqno
    records["line_seqno"] = edges.line_seqno
    return records.tobytes()


class RecordReader:
    """Cuts a byte stream that may break anywhere (a pipe) into whole records; keeps the remainder."""

    def __init__(self) -> None:
        self._remainder = b""

    @property
    def pending_bytes(self) -> int:
        """Bytes of a record that has not come completely yet."""
        return len(self._remainder)

    def feed(self, chunk: bytes) -> EdgeBatch:
        """Add bytes; give every record that is now complete."""
        stream = self._remainder + chunk if self._remainder else chunk
        whole = len(stream) - len(stream) % RECORD_BYTES
        raw, self._remainder = stream[:whole], stream[whole:]
        return EdgeBatch(raw, parse_records(raw))


class DescriptorPulseInput:
    """A `PulseInput` over a file descriptor that yields kernel records: a GPIO request, a pipe, a file.

    The descriptor is made non-blocking and stays the property of the caller, unless owns_descriptor.
    """

    def __init__(self, fd: int, name: str, *, is_metrological: bool, owns_descriptor: bool = False) -> None:
        self._fd = fd
        self._name = name
        self._reader = RecordReader()
        self._owns_descriptor = owns_descriptor
        self._is_closed = False
        self.is_metrological = is_metrological
        os.set_blocking(fd, False)

    def read(self) -> EdgeBatch:
        """Every edge that waits. Errors: InstrumentError where the descriptor fails (device gone)."""
        if self._is_closed:
            raise InstrumentError(f"{self._name}: read after close")
        chunks = []
        for _ in range(_READS_AT_ONCE):
            try:
                chunk = os.read(self._fd, _READ_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                raise InstrumentError(
                    f"{self._name}: cannot read edges ({error.strerror}); is the device still there?"
                ) from error
            if not chunk:  # end of a file, or a pipe nobody writes to at the moment
                break
            chunks.append(chunk)
            if len(chunk) < _READ_BYTES:
                break
        return self._reader.feed(b"".join(chunks))

    def close(self) -> None:
        if self._owns_descriptor and not self._is_closed:
            os.close(self._fd)
        self._is_closed = True

    def __enter__(self) -> DescriptorPulseInput:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class FilePulseInput(DescriptorPulseInput):
    """Edges from a recorded file or a FIFO at `path`. A record that is not complete yet waits.

    is_metrological says what the records are worth: True for a replay of a metrological line.
    Errors: OperatorError where the file cannot be opened.
    """

    def __init__(self, path: str | Path, *, is_metrological: bool = True) -> None:
        try:
            # Non-blocking from the start: opening a FIFO that has no writer yet must not hang the bench.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise OperatorError(
                f"pulse input {path}: {error.strerror}; give the path of a file or FIFO of edge records"
            ) from error
        super().__init__(fd, f"pulse input {path}", is_metrological=is_metrological, owns_descriptor=True)
