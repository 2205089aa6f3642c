"""The pulse line's screens on trains made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.pulse_screening import screen_edges, screen_intervals, screen_line_silence
from calibration.quantities import FALLING, RISING, EdgeTrain, Finding, FloatArray
from calibration.reasons import Reason
from tests.unit.simulated_screening import METER

INTERVAL_S = 1.3
POWER_W = 3.6e6 / (1200.0 * INTERVAL_S)


def train(edges: int, first_seqno: int = 1) -> EdgeTrain:
    kinds = np.where(np.arange(edges) % 2 == 0, RISING, FALLING)
    return EdgeTrain(np.arange(edges) * 50_000_000, kinds, first_seqno + np.arange(edges))


def without(edges: EdgeTrain, lost: slice) -> EdgeTrain:
    keep = np.ones(len(edges), bool)
    keep[lost] = False
    return EdgeTrain(edges.timestamp_ns[keep], edges.kind[keep], edges.line_seqno[keep])


def steady_energy(at_s: FloatArray) -> FloatArray:
    return at_s * (POWER_W / 3600.0)


def judge(pulse_s: FloatArray, frame_s: float = 0.0) -> list[Reason]:
    return [f.reason for f in screen_intervals(pulse_s, steady_energy(pulse_s), 1200.0, frame_s)]


def values(found: list[Finding], reason: Reason) -> dict[str, str]:
    (finding,) = [f for f in found if f.reason is reason]
    return dict(finding.values)


@given(st.integers(2, 200), st.integers(1, 2**32 - 1))
def test_a_whole_train_is_clean_wherever_its_counter_stands(edges: int, first: int) -> None:
    whole = train(edges, first)
    wrapped = EdgeTrain(whole.timestamp_ns, whole.kind, whole.line_seqno % 2**32)
    assert screen_edges(wrapped, METER) == []


@given(st.integers(1, 40), st.integers(1, 50))
def test_every_lost_edge_is_counted(at: int, lost: int) -> None:
    found = screen_edges(without(train(100), slice(at, at + lost)), METER)
    assert values(found, Reason.PULSES_LOST)["lost"] == str(lost)


def test_two_gaps_are_added_up() -> None:
    found = screen_edges(without(without(train(100), slice(70, 77)), slice(10, 13)), METER)
    assert values(found, Reason.PULSES_LOST)["lost"] == "10"


def test_a_gap_is_not_also_called_bounce() -> None:
    found = screen_edges(without(train(20), slice(5, 6)), METER)
    assert [f.reason for f in found] == [Reason.PULSES_LOST]


def test_a_counter_that_starts_again_is_a_loss_of_unknown_size() -> None:
    whole = train(20)
    again = EdgeTrain(
        whole.timestamp_ns, whole.kind, np.where(np.arange(20) < 10, 501 + np.arange(20), np.arange(20) - 9)
    )
    found = screen_edges(again, METER)
    assert "lost" not in values(found, Reason.PULSES_LOST)


def test_an_edge_that_nobody_served_breaks_the_alternation() -> None:
    whole = train(20)
    keep = np.arange(20) != 7
    unseen = EdgeTrain(whole.timestamp_ns[keep], whole.kind[keep], np.arange(1, 20))
    assert values(screen_edges(unseen, METER), Reason.EDGES_NOT_ALTERNATING)["count"] == "1"


@pytest.mark.parametrize("count", [0, 1])
def test_a_train_of_no_or_one_edge_says_nothing(count: int) -> None:
    assert screen_edges(train(count), METER) == []


EVEN = INTERVAL_S * np.arange(20)


def test_even_pulses_are_clean() -> None:
    assert judge(EVEN) == []
    assert judge(EVEN[:2]) == []
    assert judge(EVEN[:1]) == []


@pytest.mark.parametrize("at", [1, 2, 10, 17, 18])
def test_a_missing_pulse_is_called_missing(at: int) -> None:
    assert judge(np.delete(EVEN, at)) == [Reason.PULSE_MISSING]


@pytest.mark.parametrize("share", [0.0005, 0.1, 0.4, 0.5, 0.9])
@pytest.mark.parametrize("at", [0, 9, 18])
def test_one_pulse_too_many_is_called_doubled(at: int, share: float) -> None:
    assert judge(np.sort(np.append(EVEN, EVEN[at] + share * INTERVAL_S))) == [Reason.PULSE_DOUBLED]


@pytest.mark.parametrize("share", [0.15, 0.3, 0.6])
@pytest.mark.parametrize("at", [1, 10, 18, 19])
def test_an_early_pulse_is_called_early_at_the_end_of_the_window_too(at: int, share: float) -> None:
    early = EVEN.copy()
    early[at] -= share * INTERVAL_S
    assert judge(early) == [Reason.PULSE_EARLY]


@pytest.mark.parametrize("pulses", [3, 4, 5])
def test_a_doubled_pulse_is_seen_among_a_handful(pulses: int) -> None:
    assert judge(np.sort(np.append(EVEN[:pulses], 0.4 * INTERVAL_S))) == [Reason.PULSE_DOUBLED]


def test_a_meter_far_off_its_constant_is_not_mistaken_for_a_faulty_line() -> None:
    # Every interval carries half the energy that the nameplate says: that is the meter's error, not the line's.
    assert judge(0.5 * EVEN) == []


def test_an_unsteady_load_does_not_look_like_faulty_pulses() -> None:
    # Load from 100 % down to 40 %: intervals stretch by 2.5, their energy does not.
    at_s = np.linspace(0.0, 60.0, 6001)
    energy = np.cumsum(np.interp(at_s, [0.0, 60.0], [POWER_W, 0.4 * POWER_W])) * 0.01 / 3600.0
    levels = np.arange(energy[0], energy[-1], 1000.0 / 1200.0)
    found = screen_intervals(np.interp(levels, energy, at_s), levels, 1200.0)
    assert found == []


@given(st.floats(0.0, 1.0), st.floats(1.05, 6.0), st.integers(20, 200))
def test_a_lattice_alone_is_never_a_fault(phase: float, interval_s: float, pulses: int) -> None:
    # Emission at the next whole second, so that intervals of 1 s and 2 s mix.
    emitted = np.ceil((np.arange(pulses) + phase) * interval_s)
    energy_Wh = emitted * (1000.0 / 1200.0 / interval_s)
    assert screen_intervals(emitted, energy_Wh, 1200.0, 1.0) == []


def test_a_count_step_inside_the_lattice_is_found_by_what_stays() -> None:
    emitted = np.ceil((np.arange(120) + 0.2) * INTERVAL_S)
    assert judge(emitted, frame_s=1.0) == []
    assert judge(np.delete(emitted, 60), frame_s=1.0) == [Reason.COUNT_STEP]


def test_two_pulses_in_one_frame_cannot_both_be_the_meters() -> None:
    emitted = np.ceil((np.arange(120) + 0.2) * INTERVAL_S)
    assert judge(np.sort(np.append(emitted, emitted[50] + 0.0004)), frame_s=1.0) == [Reason.PULSE_DOUBLED]


def test_a_line_that_was_off_for_long_is_silent_rather_than_missing_a_pulse() -> None:
    assert judge(np.delete(EVEN, slice(5, 12))) == [Reason.LINE_SILENT]


def test_silence_is_called_after_two_and_a_half_intervals_and_a_frame() -> None:
    limit_s = 2.5 * INTERVAL_S + 1.0
    assert screen_line_silence(0, int((limit_s - 0.01) * 1e9), POWER_W, 1200.0) == []
    (finding,) = screen_line_silence(0, int((limit_s + 0.01) * 1e9), POWER_W, 1200.0)
    assert (finding.reason, finding.values["seconds"]) == (Reason.LINE_SILENT, "4")


def test_no_pulse_is_expected_without_load() -> None:
    assert screen_line_silence(0, 10**15, 0.0, 1200.0) == []


SWING_S = 0.0016
FAST_S = 0.0273
FASTEST_S = 0.00273
"""13.2 kW at 10,000 and at 100,000 imp/kWh: the pulsation moves an interval by up to 12 %, and by more than itself."""


def on_pulsating_load(pulses: int, interval_s: float) -> FloatArray:
    """At power factor 1 and 50 Hz: each pulse where t - swing sin(2 w t) reaches its level."""
    level_s = interval_s * np.arange(pulses)
    at_s = level_s.copy()
    for _ in range(60):
        at_s -= (at_s - SWING_S * np.sin(200 * np.pi * at_s) - level_s) / 2.0
    return at_s


def judge_pulsating(at_s: FloatArray, interval_s: float) -> list[Reason]:
    found = screen_intervals(at_s, steady_energy(at_s), 3.6e6 / (POWER_W * interval_s), pulsation_s=SWING_S)
    return [finding.reason for finding in found]


def test_a_pulsating_load_moves_pulses_and_hides_no_fault() -> None:
    at_s = on_pulsating_load(100, FAST_S)
    assert judge_pulsating(at_s, FAST_S) == []
    assert judge_pulsating(np.delete(at_s, 40), FAST_S) == [Reason.PULSE_MISSING]
    doubled_s = np.sort(np.append(at_s, at_s[40] + 0.4 * FAST_S))
    assert judge_pulsating(doubled_s, FAST_S) == [Reason.PULSE_DOUBLED]


@pytest.mark.parametrize("at", range(160, 180))
def test_a_step_shows_where_the_pulsation_is_as_long_as_an_interval(at: int) -> None:
    # A missing pulse may hide in its interval, but not in the count.
    at_s = on_pulsating_load(400, FASTEST_S)
    assert judge_pulsating(at_s, FASTEST_S) == []
    assert judge_pulsating(np.delete(at_s, at), FASTEST_S) != []


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [([], 0), ([5], 0), ([5, 6, 7], 0), ([5, 8, 9], 2), ([2**32 - 1, 0, 2], 1), ([9, 9, 10, 1, 2], 0)],
)
def test_lost_edges_are_counted_over_the_end_of_the_counter_and_not_over_its_restart(
    numbers: list[int], lost: int
) -> None:
    none = np.zeros(len(numbers), np.int64)
    assert EdgeTrain(none, none, np.array(numbers, np.int64)).lost == lost
