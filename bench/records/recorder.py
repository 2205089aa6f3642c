"""The journal's thread: one writer behind a bounded queue, so that an fsync never stalls the edges.

The loops put raw material and go on; the runner calls and waits for the acknowledgement of its records. What is queued
is work for the thread, which alone has the journal and the files (`_Writer`): nobody else holds a reference to them, so
nobody else can touch them. It is done in the order it came, so a result that is acknowledged has its raw data before
it. Raw files are synced at least every second. What a disk fails with is kept and raised at every call, until the run
is given up: then that is marked interrupted as soon as the disk takes it, and the next one may begin.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.canonical import JsonObject
from bench.errors import InstrumentError
from bench.keys.log_key import open_log_key
from bench.ports import Clock, ClockState, ReferenceSample
from bench.records.journal import Journal, Signing
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import RUN_STARTED
from bench.records.raw_files import RunFiles
from calibration.quantities import NS_PER_S

T = TypeVar("T")
_QUEUE_LENGTH = 10_000
_SYNC_EVERY_NS = 3 * NS_PER_S // 4
_TRY_AGAIN_NS = 5 * NS_PER_S
"""Whether a disk that failed takes something again."""
_ACKNOWLEDGE_WITHIN_S = 30.0
"""A commit takes milliseconds; a disk that needs longer than this has failed."""


class _Writer:
    """What the journal's thread alone has: the journal, and the raw files of the running run."""

    def __init__(self, journal: Journal, encode_sample: Callable[[ReferenceSample], bytes]) -> None:
        self.journal = journal
        self._encode_sample = encode_sample
        self._files: RunFiles | None = None
        self._is_unended = False

    def start_run(self, run_id: str, positions: Sequence[str], clock: ClockState, body: JsonObject) -> int:
        self._is_unended = True
        number = self.journal.append(run_id, RUN_STARTED, clock, body)
        self._files = RunFiles(self.journal.runs_dir / run_id, positions, self._encode_sample)
        return number

    def write_edges(self, position: str, raw: bytes) -> None:
        if self._files is not None:
            self._files.write_edges(position, raw)

    def write_samples(self, samples: Sequence[ReferenceSample]) -> None:
        if self._files is not None:
            self._files.write_samples(samples)

    def with_raw(self, body: JsonObject) -> JsonObject:
        """A record's body with the digests of the raw files as they are now."""
        return {**body, "raw_files": self._files.digests() if self._files is not None else {}}

    def end_run(self, run_id: str, clock: ClockState, body: JsonObject) -> int:
        body = self.with_raw(body)
        self.close_files()
        number = self.journal.end_run(run_id, clock, body)
        self._is_unended = False
        return number

    def give_up_run(self, clock: ClockState) -> None:
        """Nobody goes on with the run that was under way. Where it has no end, it was interrupted."""
        if self._files is not None:
            self._files.let_go()
            self._files = None
        if self._is_unended:
            self.journal.tell_interrupted(clock)
            self._is_unended = False

    def sync(self) -> None:
        if self._files is not None:
            self._files.sync()

    def close_files(self) -> None:
        if self._files is not None:
            self._files.close()
            self._files = None


_Work = Callable[[_Writer], None]


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """waiting: what is queued now, of `room`. refused: raw material that found no room. commits: records that were
    acknowledged, with the time that all of them took, and the longest one. is_failing: the disk took something not, and
    has taken nothing since.
    """

    waiting: int
    room: int
    refused: int
    commits: int
    commits_s: float
    longest_commit_s: float
    is_failing: bool


