"""The journal's thread: one writer behind a bounded queue, so that an fsync never stalls the edges.

The loops put raw material and go on; the runner calls and waits for the acknowledgement of its records.
What is queued is written in the order it came, so a result that is acknowledged has its raw data before it.
Raw files are synced at least every second. A disk that fails is kept and raised at the next call.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.canonical import JsonObject
from bench.errors import InstrumentError
from bench.ports import Clock, ClockState, ReferenceSample
from bench.records.journal import Journal, StoredRecord
from bench.records.raw_files import RunFiles
from calibration.quantities import NS_PER_S

T = TypeVar("T")
_QUEUE_LENGTH = 10_000
_SYNC_EVERY_NS = 3 * NS_PER_S // 4
_ACKNOWLEDGE_WITHIN_S = 30.0
"""A commit takes milliseconds; a disk that needs longer than this has failed."""


@dataclass(frozen=True, slots=True)
class _Edges:
    position: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Samples:
    samples: Sequence[ReferenceSample]


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[], None]


class Recorder:
    """Owns the journal and the raw files of the running run.

    may_block: in virtual time the loops wait for room (time stands still meanwhile); in real time a full
    queue is refused, and the loop makes a fault of it.
    """

    def __init__(
        self,
        open_journal: Callable[[], Journal],
        disk_clock: Clock,
        encode_sample: Callable[[ReferenceSample], bytes],
        *,
        may_block: bool,
        queue_length: int = _QUEUE_LENGTH,
    ) -> None:
        self._clock = disk_clock
        self._encode_sample = encode_sample
        self._may_block = may_block
        self._queue: queue.Queue[_Edges | _Samples | _Call | None] = queue.Queue(queue_length)
        self._journal = open_journal()
        self._files: RunFiles | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="journal")
        self._thread.start()

    def put_edges(self, position: str, raw: bytes) -> bool:
        return self._put(_Edges(position, raw))

    def put_samples(self, samples: Sequence[ReferenceSample]) -> bool:
        return self._put(_Samples(samples))

    def next_run_id(self) -> str:
        return self._call(lambda: self._journal.next_run_id())

    def start_run(self, run_id: str, positions: Sequence[str], clock: ClockState, body: JsonObject) -> int:
        """The record that freezes the inputs, then the files that the raw streams go to from now on."""

        def work() -> int:
            number = self._journal.append(run_id, "run_started", clock, body)
            self._files = RunFiles(self._journal.runs_dir / run_id, positions, self._encode_sample)
            return number

        return self._call(work)

    def append(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        """One record; returns its number when it is safe on disk."""
        return self._call(lambda: self._journal.append(run_id, kind, clock, body))

    def append_with_raw(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        """The same, with the digests of the raw files as they are now."""

        def work() -> int:
            files = self._files.digests() if self._files is not None else {}
            return self._journal.append(run_id, kind, clock, {**body, "raw_files": files})

        return self._call(work)

    def end_run(self, run_id: str, clock: ClockState, body: JsonObject) -> int:
        def work() -> int:
            files = self._files.digests() if self._files is not None else {}
            self._close_files()
            return self._journal.end_run(run_id, clock, {**body, "raw_files": files})

        return self._call(work)

    def read(self, since: int, limit: int) -> list[StoredRecord]:
        return self._call(lambda: self._journal.read(since, limit))

    def run_folder(self, run_id: str) -> Path:
        return self._journal.runs_dir / run_id

    def close(self) -> None:
        """Write what is queued and close; safe to call twice."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _put(self, item: _Edges | _Samples) -> bool:
        if self._failure is not None:
            return False
        if self._may_block:
            self._queue.put(item)
            return True
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            return False
        return True

    def _call(self, work: Callable[[], T]) -> T:
        answer: Future[T] = Future()

        def carry_out() -> None:
            try:
                if self._failure is not None:
                    raise self._failure
                answer.set_result(work())
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the caller gets whatever it is
                answer.set_exception(error)

        try:
            self._queue.put(_Call(carry_out), timeout=_ACKNOWLEDGE_WITHIN_S)
            return answer.result(_ACKNOWLEDGE_WITHIN_S)
        except (queue.Full, TimeoutError) as error:
            raise InstrumentError("the journal's disk does not answer; check the disk") from error
        except (OSError, sqlite3.Error) as error:
            raise InstrumentError(f"the journal cannot be written: {error}; check the disk") from error

    def _run(self) -> None:
        sync_due_ns = self._clock.now_ns() + _SYNC_EVERY_NS
        while True:
            left_s = max(0.0, (sync_due_ns - self._clock.now_ns()) / NS_PER_S)
            try:
                item = self._queue.get(timeout=left_s)
            except queue.Empty:
                item = _Call(lambda: None)
            if item is None:
                break
            self._carry_out(item)
            if self._clock.now_ns() >= sync_due_ns:
                self._guarded(self._sync)
                sync_due_ns = self._clock.now_ns() + _SYNC_EVERY_NS
        self._guarded(self._close_files)
        self._journal.close()

    def _carry_out(self, item: _Edges | _Samples | _Call) -> None:
        if isinstance(item, _Call):
            item.work()
        elif self._files is not None and self._failure is None:
            files = self._files
            if isinstance(item, _Edges):
                self._guarded(lambda: files.write_edges(item.position, item.raw))
            else:
                self._guarded(lambda: files.write_samples(item.samples))

    def _guarded(self, work: Callable[[], None]) -> None:
        """A raw file that cannot be written makes every later call fail: the run ends, nothing is hidden."""
        try:
            work()
        except OSError as error:
            self._failure = InstrumentError(f"raw data cannot be written: {error}; check the disk")
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: kept, and raised by the next call
            self._failure = error

    def _sync(self) -> None:
        if self._files is not None:
            self._files.sync()

    def _close_files(self) -> None:
        if self._files is not None:
            self._files.close()
            self._files = None
