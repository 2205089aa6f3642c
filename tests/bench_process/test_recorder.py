"""The journal's thread: acknowledged is on disk, a failing disk is told, and the loops never wait for it."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from bench.clock import SystemClock
from bench.errors import InstrumentError, OperatorError
from bench.ports import ReferenceSample
from bench.records.journal import Journal
from bench.records.raw_files import RunFiles, sha256_of
from bench.records.recorder import Recorder
from tests.bench_process.support import open_journal

ORIGIN = "meter-test-bench/test"
CLOCK = SystemClock()
SAMPLE = ReferenceSample(())


class Disk:
    """Encodes samples; fails or blocks on request."""

    def __init__(self) -> None:
        self.is_full = False
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def encode(self, sample: ReferenceSample) -> bytes:
        self.may_go_on.wait()
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return b"sample\n"


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def recorder(tmp_path: Path, disk: Disk) -> Iterator[Recorder]:
    made = Recorder(tmp_path, CLOCK, disk.encode, ORIGIN, may_block=False, queue_length=8)
    made.start_run("run-000001", ["1"], CLOCK.state(), {})
    yield made
    disk.may_go_on.set()
    made.close()


def test_a_window_names_the_bytes_that_are_on_disk(recorder: Recorder, tmp_path: Path) -> None:
    recorder.put_edges("1", b"edges")
    recorder.put_samples([SAMPLE, SAMPLE])
    recorder.append_with_raw("run-000001", "window", CLOCK.state(), {})
    recorder.put_edges("1", b"later")
    files = recorder.read(0, 10)[-1].fields()["raw_files"]
    assert files["edges-1.bin"]["bytes"] == 5
    assert files["reference.jsonl"]["bytes"] == 14
    for name, known in files.items():
        assert sha256_of(tmp_path / "runs" / "run-000001" / name, known["bytes"]) == known["sha256"]


def test_edges_of_a_position_without_a_meter_are_not_recorded(recorder: Recorder) -> None:
    recorder.put_edges("2", b"edges")
    recorder.append_with_raw("run-000001", "window", CLOCK.state(), {})
    assert set(recorder.read(0, 10)[-1].fields()["raw_files"]) == {"edges-1.bin", "reference.jsonl"}


def test_a_disk_that_is_full_ends_the_run_with_what_it_said(recorder: Recorder, disk: Disk) -> None:
    disk.is_full = True
    recorder.put_samples([SAMPLE])
    with pytest.raises(InstrumentError, match="No space left on device"):
        recorder.append("run-000001", "verdict", CLOCK.state(), {})
    assert not recorder.put_edges("1", b"edges"), "the loop is told, too"


def test_after_a_run_that_a_full_disk_ended_the_next_one_begins_once_there_is_room(
    recorder: Recorder, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*unused: object) -> None:
        raise InstrumentError("database or disk is full")

    disk.is_full = True
    recorder.put_samples([SAMPLE])
    with pytest.raises(InstrumentError, match="No space left on device"):
        recorder.end_run("run-000001", CLOCK.state(), {})
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "tell_interrupted", full)
        recorder.give_up_run(CLOCK.state())
        with pytest.raises(InstrumentError, match="disk is full"):
            recorder.next_run_id()
        assert recorder.health().is_failing
    disk.is_full = False
    assert recorder.next_run_id() == "run-000002"
    assert not recorder.health().is_failing
    recorder.start_run("run-000002", ["1"], CLOCK.state(), {})
    assert recorder.put_samples([SAMPLE])
    recorder.end_run("run-000002", CLOCK.state(), {})
    records = recorder.read(0, 9)
    assert [(record.run_id[-1], record.kind) for record in records] == [
        ("1", "run_started"), ("1", "interrupted"), ("2", "run_started"), ("2", "run_ended"),
    ]  # fmt: skip
    left = records[1].fields()["raw_files"]["reference.jsonl"]
    file = tmp_path / "runs" / "run-000001" / "reference.jsonl"
    assert left == {"bytes": file.stat().st_size, "sha256": sha256_of(file, file.stat().st_size)}


def test_a_run_that_is_given_up_after_its_end_was_not_interrupted(recorder: Recorder) -> None:
    recorder.end_run("run-000001", CLOCK.state(), {})
    recorder.give_up_run(CLOCK.state())
    assert [record.kind for record in recorder.read(0, 9)] == ["run_started", "run_ended"]


def test_a_full_queue_is_refused_and_never_waited_for(recorder: Recorder, disk: Disk) -> None:
    disk.may_go_on.clear()
    taken = [recorder.put_samples([SAMPLE]) for _ in range(20)]
    assert taken[0]
    assert not taken[-1]


def test_a_defect_in_a_record_reaches_the_one_who_wrote_it(recorder: Recorder) -> None:
    with pytest.raises(TypeError, match="is a float"):
        recorder.append("run-000001", "verdict", CLOCK.state(), {"error": 0.1})
    recorder.append("run-000001", "verdict", CLOCK.state(), {"error": "0.1"})


def test_the_journal_is_for_the_thread_that_has_opened_it(tmp_path: Path) -> None:
    opened, may_close = Future[Journal](), threading.Event()

    def have_it_open() -> None:
        journal = open_journal(tmp_path, CLOCK.state())
        opened.set_result(journal)
        may_close.wait()
        journal.close()

    thread = threading.Thread(target=have_it_open)
    thread.start()
    try:
        with pytest.raises(InstrumentError, match="thread"):
            opened.result().append("run-000001", "note", CLOCK.state(), {})
        with pytest.raises(InstrumentError, match="thread"):
            opened.result().read(0, 1)
    finally:
        may_close.set()
        thread.join()


def test_a_journal_that_cannot_be_opened_is_told_to_whoever_wants_a_recorder(
    recorder: Recorder, disk: Disk, tmp_path: Path
) -> None:
    before = threading.active_count()
    with pytest.raises(OperatorError, match="another bench process has this journal open"):
        Recorder(tmp_path, CLOCK, disk.encode, ORIGIN, may_block=False)
    assert threading.active_count() == before


def test_closing_twice_is_closing_once_and_nothing_waits_for_a_closed_journal(recorder: Recorder) -> None:
    recorder.close()
    recorder.close()
    with pytest.raises(InstrumentError, match="the journal is closed"):
        recorder.append("run-000001", "note", CLOCK.state(), {})
    assert not recorder.put_edges("1", b"edges")


@pytest.mark.parametrize("error", [ValueError("embedded null byte"), RuntimeError("a defect"), KeyError("x")])
def test_what_a_call_raises_reaches_the_caller_and_the_thread_lives(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*unused: object) -> int:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", fail)
        with pytest.raises(type(error), match=str(error.args[0])):
            recorder.append("run-000001", "note", CLOCK.state(), {})
    recorder.append("run-000001", "note", CLOCK.state(), {})
    assert recorder.read(0, 10)[-1].kind == "note"


def test_a_sample_that_cannot_be_encoded_fails_the_next_call_and_not_the_thread(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(files: RunFiles, samples: Sequence[ReferenceSample]) -> None:
        raise ValueError("no such register")

    monkeypatch.setattr(RunFiles, "write_samples", fail)
    recorder.put_samples([SAMPLE])
    with pytest.raises(ValueError, match="no such register"):
        recorder.append("run-000001", "note", CLOCK.state(), {})