class Recorder:
    """What any thread may use. Errors of a call: InstrumentError where the disk fails; what the journal raises.

    may_block: in virtual time the loops wait for room (time stands still meanwhile); in real time a full
    queue is refused, and the loop makes a fault of it.
    """

    def __init__(
        self,
        state_dir: Path,
        disk_clock: Clock,
        encode_sample: Callable[[ReferenceSample], bytes],
        origin: str,
        *,
        may_block: bool,
        queue_length: int = _QUEUE_LENGTH,
        turned: Callable[[], None] = lambda: None,
    ) -> None:
        """origin: the name under which the journal's checkpoints are signed. turned: called by the thread at least
        every second, also while there is nothing to write; not while a disk holds it up.

        Errors: OperatorError, InstrumentError where the journal or its key cannot be opened.
        """
        self._clock = disk_clock
        self._may_block = may_block
        self._turned = turned
        self._queue: queue.Queue[_Work | None] = queue.Queue(queue_length)
        self._failure: Exception | None = None
        self._given_up: ClockState | None = None
        self._is_closed = False
        self._refused = 0
        self._commits, self._commits_ns, self._longest_commit_ns = 0, 0, 0
        opened_at, opened = disk_clock.state(), Future[None]()
        signing = Signing(origin, lambda may_make: open_log_key(state_dir, may_make=may_make))
        self._thread = threading.Thread(
            target=self._run,
            args=(lambda: _Writer(Journal(state_dir, opened_at, signing), encode_sample), opened),
            name="journal",
        )
        self._thread.start()
        try:
            opened.result()
        except BaseException:
            self.close()
            raise

    def put_edges(self, position: str, raw: bytes) -> bool:
        """Kernel records of a line, for its raw file; False where they were not taken."""
        return self._put(lambda writer: writer.write_edges(position, raw))

    def put_samples(self, samples: Sequence[ReferenceSample]) -> bool:
        """Polls of the reference standard, for their raw file; False where they were not taken."""
        return self._put(lambda writer: writer.write_samples(samples))

    def log_key_fingerprint(self) -> str:
        """Of the key that signs the journal's checkpoints."""
        return self._call(lambda writer: writer.journal.log_key_fingerprint)

    def next_run_id(self) -> str:
        return self._call(lambda writer: writer.journal.next_run_id())

    def start_run(self, run_id: str, positions: Sequence[str], clock: ClockState, body: JsonObject) -> int:
        """The record that freezes the inputs, then the files that the raw streams go to from now on."""
        return self._commit(lambda writer: writer.start_run(run_id, positions, clock, body))

    def append(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        """One record; returns its number when it is safe on disk."""
        return self._commit(lambda writer: writer.journal.append(run_id, kind, clock, body))

    def append_with_raw(self, run_id: str, kind: str, clock: ClockState, body: JsonObject) -> int:
        """The same, with the digests of the raw files as they are now."""
        return self._commit(lambda writer: writer.journal.append(run_id, kind, clock, writer.with_raw(body)))

    def end_run(self, run_id: str, clock: ClockState, body: JsonObject) -> int:
        """The last record of a run; its raw files are closed."""
        return self._commit(lambda writer: writer.end_run(run_id, clock, body))

    def give_up_run(self, clock: ClockState) -> None:
        """The run that was under way is over, with its last record or without. Waits for no disk."""
        self._given_up = clock
        with suppress(queue.Full):
            self._queue.put_nowait(lambda writer: self._guarded(lambda: self._take_leave(writer)))

    def newest_run(self) -> list[StoredRecord]:
        """All records of the run that began last; empty before the first one."""
        return self._call(lambda writer: writer.journal.newest_run())

    def read(self, since: int, limit: int) -> list[StoredRecord]:
        """At most `limit` records from number `since` on."""
        return self._call(lambda writer: writer.journal.read(since, limit))

    def health(self) -> JournalHealth:
        """Since it was made."""
        return JournalHealth(
            waiting=self._queue.qsize(),
            room=self._queue.maxsize,
            refused=self._refused,
            commits=self._commits,
            commits_s=self._commits_ns / NS_PER_S,
            longest_commit_s=self._longest_commit_ns / NS_PER_S,
            is_failing=self._failure is not None or self._given_up is not None,
        )

    def close(self) -> None:
        """Write what is queued and close; safe to call twice. What is asked for afterwards is refused at once."""
        self._is_closed = True
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _put(self, write: _Work) -> bool:
        def work(writer: _Writer) -> None:
            if self._failure is None:
                self._guarded(lambda: write(writer))

        if self._failure is not None or self._is_closed:
            return False
        if self._may_block:
            self._queue.put(work)
            return True
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            self._refused += 1
            return False
        return True

    def _commit(self, append: Callable[[_Writer], int]) -> int:
        """A call that writes a record; how long the disk took is counted, by the journal's thread."""

        def timed(writer: _Writer) -> int:
            began_ns = self._clock.now_ns()
            number = append(writer)
            took_ns = self._clock.now_ns() - began_ns
            self._commits += 1
            self._commits_ns += took_ns
            self._longest_commit_ns = max(self._longest_commit_ns, took_ns)
            return number

        return self._call(timed)

    def _call(self, ask: Callable[[_Writer], T]) -> T:
        if self._is_closed:
            raise InstrumentError("the journal is closed; start the bench again")
        answer: Future[T] = Future()

        def work(writer: _Writer) -> None:
            try:
                self._take_leave(writer)
                if self._failure is not None:
                    raise self._failure
                answer.set_result(ask(writer))
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the caller gets whatever it is
                answer.set_exception(error)

        try:
            self._queue.put(work, timeout=_ACKNOWLEDGE_WITHIN_S)
            return answer.result(_ACKNOWLEDGE_WITHIN_S)
        except (queue.Full, TimeoutError) as error:
            raise InstrumentError("the journal's disk does not answer; check the disk") from error
        except (OSError, sqlite3.Error) as error:
            raise InstrumentError(f"the journal cannot be written: {error}; check the disk") from error

    def _take_leave(self, writer: _Writer) -> None:
        """Of a run that was given up, where there is one, and of what its disk failed with."""
        if self._given_up is not None:
            writer.give_up_run(self._given_up)
            self._given_up = self._failure = None

    def _run(self, open_writer: Callable[[], _Writer], opened: Future[None]) -> None:
        """The thread."""
        try:
            writer = open_writer()
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: whoever makes the recorder gets it
            opened.set_exception(error)
            return
        opened.set_result(None)
        sync_due_ns = self._clock.now_ns() + _SYNC_EVERY_NS
        again_ns = self._clock.now_ns() + _TRY_AGAIN_NS
        while True:
            self._turned()
            left_s = max(0.0, (sync_due_ns - self._clock.now_ns()) / NS_PER_S)
            try:
                work = self._queue.get(timeout=left_s)
                if work is None:
                    break
                work(writer)
            except queue.Empty:
                pass
            if self._clock.now_ns() >= sync_due_ns:
                self._guarded(writer.sync)
                sync_due_ns = self._clock.now_ns() + _SYNC_EVERY_NS
            if self._clock.now_ns() >= again_ns:
                self._guarded(lambda: self._take_leave(writer))
                again_ns = self._clock.now_ns() + _TRY_AGAIN_NS
        self._guarded(writer.close_files)
        writer.journal.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        """A raw file that cannot be written makes every later call fail: the run ends, nothing is hidden."""
        try:
            work()
        except OSError as error:
            self._failure = InstrumentError(f"raw data cannot be written: {error}; check the disk")
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: kept, and raised by the next call
            self._failure = error
