"""Saves what one pulse line of the bench delivers, record by record, to look at or to play again (driver "file")."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.errors import InstrumentError, OperatorError
from bench.ports import Clock, PulseInput
from calibration.quantities import NS_PER_S

_LOOK_EVERY_NS = 20_000_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """lost: edges that the kernel numbered and did not deliver."""

    seconds: float
    edges: int
    lost: int


def record_line(line: PulseInput, clock: Clock, path: Path, duration_s: float) -> Recorded:
    """Write the line's raw records to a new file for so long. What has come is kept, however it ends.

    Errors: OperatorError where the file cannot be made, InstrumentError where the line or the disk fails.
    """
    try:
        file = path.open("xb")
    except FileExistsError as error:
        raise OperatorError(f"{path} exists; choose another name, nothing is written over") from error
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; choose another place") from error
    first_ns = clock.now_ns()
    until_ns = first_ns + round(duration_s * NS_PER_S)
    edges, last_seqno, first_seqno = 0, 0, None
    with file:
        while (now_ns := clock.now_ns()) < until_ns:
            clock.wait_until(min(until_ns, now_ns + _LOOK_EVERY_NS))
            batch = line.read()
            try:
                file.write(batch.raw)
            except OSError as error:
                raise InstrumentError(f"{path}: {error.strerror}; check the disk") from error
            edges += len(batch.edges)
            if len(batch.edges):
                last_seqno = int(batch.edges.line_seqno[-1])
                first_seqno = int(batch.edges.line_seqno[0]) if first_seqno is None else first_seqno
        file.flush()
        os.fsync(file.fileno())
    numbered = 0 if first_seqno is None else last_seqno - first_seqno + 1
    return Recorded((clock.now_ns() - first_ns) / NS_PER_S, edges, numbered - edges)
