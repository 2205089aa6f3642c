"""The loopback finds the rate beyond which a line loses edges, and a bench that knows it asks for no more than half."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from bench.before_run.countable import known_lossless_Hz, require_countable
from bench.before_run.plan_check import review
from bench.commissioning.check import Wishes, as_record, check_bench
from bench.commissioning.edge_rate import (
    RATES_HZ,
    EdgeRate,
    is_whole,
    measure_edge_rate,
)
from bench.commissioning.parts import State
from bench.commissioning.suitability import Able
from bench.errors import OperatorError
from bench.ports import EdgeBatch
from bench.registry import commissioning as bench_card
from bench.sim.clock import VirtualClock
from calibration.quantities import FALLING, RISING, EdgeTrain
from firmware_io.edge_records import encode_records
from tests.bench_process.support import PLAN, bench_config, plan_of


class Wire:
    """An output wired to an input, in virtual time.

    Edges closer than `dead_s` are never served; one that is served while `queue` edges wait drops the oldest.
    fastest_Hz: driving takes time, so the output goes no faster.
    """

    is_metrological = True

    def __init__(
        self, clock: VirtualClock, dead_s: float = 0.0, queue: int = 1024, fastest_Hz: float = 0.0
    ) -> None:
        self._clock, self._dead_ns, self._queue = clock, round(dead_s * 1e9), queue
        self._drive_ns = round(1e9 / fastest_Hz / 2) if fastest_Hz else 0
        self._level, self._last_ns, self._seqno = False, -(10**9), 0
        self._waiting: list[tuple[int, int, int]] = []
        self.rates: list[float] = []

    def set(self, *, is_active: bool) -> None:
        self._clock.wait_until(self._clock.now_ns() + self._drive_ns)
        now_ns = self._clock.now_ns()
        if is_active == self._level:
            return
        self._level = is_active
        if now_ns - self._last_ns < self._dead_ns:
            return
        self._last_ns = now_ns
        self._seqno += 1
        self._waiting.append((now_ns, RISING if is_active else FALLING, self._seqno))
        del self._waiting[: -self._queue]

    def read(self) -> EdgeBatch:
        rows = np.array(self._waiting, np.int64).reshape(-1, 3)
        self._waiting = []
        edges = EdgeTrain(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())
        return EdgeBatch(encode_records(edges), edges)

    def close(self) -> None: ...


def measured(**wire: float) -> EdgeRate:
    clock = VirtualClock()
    both = Wire(clock, **wire)  # type: ignore[arg-type]
    return measure_edge_rate(both, both, clock)


@pytest.mark.parametrize("true_Hz", [650.0, 1200.0, 4000.0])
def test_the_highest_lossless_rate_is_the_last_below_the_truth(true_Hz: float) -> None:
    found = measured(dead_s=0.5 / true_Hz)
    assert found.lossless_Hz == pytest.approx(max(r for r in RATES_HZ if r <= true_Hz), rel=0.001)
    assert found.lost_at_Hz is not None
    assert found.part().state is State.OK


def test_a_queue_that_overflows_between_two_reads_is_a_loss() -> None:
    # 20 ms at 1,000 Hz are 40 edges.
    found = measured(queue=30)
    assert found.lossless_Hz == pytest.approx(700.0, rel=0.001)


def test_an_output_that_goes_no_faster_is_no_limit_of_the_line() -> None:
    found = measured(fastest_Hz=900.0)
    assert found.lost_at_Hz is None
    assert found.lossless_Hz == pytest.approx(900.0, rel=0.35)
    assert found.edges < 9000, "no faster rate is tried"
    assert "goes no faster" in found.part().sentence("en")


def test_a_wire_that_is_not_there_is_told() -> None:
    class Cut(Wire):
        def read(self) -> EdgeBatch:
            super().read()
            return EdgeBatch(b"", EdgeTrain.empty())

    clock = VirtualClock()
    both = Cut(clock)
    found = measure_edge_rate(both, both, clock)
    assert (found.lossless_Hz, found.part().state) == (0.0, State.BAD)
    assert "check the wire" in found.part().sentence("en")


def test_edges_that_are_misordered_doubled_or_missing_are_not_whole() -> None:
    good = EdgeTrain(np.array([1, 2, 3, 4]), np.array([RISING, FALLING] * 2), np.array([1, 2, 3, 4]))
    assert is_whole(good, 4)
    assert not is_whole(good, 6)
    assert not is_whole(EdgeTrain(np.array([1, 3, 2, 4]), good.kind, good.line_seqno), 4)
    assert not is_whole(EdgeTrain(good.timestamp_ns, np.array([RISING] * 4), good.line_seqno), 4)
    assert not is_whole(EdgeTrain(good.timestamp_ns, good.kind, np.array([1, 2, 4, 5])), 4)


def keep_rate(state_dir: Path, lossless_Hz: float) -> None:
    config = bench_config(state_dir)
    found = check_bench(config, Wishes(seconds=1.0), lambda line: None, "en")
    record = as_record(found, config)
    record["edge_rate"] = {
        "lossless_Hz": f"{lossless_Hz:g}",
        "lost_at_Hz": None,
        "edges": 1,
        "measured": "2026-11-02",
    }
    bench_card.save(state_dir, record, found.wall_time)


def test_a_plan_that_needs_more_than_half_of_the_known_rate_is_refused(tmp_path: Path) -> None:
    # 1,200 imp/kWh at 220 V and 60 A are 4.4 Hz.
    checked = plan_of(PLAN)
    require_countable(checked, bench_config(tmp_path))  # nobody has measured it
    keep_rate(tmp_path, 8.9)
    require_countable(checked, bench_config(tmp_path))
    keep_rate(tmp_path, 8.7)
    with pytest.raises(OperatorError, match=r"Imax 1\.0: position 1 would give 4\.4 pulses a second"):
        review(checked, bench_config(tmp_path), "2026-11-02")
    table = check_bench(bench_config(tmp_path), Wishes(seconds=1.0), lambda line: None, "en").classes
    (point,) = (
        p for row in table if row.accuracy_class == "1" for p in row.points if p.load_point == "Imax 1.0"
    )
    assert point.able is Able.NO
    assert point.why is not None
    assert point.why.sentence("en") == "the meter gives 4.4 Hz, beyond this bench's 4.35 Hz"


def test_a_loopback_that_was_not_wired_refuses_no_plan_and_leaves_what_was_known(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    keep_rate(tmp_path, 1500.0)
    found = check_bench(config, Wishes(seconds=1.0), lambda line: None, "en")
    unwired = dataclasses.replace(found, edge_rate=EdgeRate(0.0, 50.0, 200))
    bench_card.save(tmp_path, as_record(unwired, config), found.wall_time)
    assert known_lossless_Hz(bench_card.latest(tmp_path)) == 1500.0
    keep_rate(tmp_path, 0.0)  # as an earlier program has kept it
    require_countable(plan_of(PLAN), config)
