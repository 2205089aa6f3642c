"""A pulse line behind a file descriptor that yields kernel edge records: a GPIO request, a FIFO, a simulated plant.

The kernel queues an edge with its stamp, so a reader that comes late loses nothing of it, only time until the queue is
full (then the *oldest* record is dropped). The latency of this program is no part of the measurement; what matters is
that every read takes all that waits.
"""

from __future__ import annotations

import os
from pathlib import Path

from bench.errors import InstrumentError, OperatorError
from bench.ports import EdgeBatch
from firmware_io.edge_records import QUEUE_RECORDS, RECORD_BYTES, RecordReader

_READ_BYTES = QUEUE_RECORDS * RECORD_BYTES
_READS_AT_ONCE = 64
"""Bound of one `read()`: a fast writer must not keep the loop from its other lines."""


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


class FilePulseInput(DescriptorPulseInput):
    """Edges from a recorded file or a FIFO at `path`. A record that is not complete yet waits.

    is_metrological: whether the writer of the records answers for them. Nothing here can tell who wrote them,
    so a result from them is informative unless the caller knows.
    Errors: OperatorError where the file cannot be opened.
    """

    def __init__(self, path: str | Path, *, is_metrological: bool = False) -> None:
        try:
            # Non-blocking from the start: opening a FIFO that has no writer yet must not hang the bench.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise OperatorError(
                f"pulse input {path}: {error.strerror}; give the path of a file or FIFO of edge records"
            ) from error
        super().__init__(fd, f"pulse input {path}", is_metrological=is_metrological, owns_descriptor=True)
