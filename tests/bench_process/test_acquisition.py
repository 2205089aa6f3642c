"""The loops: what they record, what they make of a device that fails, and the reference's own pulse line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.app import compose, replay_run
from bench.clock import SystemClock
from bench.errors import InstrumentError
from bench.line_names import REFERENCE_LINE
from bench.measurement.acquisition import Acquisition, EdgeLoop, PollLoop, device_fault
from bench.measurement.loops import LoopThread, LoopTurningClock
from bench.measurement.stores import EdgeStore, PollStore
from bench.ports import Clock, EdgeBatch, ReferenceSample, StampedValue
from bench.process import MeasuringProcess
from bench.safety.liveness import Liveness
from bench.sim.clock import VirtualClock
from calibration.quantities import FALLING, NS_PER_S, RISING, EdgeTrain, Outcome
from calibration.reasons import Reason
from firmware_io.edge_records import encode_records
from tests.bench_process.support import bench_config, plan_of, virtual_bench

SAMPLE = ReferenceSample((), StampedValue(1.0, 10, 20), StampedValue(2.0, 10, 20))


class Sink:
    """Takes what it has room for."""

    def __init__(self, has_room: bool = True) -> None:
        self.has_room = has_room
        self.edges: list[bytes] = []
        self.samples: list[ReferenceSample] = []

    def put_edges(self, position: str, raw: bytes) -> bool:
        self.edges.append(raw)
        return self.has_room

    def put_samples(self, samples: list[ReferenceSample]) -> bool:
        self.samples += samples
        return self.has_room


class Reference:
    def __init__(self) -> None:
        self.polls = 0

    def poll(self) -> ReferenceSample:
        self.polls += 1
        return SAMPLE

    def close(self) -> None:
        """Nothing is open."""


def train(first: int, count: int) -> EdgeTrain:
    index = np.arange(first, first + count)
    return EdgeTrain(index * 1_000, np.where(index % 2, FALLING, RISING), index + 1)


class Line:
    is_metrological = True

    def __init__(self) -> None:
        self.batches: list[EdgeBatch | InstrumentError] = []

    def read(self) -> EdgeBatch:
        if not self.batches:
            return EdgeBatch(b"", EdgeTrain.empty())
        batch = self.batches.pop(0)
        if isinstance(batch, InstrumentError):
            raise batch
        return batch

    def close(self) -> None:
        """Nothing is open."""


@given(st.lists(st.integers(0, 900), max_size=12))
def test_a_view_of_the_edges_never_changes_while_the_store_grows(counts: list[int]) -> None:
    store, views, first = EdgeStore(), [], 0
    for count in counts:
        store.append(train(first, count))
        first += count
        view = store.since(0)
        views.append((view, view.timestamp_ns.copy()))
    assert len(store) == first
    for view, before in views:
        assert np.array_equal(view.timestamp_ns, before)
    assert np.array_equal(store.since(first // 2).line_seqno, train(0, first).line_seqno[first // 2 :])


@given(st.lists(st.integers(0, 900), max_size=40), st.integers(1, 3000))
def test_what_is_forgotten_changes_no_index_no_view_and_no_count_of_lost_edges(
    counts: list[int], kept: int
) -> None:
    store, everything, first = EdgeStore(), EdgeStore(), 0
    view, before = store.since(0), store.since(0).timestamp_ns.copy()
    for count in counts:
        edges = train(first, count)
        # Every batch lacks its last edge: the kernel has counted it.
        edges = EdgeTrain(edges.timestamp_ns[:-1], edges.kind[:-1], edges.line_seqno[:-1])
        first += count
        for each in (store, everything):
            each.append(edges)
        assert np.array_equal(view.timestamp_ns, before)
        latest = everything.since(0).timestamp_ns
        if len(latest) > kept:
            store.forget_before(int(latest[-kept]))
        view = store.since(0)
        before = view.timestamp_ns.copy()
        index = max(len(store) - kept, 0)
        assert len(store) == len(everything)
        assert np.array_equal(store.since(index).line_seqno, everything.since(index).line_seqno)
        assert store.lost == everything.since(0).lost
    assert store.room <= 2 * max(kept + 1800, 1024)


def test_an_edge_that_was_lost_after_a_long_silence_is_counted_though_all_before_it_may_go() -> None:
    store = EdgeStore()
    store.append(train(0, 1024))
    store.forget_before(10**9)
    store.append(train(1026, 5))
    assert store.lost == 2
    assert len(store.since(0)) == 6


def test_the_memory_of_polls_stays_as_large_as_what_may_still_be_asked_for() -> None:
    store, everything = PollStore(), PollStore()
    for n in range(50_000):
        for each in (store, everything):
            each.append(10 * n, 10 * n + 5, float(n))
        if n % 100 == 0:
            store.forget_before(10 * (n - 500))
    assert store.room < 4096 < everything.room
    assert len(store) == len(everything)
    at = 10 * 49_700
    assert store.index_at(at) == everything.index_at(at)
    kept, whole = store.since(store.index_at(at)), everything.since(everything.index_at(at))
    assert np.array_equal(kept.value, whole.value)
    assert np.array_equal(kept.reply_ns, whole.reply_ns)


def test_a_bench_that_idles_forgets_what_is_old_and_still_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.process._KEPT_NS", 60 * NS_PER_S)
    with virtual_bench(tmp_path) as process:
        acquisition = process.acquisition
        lasting = [device_fault(process.clock.now_ns(), "an old one") for _ in range(3)]
        acquisition.line_faults["1"] += lasting
        acquisition.reference_faults += lasting
        for _ in range(40):
            process.wait_idle(30.0)
        assert acquisition.polls > 5000
        assert acquisition.power_W.room < acquisition.polls / 2
        assert acquisition.line_faults["1"] == acquisition.reference_faults == []
        assert acquisition.faults_of("1") == 3
        summary = process.run(plan_of())
    assert summary.verdict is Outcome.PASS
    assert replay_run(tmp_path, summary.run_id).differences == ()


def test_polls_are_found_by_their_instant() -> None:
    store = PollStore()
    for n in range(3000):
        store.append(10 * n, 10 * n + 5, float(n))
    assert store.since(store.index_at(15_000)).value[0] == 1500.0
    assert len(store.since(store.index_at(10**9))) == 0


def test_a_line_that_fails_is_a_fault_once_and_again_after_it_came_back() -> None:
    acquisition, line = Acquisition(["1"]), Line()
    loop = EdgeLoop({"1": line}, acquisition, Sink(), 0.02)
    gone = InstrumentError("pulse line 1: gone")
    line.batches = [gone, gone, EdgeBatch(encode_records(train(0, 2)), train(0, 2)), gone]
    for turn in range(4):
        loop.turn(turn)
    assert [fault.at_ns for fault in acquisition.line_faults["1"]] == [0, 3]
    assert len(acquisition.edges["1"]) == 2


def test_what_cannot_be_recorded_raw_is_a_fault() -> None:
    acquisition, line = Acquisition(["1"]), Line()
    line.batches = [EdgeBatch(encode_records(train(0, 2)), train(0, 2))]
    EdgeLoop({"1": line}, acquisition, Sink(has_room=False), 0.02).turn(7)
    PollLoop(Reference(), acquisition, Sink(has_room=False), 0.05).turn(10**9)
    assert acquisition.line_faults["1"][0].finding.reason is Reason.DEVICE_FAILED
    assert acquisition.reference_faults[0].finding.reason is Reason.DEVICE_FAILED


def test_in_virtual_time_loops_are_turned_in_the_order_of_their_instants() -> None:
    class Noting:
        def __init__(self, name: str, period_ns: int) -> None:
            self.name, self.period_ns = name, period_ns

        def interval_ns(self) -> int:
            return self.period_ns

        def turn(self, now_ns: int) -> None:
            turns.append((now_ns, self.name))

    turns: list[tuple[int, str]] = []
    inner = VirtualClock(0)
    liveness = Liveness({"a": 20e-9, "b": 60e-9, "c": 1.0}, 0)
    clock: Clock = LoopTurningClock(inner, (Noting("a", 30), Noting("b", 50)), liveness)
    clock.wait_until(100)
    assert turns == [(0, "a"), (0, "b"), (30, "a"), (50, "b"), (60, "a"), (90, "a"), (100, "b")]
    assert clock.now_ns() == 100
    assert liveness.silent(111) == ("a",), "turned at 90, within 20 ns"


def test_a_loop_thread_hands_on_what_its_loop_died_of() -> None:
    class Broken(Reference):
        def poll(self) -> ReferenceSample:
            raise ZeroDivisionError("a defect")

    thread = LoopThread(PollLoop(Broken(), Acquisition(["1"]), Sink(), 0.001), SystemClock(), Liveness({}, 0))
    thread.start()
    thread.stop()
    with pytest.raises(ZeroDivisionError, match="a defect"):
        thread.check()


def test_the_references_own_pulses_are_recorded_estimated_with_and_replayed(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    equipment = compose(config, lambda line: None)

    class TenHertz:
        """A pulse line that ticks with the bench clock, 50 ms high and 50 ms low."""

        is_metrological = True

        def __init__(self) -> None:
            self.next = equipment.clock.now_ns() // 50_000_000 + 1

        def read(self) -> EdgeBatch:
            index = np.arange(self.next, equipment.clock.now_ns() // 50_000_000 + 1)
            self.next += len(index)
            edges = EdgeTrain(index * 50_000_000, np.where(index % 2, FALLING, RISING), index)
            return EdgeBatch(encode_records(edges), edges)

        def close(self) -> None:
            """Nothing is open."""

    inputs = {**equipment.pulse_inputs, REFERENCE_LINE: TenHertz()}
    watched = dataclasses.replace(equipment, pulse_inputs=inputs)
    with MeasuringProcess(config, watched) as process:
        summary = process.run(plan_of())
        records = [record.fields() for record in process.recorder.read(0, 100)]
    (window,) = [fields for fields in records if fields["kind"] == "window"]
    assert window["raw_files"]["edges-reference.bin"]["bytes"] > 48 * 200
    assert (tmp_path / "runs" / summary.run_id / "edges-reference.bin").stat().st_size > 48 * 200
    assert replay_run(tmp_path, summary.run_id).differences == ()
