"""Each fault of a pulse line: what the input side sees, in a run of arrays and on the live plant alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sim.faults import LINE_FAULTS, Fault, FaultEvent
from bench.sim.line_faults import PulseLine
from bench.sim.plant import PlantSetup
from bench.sim.study import RunSetup, simulate_run
from calibration.quantities import FALLING, RISING, EdgeTrain
from tests.sim.rig import FULL_LOAD, Rig

AT_S = 30.2


def in_a_study(event: FaultEvent | None) -> EdgeTrain:
    return simulate_run(RunSetup(faults=(event,) if event else ()), 60.0, seed=6).meters[0]


def live(event: FaultEvent | None) -> EdgeTrain:
    rig = Rig(PlantSetup(faults=(event,) if event else ()))
    rig.source.apply(FULL_LOAD)
    return rig.run(60.0).edges()


pytestmark = pytest.mark.parametrize("run", [in_a_study, live])


def alternates(edges: EdgeTrain) -> bool:
    return bool(np.all(np.diff(edges.kind) != 0))


def gap(edges: EdgeTrain) -> int:
    """Edges missing by the kernel's count."""
    return int(np.sum(np.diff(edges.line_seqno) - 1))


def relative_intervals(edges: EdgeTrain) -> np.ndarray:
    interval = np.diff(edges.of_kind(RISING))
    return np.asarray(interval / np.median(interval))


def test_a_clean_line_shows_nothing(run) -> None:
    edges = run(None)
    assert alternates(edges)
    assert gap(edges) == 0
    np.testing.assert_allclose(relative_intervals(edges), 1.0, atol=0.02)


def test_a_lost_edge_is_a_gap_in_the_sequence(run) -> None:
    edges = run(FaultEvent(Fault.LOST_EDGE, AT_S))
    assert gap(edges) == 1
    assert not alternates(edges)


def test_a_vanished_edge_breaks_the_alternation_and_nothing_else(run) -> None:
    edges = run(FaultEvent(Fault.VANISHED_EDGE, AT_S))
    assert gap(edges) == 0
    assert np.sum(np.diff(edges.kind) == 0) == 1
    assert len(edges) == len(run(None)) - 1


def test_a_bounce_is_an_extra_short_pair(run) -> None:
    edges = run(FaultEvent(Fault.BOUNCED_EDGE, AT_S))
    assert gap(edges) == 0
    assert alternates(edges)
    assert len(edges) == len(run(None)) + 2
    assert np.min(np.diff(edges.of_kind(RISING))) < 1_000_000


def test_a_missing_pulse_doubles_one_interval(run) -> None:
    edges = run(FaultEvent(Fault.MISSING_PULSE, AT_S))
    assert gap(edges) == 0
    assert alternates(edges)
    assert np.sort(relative_intervals(edges))[-2:] == pytest.approx([1.0, 2.0], abs=0.02)


def test_a_doubled_pulse_makes_two_short_intervals_that_make_one(run) -> None:
    edges = run(FaultEvent(Fault.DOUBLED_PULSE, AT_S))
    assert gap(edges) == 0
    assert alternates(edges)
    relative = relative_intervals(edges)
    short = np.flatnonzero(relative < 0.9)
    assert len(short) == 2
    assert relative[short].sum() == pytest.approx(1.0, abs=0.02)


def test_an_early_pulse_makes_a_short_interval_and_a_long_one(run) -> None:
    edges = run(FaultEvent(Fault.EARLY_PULSE, AT_S))
    assert gap(edges) == 0
    assert alternates(edges)
    odd = np.flatnonzero(np.abs(relative_intervals(edges) - 1.0) > 0.1)
    assert relative_intervals(edges)[odd] == pytest.approx([0.7, 1.3], abs=0.02)


@pytest.mark.parametrize("lost", [1, 7, 20])
def test_an_overflowed_queue_shows_exactly_how_many_were_lost(run, lost: int) -> None:
    edges = run(FaultEvent(Fault.QUEUE_OVERFLOW, AT_S, amount=lost))
    assert gap(edges) == lost
    assert len(edges) == len(run(None)) - lost


def test_an_unplugged_line_is_silent_for_its_time(run) -> None:
    edges = run(FaultEvent(Fault.UNPLUGGED_LINE, AT_S, duration_s=12.0))
    assert gap(edges) == 0
    assert alternates(edges)
    assert np.max(np.diff(edges.timestamp_ns)) > 10e9
    assert np.max(relative_intervals(edges)) > 7


@given(
    st.lists(st.sampled_from(sorted(LINE_FAULTS)), max_size=5),
    st.lists(st.integers(0, 5_000), min_size=5, max_size=5),
    st.lists(st.integers(1, 9), min_size=1, max_size=10),
)
def test_a_line_delivers_the_same_in_one_piece_or_in_many(run, faults, at_ms, cuts) -> None:
    events = [
        FaultEvent(Fault(f), t / 1000.0, 0.5, 3.0 if f == Fault.QUEUE_OVERFLOW else None).scheduled(0)
        for f, t in zip(faults, at_ms, strict=False)
    ]
    rising = np.arange(1, 41) * 130_000_000
    stamps = np.sort(np.concatenate((rising, rising + 50_000_000)))
    kinds = np.tile([RISING, FALLING], 40)
    whole = PulseLine(events).deliver(stamps, kinds)
    line, parts, first = PulseLine(events), [], 0
    for size in [*cuts, len(stamps)]:
        parts.append(line.deliver(stamps[first : first + size], kinds[first : first + size]))
        first += size
    for name in EdgeTrain.__slots__:
        together = np.concatenate([getattr(p, name) for p in parts])
        assert np.array_equal(together, getattr(whole, name))
    assert np.all(np.diff(whole.timestamp_ns) > 0)
    assert np.all(np.diff(whole.line_seqno) > 0)
