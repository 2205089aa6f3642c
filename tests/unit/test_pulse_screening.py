"""The pulse line's screens on trains made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.pulse_screening import (
    screen_edges,
    screen_intervals,
    screen_line_silence,
    screen_reference_pulses,
)
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
    assert screen_edges(wrapped, METER.serial) == []


@given(st.integers(1, 40), st.integers(1, 50))
def test_every_lost_edge_is_counted(at: int, lost: int) -> None:
    found = screen_edges(without(train(100), slice(at, at + lost)), METER.serial)
    assert values(found, Reason.PULSES_LOST)["lost"] == str(lost)


def test_two_gaps_are_added_up() -> None:
    found = screen_edges(without(without(train(100), slice(70, 77)), slice(10, 13)), METER.serial)
    assert values(found, Reason.PULSES_LOST)["lost"] == "10"


def test_a_gap_is_not_also_called_bounce() -> None:
    found = screen_edges(without(train(20), slice(5, 6)), METER.serial)
    assert [f.reason for f in found] == [Reason.PULSES_LOST]


def test_a_counter_that_starts_again_is_a_loss_of_unknown_size() -> None:
    whole = train(20)
    again = EdgeTrain(
        whole.timestamp_ns, whole.kind, np.where(np.arange(20) < 10, 501 + np.arange(20), np.arange(20) - 9)
    )
    found = screen_edges(again, METER.serial)
    assert "lost" not in values(found, Reason.PULSES_LOST)


def test_an_edge_that_nobody_served_breaks_the_alternation() -> None:
    whole = train(20)
    keep = np.arange(20) != 7
    unseen = EdgeTrain(whole.timestamp_ns[keep], whole.kind[keep], np.arange(1, 20))
    assert values(screen_edges(unseen, METER.serial), Reason.EDGES_NOT_ALTERNATING)["count"] == "1"


@pytest.mark.parametrize("count", [0, 1])
def test_a_train_of_no_or_one_edge_says_nothing(count: int) -> None:
    assert screen_edges(train(count), METER.serial) == []


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


def told(
    pulse_s: FloatArray, frame_s: float = 0.0, constant: float = 1200.0, pulsation_s: float = 0.0
) -> list[tuple[Reason, dict[str, str]]]:
    found = screen_intervals(pulse_s, steady_energy(pulse_s), constant, frame_s, pulsation_s)
    return [(f.reason, dict(f.values)) for f in found]


def moved(by: float, at: int = 10, pulses: int = 20) -> FloatArray:
    """One pulse later by so many intervals."""
    at_s = INTERVAL_S * np.arange(pulses)
    at_s[at] += by * INTERVAL_S
    return at_s


def test_what_is_wrong_with_the_edges_is_told_with_the_meter() -> None:
    cut = without(without(train(60), slice(40, 43)), slice(10, 12))
    assert [(f.reason, dict(f.values)) for f in screen_edges(cut, METER.serial)] == [
        (Reason.PULSES_LOST, {"serial": METER.serial, "lost": "5"})
    ]
    whole = train(20)
    twice = EdgeTrain(
        whole.timestamp_ns, np.where(np.arange(20) % 8 == 3, RISING, whole.kind), whole.line_seqno
    )
    assert [(f.reason, dict(f.values)) for f in screen_edges(twice, METER.serial)] == [
        (Reason.EDGES_NOT_ALTERNATING, {"serial": METER.serial, "count": "5"})
    ]


@pytest.mark.parametrize(
    ("step", "lost"), [(0, None), (2, "1"), (2**31, str(2**31 - 1)), (2**31 + 1, None), (2**32 - 1, None)]
)
def test_a_counter_that_stands_or_goes_back_was_restarted(step: int, lost: str | None) -> None:
    """By up to half of its range it went forward."""
    whole = train(20)
    numbers = (whole.line_seqno + np.where(np.arange(20) >= 10, step - 1, 0)) % 2**32
    found = screen_edges(EdgeTrain(whole.timestamp_ns, whole.kind, numbers), METER.serial)
    assert values(found, Reason.PULSES_LOST) == {"serial": METER.serial} | (
        {} if lost is None else {"lost": lost}
    )


@pytest.mark.parametrize(
    ("at_s", "reason", "pulse", "share"),
    [
        (np.delete(EVEN, 7), Reason.PULSE_MISSING, "7", "2.00"),
        (np.delete(EVEN, 1), Reason.PULSE_MISSING, "1", "2.00"),
        (np.sort(np.append(EVEN, EVEN[7] + 0.3 * INTERVAL_S)), Reason.PULSE_DOUBLED, "8", "0.30"),
        (np.sort(np.append(EVEN, EVEN[7] + 0.7 * INTERVAL_S)), Reason.PULSE_DOUBLED, "9", "0.30"),
        (moved(-0.2), Reason.PULSE_EARLY, "10", "0.80"),
        (moved(-0.2, at=19), Reason.PULSE_EARLY, "19", "0.80"),
        (moved(-0.111), Reason.PULSE_EARLY, "10", "0.89"),
    ],
)
def test_the_interval_that_is_furthest_off_is_told(
    at_s: FloatArray, reason: Reason, pulse: str, share: str
) -> None:
    assert told(at_s) == [(reason, {"pulse": pulse, "share": share})]


def test_a_tenth_of_an_interval_is_always_allowed() -> None:
    assert told(moved(-0.09)) == []
    assert told(moved(0.09)) == []
    # Beyond it, with its neighbour making up for it: one long and one short.
    assert told(moved(0.12))[0][0] is Reason.PULSE_EARLY


def test_a_missing_pulse_beside_an_interval_that_is_a_little_short_is_missing() -> None:
    at_s = np.delete(moved(-0.08, at=10), 12)
    at_s[11:] -= 0.08 * INTERVAL_S
    assert [r for r, _ in told(at_s)] == [Reason.PULSE_MISSING]


def uneven(most: float) -> FloatArray:
    """Intervals evenly spread over 1 - most to 1 + most, so half of them are off by less than half of it."""
    return np.concatenate(([0.0], np.cumsum(1.0 + 2.0 * most * ((np.arange(60) * 0.618034) % 1.0 - 0.5))))


@pytest.mark.parametrize(
    ("most", "by", "is_told"),
    [(0.02, 0.17, False), (0.02, 0.23, True), (0.2, 0.38, False), (0.2, 0.82, True)],
)
def test_intervals_may_be_off_by_ten_times_what_they_scatter_and_half_a_pulse_at_most(
    most: float, by: float, is_told: bool
) -> None:
    """A tenth, and ten times 0.01; or a tenth and a half."""
    early = uneven(most)
    assert told(INTERVAL_S * early) == []
    early[30] -= by
    assert bool(told(INTERVAL_S * early)) is is_told


def test_a_frame_moves_an_interval_by_two_of_it_and_the_count_by_one() -> None:
    """Frames of 0.26 s, a fifth of an interval: a pulse may be off by 0.5, the strip be 0.15 + 1.05 x 0.2 wide."""
    frame_s = 0.2 * INTERVAL_S
    assert told(moved(-0.34), frame_s) == []
    assert told(moved(-0.40), frame_s) == [
        (Reason.PULSE_EARLY, {"pulse": "0", "width": "0.40", "allowed": "0.36"})
    ]
    assert [said for _, said in told(moved(-0.51), frame_s)] == [{"pulse": "10", "share": "0.49"}]
    assert told(moved(0.40), frame_s)[0][0] is Reason.COUNT_STEP


def test_two_pulses_within_half_a_frame_are_told_by_the_second() -> None:
    frame_s = 0.2 * INTERVAL_S
    at_s = np.sort(np.append(EVEN, EVEN[7] + 0.09 * INTERVAL_S))
    assert told(at_s, frame_s) == [(Reason.PULSE_DOUBLED, {"pulse": "8"})]
    at_s = np.sort(np.append(EVEN, EVEN[7] + 0.11 * INTERVAL_S))
    assert told(at_s, frame_s)[0][1]["share"] == "0.11"


def test_pulses_without_energy_between_them_are_doubled() -> None:
    still = np.zeros(7)
    for at_s in (EVEN[:7], still):
        found = screen_intervals(at_s, still, 1200.0)
        assert [(f.reason, dict(f.values)) for f in found] == [(Reason.PULSE_DOUBLED, {"pulses": "7"})]


@pytest.mark.parametrize(("hole", "reason"), [(2, Reason.PULSE_MISSING), (3, Reason.LINE_SILENT)])
def test_a_hole_is_silence_where_a_second_more_than_two_and_a_half_intervals_have_passed(
    hole: int, reason: Reason
) -> None:
    """1.3 s a pulse: 3.9 s, or 5.2 s where three are gone, against 4.25 s."""
    ((found, said),) = told(np.delete(EVEN, slice(5, 5 + hole)))
    assert found is reason
    if reason is Reason.LINE_SILENT:
        assert said == {"seconds": "5"}


@pytest.mark.parametrize("pulses", [2, 3, 4, 5])
def test_a_handful_of_pulses_is_judged_by_the_nameplate(pulses: int) -> None:
    """Each of them two intervals from the next: all others are missing. Of three intervals and more, where none agrees
    with the nameplate, the meter is as far off."""
    sparse = 2.0 * EVEN[:pulses]
    if pulses < 4:
        assert [r for r, _ in told(sparse)] == [Reason.PULSE_MISSING]
    else:
        assert told(sparse) == []
    assert told(EVEN[:pulses]) == []


def test_of_a_few_intervals_one_that_agrees_with_the_nameplate_makes_it_the_measure() -> None:
    at_s = INTERVAL_S * np.array([0.0, 2.0, 4.0, 5.05])
    assert [r for r, _ in told(at_s)] == [Reason.PULSE_MISSING]
    # By a tenth and more it does not agree; then the median is the measure, and the shorter one is off.
    at_s = INTERVAL_S * np.array([0.0, 2.0, 4.0, 5.2])
    assert told(at_s)[0][1] == {"pulse": "3", "share": "0.60"}
    # Five are compared with each other whatever the nameplate says.
    assert told(INTERVAL_S * np.array([0.0, 2.0, 4.0, 6.0, 8.0, 9.0]))[0][1] == {
        "pulse": "5",
        "share": "0.50",
    }


@pytest.mark.parametrize("at", [40, 150, 260])
def test_a_step_of_the_count_is_told_with_the_stretch_it_lies_in(at: int) -> None:
    """Every pulse from `at` on comes a fifth of an interval late, in ten parts that each are too small to see."""
    late = 0.35 * np.clip((np.arange(300) - at) / 5.0, 0.0, 1.0)
    ((reason, said),) = told(INTERVAL_S * (np.arange(300) + late))
    assert reason is Reason.COUNT_STEP
    assert said["allowed"] == "0.15"
    assert 0.15 < float(said["width"]) < 0.35
    assert int(said["pulse"]) <= at < int(said["pulse"]) + 64
    assert int(said["pulse"]) % 32 == 0 or int(said["pulse"]) == 300 - 64


def test_a_drift_of_the_load_is_no_step_of_the_count() -> None:
    """The power register reads 3 % less at the end: a bend, a sixteenth of a pulse in 64."""
    number = np.arange(200.0)
    at_s = INTERVAL_S * number
    energy_Wh = steady_energy(INTERVAL_S * (number + 5e-5 * number**2))
    assert screen_intervals(at_s, energy_Wh, 1200.0) == []


def test_a_first_pulse_ahead_of_all_others_is_all_others_fallen_behind() -> None:
    frame_s = 0.2 * INTERVAL_S
    assert told(moved(-0.40, at=0), frame_s)[0][0] is Reason.COUNT_STEP
    assert told(moved(-0.40, at=1), frame_s)[0][0] is Reason.PULSE_EARLY


def test_the_pulsation_widens_what_an_interval_may_be_off_by_twice_its_swing() -> None:
    """Of 0.02 s on 1.3 s: an interval by 0.031 more than a tenth, the strip too."""
    swing_s = 0.02
    for by, is_told in ((0.12, False), (0.14, True)):
        assert bool(told(moved(-by), pulsation_s=swing_s)) is is_told


def test_silence_is_told_in_seconds_of_the_load_that_flows() -> None:
    """3,600 W on 1,000 imp/kWh: a pulse a second, so 3.5 s of silence."""
    for silent_s, said in ((3.49, None), (3.51, "4"), (60.4, "60")):
        found = screen_line_silence(5 * 10**9, 5 * 10**9 + round(silent_s * 1e9), 3600.0, 1000.0)
        assert [dict(f.values) for f in found] == ([] if said is None else [{"seconds": said}])
    assert screen_line_silence(0, 10**15, -5.0, 1000.0) == []
    assert screen_line_silence(0, 10**15, 0.5, 1000.0) != []


@pytest.mark.parametrize("pair", [(1.3, 0.75), (0.75, 1.3)])
@pytest.mark.parametrize("at", [0, 9, 17])
def test_a_long_interval_beside_one_that_makes_up_for_it_holds_a_pulse_that_came_at_a_wrong_time(
    pair: tuple[float, float], at: int
) -> None:
    shares = np.ones(19)
    shares[at : at + 2] = pair
    at_s = INTERVAL_S * np.concatenate(([0.0], np.cumsum(shares)))
    longer = at + pair.index(1.3) + 1
    assert told(at_s) == [(Reason.PULSE_EARLY, {"pulse": str(longer), "share": "1.30"})]


def test_the_energy_of_pulses_on_coarse_frames_is_that_of_half_the_window() -> None:
    """Frames of a second, pulses each 1.3 s, and a nameplate that is a third off: intervals are of 1 s and 2 s only,
    but ten pulses and more are 1.3 s apart, so that one too many shows."""
    at_s = np.ceil((np.arange(120) + 0.2) * INTERVAL_S)
    assert told(at_s, 1.0, constant=900.0) == []
    ((reason, said),) = told(np.delete(at_s, 60), 1.0, constant=900.0)
    assert reason is Reason.COUNT_STEP
    assert float(said["allowed"]) == pytest.approx(0.15 + 1.05 / INTERVAL_S, abs=0.02)


# --- the reference standard's own pulses


def pulsing_s(count: int, swing: float = 0.0, rate_Hz: float = 73.0) -> np.ndarray:
    """Instants at which a load that pulsates with twice the mains has filled each pulse."""
    at_s = np.arange(count) / rate_Hz
    return at_s + swing * np.sin(2.0 * np.pi * 100.0 * at_s) / rate_Hz


@pytest.mark.parametrize("swing", [0.0, 0.05, 0.12])
def test_a_clean_train_of_the_reference_is_not_refused(swing: float) -> None:
    assert screen_reference_pulses(pulsing_s(5000, swing)) == []


@pytest.mark.parametrize("swing", [0.0, 0.05])
@pytest.mark.parametrize("at", [1, 40, 998])
def test_a_missing_and_a_doubled_pulse_of_the_reference_are_found(at: int, swing: float) -> None:
    clean_s = pulsing_s(1000, swing)
    (missing,) = screen_reference_pulses(np.delete(clean_s, at))
    assert (missing.reason, missing.values["pulse"]) == (Reason.PULSE_MISSING, str(at))
    for part in (0.02, 0.5, 0.9):
        extra_s = clean_s[at - 1] + part * (clean_s[at] - clean_s[at - 1])
        (doubled,) = screen_reference_pulses(np.insert(clean_s, at, extra_s))
        assert doubled.reason is Reason.PULSE_DOUBLED
        assert int(doubled.values["pulse"]) in (at - 1, at, at + 1), "a short interval belongs to both sides"


def test_intervals_that_cannot_be_compared_are_not_judged() -> None:
    on_a_lattice_s = np.ceil(np.arange(500) * 0.0137 / 0.01) * 0.01
    assert screen_reference_pulses(on_a_lattice_s) == []
    assert screen_reference_pulses(np.array([0.0, 1.0, 3.0, 4.0, 5.0])) == []
    assert screen_reference_pulses(np.array([])) == []
