"""Edges of the plant in the kernel's record format, written to pipes at their time.

A reader of such a pipe cannot tell it from the descriptor of a GPIO line request: records come in time, wait
in a queue of bounded length, and where nobody reads the oldest are dropped, which `line_seqno` shows.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

from bench.ports import Clock
from bench.sim.plant import Plant
from firmware_io.edge_records import QUEUE_RECORDS, RECORD_BYTES, encode_records

_LONGEST_WAIT_NS = 20_000_000
"""So that a change of the load, which may bring an edge forward, and `close` are seen soon."""
_ATOMIC_BYTES = 4096 // RECORD_BYTES * RECORD_BYTES
"""Whole records that a pipe takes at once or not at all (PIPE_BUF)."""


class EdgeWriter:
    """A thread that writes each line's edges to its descriptor until `close`.

    descriptors: one a line of the plant, open for writing; they are made non-blocking and stay the caller's.
    """

    def __init__(self, plant: Plant, clock: Clock, descriptors: Sequence[int]) -> None:
        self._plant = plant
        self._clock = clock
        self._descriptors = tuple(descriptors)
        self._queues = [b"" for _ in descriptors]
        for descriptor in self._descriptors:
            os.set_blocking(descriptor, False)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated edges")
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            now_ns = self._clock.now_ns()
            for line, descriptor in enumerate(self._descriptors):
                edges = self._plant.take_edges(line, now_ns)
                if edges is not None:
                    self._queues[line] += encode_records(edges, offset=line)
                self._queues[line] = _drain(self._queues[line], descriptor)
            next_ns = [self._plant.next_edge_ns(line, now_ns) for line in range(len(self._descriptors))]
            self._clock.wait_until(min([*next_ns, now_ns + _LONGEST_WAIT_NS]))


def _drain(queue: bytes, descriptor: int) -> bytes:
    """Write what the descriptor takes; what is left of the queue."""
    while queue:
        try:
            queue = queue[os.write(descriptor, queue[:_ATOMIC_BYTES]) :]
        except BlockingIOError:
            break
        except BrokenPipeError:
            return b""  # nobody has the line open: its edges go nowhere, as those of a free GPIO line
    return queue[-QUEUE_RECORDS * RECORD_BYTES :]


class EdgePipes:
    """Pipes that look like GPIO line requests, one a line: read from `read_descriptors`."""

    def __init__(self, plant: Plant, clock: Clock, lines: int) -> None:
        ends = [os.pipe() for _ in range(lines)]
        self.read_descriptors = tuple(read for read, _ in ends)
        self._write_descriptors = tuple(write for _, write in ends)
        self._writer = EdgeWriter(plant, clock, self._write_descriptors)

    def close(self) -> None:
        """End the writer and close all pipes; readers must be done."""
        self._writer.close()
        for descriptor in (*self._write_descriptors, *self.read_descriptors):
            os.close(descriptor)
