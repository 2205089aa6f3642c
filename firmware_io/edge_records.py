"""Edges of a pulse line as the Linux GPIO character device (v2) writes them: 48 bytes an edge. Bytes in, edges out.

A record is `struct gpio_v2_line_event` of <linux/gpio.h>, 48 bytes in the byte order of the machine (all machines this
runs on are little-endian, and so are the files): u64 timestamp_ns, u32 id (1 rising, 2 falling), u32 offset of the line
on its chip, u32 seqno in its request, u32 line_seqno, 6 x u32 padding. Viewed in batches as a numpy array, a record
costs a fraction of a microsecond, where one object an edge costs several.

- `timestamp_ns` is CLOCK_MONOTONIC, taken in the interrupt handler.
- `line_seqno` counts the edges of the line since its request; a gap is a known loss, with its exact size.
- An interrupt that was never served leaves no gap. So both edges are asked for: the kinds must alternate, and two of
  the same kind in a row betray it (`calibration` judges that; here edges are only delivered).

The same parser serves a GPIO line, a pipe from a simulated plant and a recorded file, so what is tested without a GPIO
chip is what runs with one.
"""

from __future__ import annotations

import numpy as np

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
