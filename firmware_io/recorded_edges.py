"""A recorded pulse line, played again on the bench clock.

A recording is a file of kernel edge records: what `bench record` saves, and the raw file of a position that every run
keeps. Its stamps are of another time, perhaps of another boot, so a window of now would never contain one of them.
They are moved onto the bench clock: the first edge comes when the line is opened, each other one as much later as it
was then, and none before its instant. The distances, which are all that a result rests on, stay to the nanosecond; that
an edge happened just now is not true, and nothing can say who wrote the file, so a result from it is informative.

A file that ends within a record, or holds what no kernel writes, is damaged, and is refused when it is opened.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.errors import OperatorError
from bench.ports import Clock, EdgeBatch
from calibration.quantities import FALLING, RISING, EdgeTrain
from firmware_io.edge_records import RECORD, RECORD_BYTES, encode_records, parse_records


def read_recording(path: Path) -> EdgeTrain:
    """All edges of a file. Errors: OperatorError where it cannot be read, is empty or damaged."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"pulse input {path}: {error.strerror}; give the path of a recording (bench record)"
        ) from error
    if damage := _damage(raw):
        raise OperatorError(f"pulse input {path}: {damage}; record it anew or restore it from a back-up")
    return parse_records(raw)


def _damage(raw: bytes) -> str:
    """Empty where there is none."""
    if not raw:
        return "the file is empty"
    if over := len(raw) % RECORD_BYTES:
        return f"the file ends within a record ({over} bytes after record {len(raw) // RECORD_BYTES})"
    records = np.frombuffer(raw, RECORD)
    stamps = records["timestamp_ns"]
    backward = np.zeros(len(records), bool)
    backward[1:] = (stamps[1:] < stamps[:-1]) | (records["line_seqno"][1:] <= records["line_seqno"][:-1])
    wrong = (
        ~np.isin(records["id"], (RISING, FALLING))
        | (records["offset"] != records["offset"][0])
        | (stamps > np.iinfo(np.int64).max)
        | backward
    )
    if wrong.any():
        return f"record {int(np.argmax(wrong)) + 1} is no edge of this line"
    return ""


class RecordedPulseInput:
    """A `PulseInput` that plays a recording from when it is made. Errors: OperatorError as of `read_recording`."""

    is_metrological = False

    def __init__(self, path: Path, clock: Clock) -> None:
        recorded = read_recording(path)
        self._clock = clock
        moved_ns = recorded.timestamp_ns - recorded.timestamp_ns[0] + clock.now_ns()
        self._edges = EdgeTrain(moved_ns, recorded.kind, recorded.line_seqno)
        self._played = 0

    def read(self) -> EdgeBatch:
        due = int(np.searchsorted(self._edges.timestamp_ns, self._clock.now_ns(), "right"))
        some = slice(self._played, due)
        self._played = due
        edges = EdgeTrain(
            self._edges.timestamp_ns[some], self._edges.kind[some], self._edges.line_seqno[some]
        )
        return EdgeBatch(encode_records(edges), edges)

    def close(self) -> None:
        """Nothing is open."""
