"""The reference's screens on polls made by hand: a register of step r refreshed every T under a steady load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.quantities import Finding, FloatArray, InstrumentFault, PolledRegister, ReferenceReadings
from calibration.reasons import Reason
from calibration.reference_screening import screen_answers, screen_readings
from calibration.reference_standard import ReferenceCard

CARD = ReferenceCard("m", "s", 0.1, energy_step_Wh=0.1, refresh_s=0.2, power_step_W=0.1)
POLL_S = 0.045


def polls(at_s: FloatArray, value: FloatArray) -> PolledRegister:
    request = np.rint(at_s * 1e9).astype(np.int64)
    return PolledRegister(request, request + 20_000_000, value)


def readings(
    power_W: FloatArray | float = 2300.0, duration_s: float = 60.0, start_Wh: float = 5000.0
) -> ReferenceReadings:
    """Polls of a reference that refreshes every 0.2 s; power_W: the load at each poll."""
    at_s = np.arange(0.0, duration_s, POLL_S)
    load = np.broadcast_to(np.asarray(power_W, np.float64), at_s.shape)
    refresh = np.floor(at_s / 0.2) * 0.2
    energy = np.interp(refresh, at_s, start_Wh + np.cumsum(load) * POLL_S / 3600.0)
    shown = np.rint(np.interp(refresh, at_s, load) * 10.0) / 10.0
    return ReferenceReadings(polls(at_s, np.floor(energy * 10.0) / 10.0), polls(at_s, shown))


def screened(seen: ReferenceReadings, card: ReferenceCard = CARD) -> list[Finding]:
    return screen_readings(seen, card, 1_000_000_000, 58_000_000_000)


def reasons(seen: ReferenceReadings, card: ReferenceCard = CARD) -> list[Reason]:
    return [f.reason for f in screened(seen, card)]


def with_energy(seen: ReferenceReadings, energy_Wh: FloatArray) -> ReferenceReadings:
    return replace(seen, energy_Wh=replace(seen.energy_Wh, value=energy_Wh))


def with_power(seen: ReferenceReadings, power_W: FloatArray) -> ReferenceReadings:
    return replace(seen, power_W=replace(seen.power_W, value=power_W))


def at(seen: ReferenceReadings) -> FloatArray:
    return np.asarray(seen.energy_Wh.request_ns / 1e9)


@given(st.floats(40.0, 12_000.0), st.floats(0.0, 1e6))
def test_a_steady_load_is_clean_at_any_power_and_reading(power_W: float, start_Wh: float) -> None:
    assert reasons(readings(power_W, start_Wh=start_Wh)) == []


def test_a_fault_of_the_driver_is_passed_through_if_it_is_inside_the_window() -> None:
    late = Finding(Reason.REFERENCE_LATE, {"seconds": "0.7"})
    inside = replace(readings(), faults=(InstrumentFault(30_000_000_000, late),))
    outside = replace(readings(), faults=(InstrumentFault(500_000_000, late),))
    assert screened(inside) == [late]
    assert screened(outside) == []


def test_the_same_fault_is_told_once() -> None:
    fault = Finding(Reason.REFERENCE_OVER_RANGE)
    many = tuple(InstrumentFault(30_000_000_000 + i, fault) for i in range(5))
    assert reasons(replace(readings(), faults=many)) == [Reason.REFERENCE_OVER_RANGE]


def test_a_silence_is_told_with_its_whole_length_and_after_what_it_comes_from() -> None:
    silent = [Finding(Reason.REFERENCE_SILENT, {"seconds": f"0.{i}"}) for i in range(1, 9)]
    late = Finding(Reason.REFERENCE_LATE, {"seconds": "0.8"})
    faults = tuple(InstrumentFault(30_000_000_000 + i, f) for i, f in enumerate([*silent, late, silent[-1]]))
    assert screened(replace(readings(), faults=faults)) == [late, silent[-1]]


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_not_computed_with(odd: float) -> None:
    seen = readings()
    power = seen.power_W.value.copy()
    power[500] = odd
    assert reasons(with_power(seen, power)) == [Reason.REFERENCE_NOT_A_NUMBER]


@pytest.mark.parametrize("hole", [(20.0, 21.2), (0.5, 2.2), (56.9, 60.0)], ids=["middle", "start", "end"])
def test_a_hole_in_the_polls_is_silence_wherever_it_lies(hole: tuple[float, float]) -> None:
    seen = readings()
    keep = (at(seen) < hole[0]) | (at(seen) > hole[1])
    cut = ReferenceReadings(
        PolledRegister(
            *(a[keep] for a in (seen.energy_Wh.request_ns, seen.energy_Wh.reply_ns, seen.energy_Wh.value))
        ),
        PolledRegister(
            *(a[keep] for a in (seen.power_W.request_ns, seen.power_W.reply_ns, seen.power_W.value))
        ),
    )
    assert reasons(cut) == [Reason.REFERENCE_SILENT]


def test_no_reading_at_all_is_silence() -> None:
    assert reasons(ReferenceReadings.empty()) == [Reason.REFERENCE_SILENT]


def test_energy_that_starts_again_is_a_reset_and_energy_that_falls_is_not() -> None:
    seen = readings()
    energy = seen.energy_Wh.value
    restarted = np.where(at(seen) > 30.0, np.maximum(energy - energy[at(seen) > 30.0][0], 0.0), energy)
    fallen = np.where(at(seen) > 30.0, energy - 1.0, energy)
    assert reasons(with_energy(seen, restarted)) == [Reason.REFERENCE_RESET]
    assert reasons(with_energy(seen, fallen)) == [Reason.REFERENCE_BACKWARD]


def test_a_load_so_weak_that_its_power_is_read_a_third_too_high_is_not_stalled() -> None:
    """A tick in 1,385 s by 0.26 W, in 1,200 s by the 0.3 W that are read."""
    seen = readings(0.26, duration_s=4000.0)
    assert screen_readings(seen, CARD, 1_000_000_000, 3_990_000_000_000) == []


def test_registers_that_stand_still_are_stalled() -> None:
    seen = readings()
    frozen = (at(seen) > 30.0) & (at(seen) < 33.0)
    hold = int(np.flatnonzero(frozen)[0])
    energy = np.where(frozen, seen.energy_Wh.value[hold], seen.energy_Wh.value)
    (finding,) = screened(with_energy(seen, energy))
    assert finding.reason is Reason.REFERENCE_STALLED
    assert float(finding.values["seconds"]) == pytest.approx(3.1, abs=0.2)


def test_a_coarse_register_may_rest_as_long_as_its_step_takes() -> None:
    # 57 W moves a register of 1 Wh once in 63 s.
    seen = readings(57.0)
    coarse = with_energy(seen, np.floor(seen.energy_Wh.value))
    assert reasons(coarse, replace(CARD, energy_step_Wh=1.0)) == []


def test_a_lively_power_register_that_freezes_tells_a_stall_that_a_coarse_register_hides() -> None:
    rng = np.random.default_rng(5)
    # A new power (sd 2 W) with each refresh, and an energy register that never moves in this minute.
    index = np.floor(np.arange(0.0, 60.0, POLL_S) / 0.2).astype(int)
    load = 57.0 + 2.0 * rng.standard_normal(index[-1] + 1)[index]
    seen = readings(57.0)
    seen = with_energy(with_power(seen, np.rint(load * 10.0) / 10.0), np.full(len(index), 5000.0))
    coarse = replace(CARD, energy_step_Wh=10.0)
    stability = [
        screen_readings(s, coarse, 1_000_000_000, 58_000_000_000, load_stability_pct=30.0)
        for s in (seen, with_power(seen, np.where(at(seen) > 40.0, load[900], seen.power_W.value)))
    ]
    assert [[f.reason for f in found] for found in stability] == [[], [Reason.REFERENCE_STALLED]]


@pytest.mark.parametrize("jump_Wh", [0.4, 1.0, 50.0])
def test_energy_that_did_not_flow_is_a_jump(jump_Wh: float) -> None:
    seen = readings()
    jumped = np.where(at(seen) > 25.0, seen.energy_Wh.value + jump_Wh, seen.energy_Wh.value)
    assert reasons(with_energy(seen, jumped)) == [Reason.REFERENCE_JUMP]


def test_a_gain_of_the_power_register_is_nobodys_fault() -> None:
    seen = readings()
    assert reasons(with_power(seen, 1.01 * seen.power_W.value)) == []


def test_a_gain_that_changes_in_the_run_bends_the_line() -> None:
    seen = readings()
    # 1.5 % more from half way on: within the load's stability, but the energy does not follow.
    bent = np.where(at(seen) > 30.0, 1.014 * seen.power_W.value, seen.power_W.value)
    assert reasons(with_power(seen, bent)) == [Reason.REFERENCE_JUMP]


def test_a_power_register_that_leaves_for_an_instant_shows_a_range_change() -> None:
    seen = readings()
    away = (at(seen) > 20.0) & (at(seen) < 20.6)
    assert reasons(with_power(seen, np.where(away, 0.0, seen.power_W.value))) == [
        Reason.REFERENCE_RANGE_CHANGED
    ]


def at_polls(duration_s: float = 60.0) -> FloatArray:
    return np.arange(0.0, duration_s, POLL_S)


@pytest.mark.parametrize("change_pct", [2.5, -2.5, 20.0])
@pytest.mark.parametrize("when_s", [8.0, 30.0, 52.0])
def test_a_load_that_moved_is_found_whenever_it_moved(when_s: float, change_pct: float) -> None:
    load = 2300.0 * np.where(at_polls() > when_s, 1.0 + change_pct / 100.0, 1.0)
    (finding,) = screened(readings(load))
    assert finding.reason is Reason.LOAD_UNSTEADY
    assert float(finding.values["change"]) == pytest.approx(abs(change_pct), rel=0.2)


def test_a_load_that_moves_less_than_declared_is_clean() -> None:
    load = 2300.0 * np.where(at_polls() > 30.0, 1.01, 1.0)
    assert reasons(readings(load)) == []


def test_a_load_that_creeps_away_is_found_by_its_blocks() -> None:
    load = 2300.0 * (1.0 + 0.06 * at_polls() / 60.0)
    assert reasons(readings(load)) == [Reason.LOAD_UNSTEADY]


@pytest.mark.parametrize(("energy_Wh", "spacing_Wh"), [(1e6, 0.0625), (1e7, 1.0), (1e8, 8.0)])
def test_a_float32_register_grows_coarser_as_it_counts(energy_Wh: float, spacing_Wh: float) -> None:
    # Spacings of a float32 with 24 significant bits.
    assert replace(CARD, energy_is_float32=True).float_spacing_Wh(energy_Wh) == spacing_Wh
    assert CARD.float_spacing_Wh(energy_Wh) == 0.0


def test_a_float32_register_at_10_MWh_is_clean() -> None:
    # In kWh: the spacing is 0.98 Wh.
    seen = readings(start_Wh=1e7)
    rounded = (seen.energy_Wh.value / 1000.0).astype(np.float32).astype(np.float64) * 1000.0
    assert (
        reasons(
            with_energy(seen, rounded), replace(CARD, energy_is_float32=True, energy_register_unit_Wh=1000.0)
        )
        == []
    )


@pytest.mark.parametrize("when_s", [20.0, 50.0])
def test_a_load_that_tripped_is_a_moved_load_and_no_stalled_reference(when_s: float) -> None:
    load = 2300.0 * (at_polls() < when_s)
    assert reasons(readings(load)) == [Reason.LOAD_UNSTEADY]


def every(
    poll_s: float, power_W: FloatArray, energy_Wh: FloatArray, latency_s: float = 0.02
) -> ReferenceReadings:
    """A poll each poll_s from 0 on, to the nanosecond."""
    request = np.arange(len(power_W), dtype=np.int64) * round(poll_s * 1e9)
    reply = request + round(latency_s * 1e9)
    return ReferenceReadings(
        PolledRegister(request, reply, energy_Wh), PolledRegister(request, reply, power_W)
    )


def whole_s(found_s: float) -> int:
    return round(found_s * 1e9)


def told(
    seen: ReferenceReadings, card: ReferenceCard = CARD, stability_pct: float = 2.0, last_s: float = 60.0
) -> list[tuple[Reason, dict[str, str]]]:
    found = screen_readings(seen, card, 0, whole_s(last_s), stability_pct)
    return [(f.reason, dict(f.values)) for f in found]


WATT_HOUR_A_SECOND = 3600.0
"""W: energy and time in the same figures."""
T_S = np.arange(601) * 0.1
FULL = np.full(601, WATT_HOUR_A_SECOND)


def held_at(poll: int, polls: int) -> FloatArray:
    """Energy at each poll, true but that it rests from `poll` on for so many polls."""
    energy = 5000.0 + T_S
    energy[poll : poll + polls] = energy[poll - 1]
    return energy


@pytest.mark.parametrize(("hole_s", "said"), [(1.0, None), (1.1, "1.1"), (7.0, "7.0")])
@pytest.mark.parametrize("poll_s", [0.05, 0.2])
def test_a_second_without_an_answer_is_silence(poll_s: float, hole_s: float, said: str | None) -> None:
    at_s = np.concatenate(
        (np.arange(0.0, 20.0 + poll_s / 2, poll_s), np.arange(20.0 + hole_s, 60.01, poll_s))
    )
    request = np.rint(at_s * 1e9).astype(np.int64)
    register = PolledRegister(request, request + 20_000_000, np.ones(len(at_s)))
    found = screen_answers(ReferenceReadings(register, register), 0, whole_s(60.0))
    assert [dict(f.values) for f in found] == ([] if said is None else [{"seconds": said}])


@pytest.mark.parametrize(("hole_s", "is_silent"), [(2.0, False), (2.4, False), (2.6, True)])
def test_where_polls_are_rare_five_of_them_are_silence(hole_s: float, is_silent: bool) -> None:
    at_s = np.concatenate((np.arange(0.0, 30.1, 0.5), np.arange(30.0 + hole_s, 60.01, 0.5)))
    request = np.rint(at_s * 1e9).astype(np.int64)
    register = PolledRegister(request, request + 20_000_000, np.ones(len(at_s)))
    assert bool(screen_answers(ReferenceReadings(register, register), 0, whole_s(60.0))) is is_silent


def test_silence_of_one_register_is_silence_and_is_told_by_the_energys() -> None:
    def cut(hole_s: float) -> PolledRegister:
        at_s = np.concatenate((np.arange(0.0, 20.05, 0.1), np.arange(20.0 + hole_s, 60.01, 0.1)))
        request = np.rint(at_s * 1e9).astype(np.int64)
        return PolledRegister(request, request + 20_000_000, np.ones(len(at_s)))

    for energy_s, power_s, said in ((0.1, 3.0, "3.0"), (4.0, 0.1, "4.0"), (4.0, 3.0, "4.0")):
        readings = ReferenceReadings(cut(energy_s), cut(power_s))
        (finding,) = screen_answers(readings, 0, whole_s(60.0))
        assert (finding.reason, dict(finding.values)) == (Reason.REFERENCE_SILENT, {"seconds": said})


def test_one_poll_in_a_short_window_is_an_answer_and_judges_nothing() -> None:
    once = every(0.1, FULL[:1], np.array([np.float64(5000.0)]))
    assert told(once, last_s=0.5) == []
    assert told(every(0.1, FULL[:2], np.array([5000.0, 4000.0])), last_s=0.5) == [
        (Reason.REFERENCE_BACKWARD, {"before": "5000.000", "after": "4000.000"})
    ]


def test_the_polls_on_either_side_of_the_window_belong_to_it_and_no_others() -> None:
    """Window from 10.05 s to 50.05 s: the polls of 10.0 s and 50.1 s are the last that can say anything of it."""
    for poll, is_told in ((99, False), (100, True), (300, True), (501, True), (502, False)):
        energy = 5000.0 + T_S
        power = FULL.copy()
        power[poll] = np.nan
        found = screen_readings(every(0.1, power, energy), CARD, 10_050_000_000, 50_050_000_000)
        assert [f.reason for f in found] == [Reason.REFERENCE_NOT_A_NUMBER] * is_told
        register = energy.copy()
        register[poll] = np.inf
        found = screen_readings(every(0.1, FULL, register), CARD, 10_050_000_000, 50_050_000_000)
        assert [f.reason for f in found] == [Reason.REFERENCE_NOT_A_NUMBER] * is_told


@pytest.mark.parametrize("at_ns", [1_000_000_000, 58_000_000_000])
def test_a_fault_at_the_very_end_of_the_window_is_in_it(at_ns: int) -> None:
    fault = Finding(Reason.REFERENCE_OVER_RANGE)
    for off_ns, found in ((0, [fault]), (-1 if at_ns < 30_000_000_000 else 1, [])):
        assert screened(replace(readings(), faults=(InstrumentFault(at_ns + off_ns, fault),))) == found


@pytest.mark.parametrize(
    ("after_Wh", "reason"),
    [
        (0.0, Reason.REFERENCE_RESET),
        (0.69, Reason.REFERENCE_RESET),
        (-0.69, Reason.REFERENCE_RESET),
        (0.71, Reason.REFERENCE_BACKWARD),
        (-0.71, Reason.REFERENCE_BACKWARD),
        (4000.0, Reason.REFERENCE_BACKWARD),
    ],
)
def test_a_restart_is_known_by_what_may_have_been_counted_since(after_Wh: float, reason: Reason) -> None:
    """In a poll and a refresh, 0.3 s, twice 0.3 Wh and a step of 0.1 Wh. The first of two is told."""
    energy = 5000.0 + T_S
    energy[300:] = after_Wh + T_S[300:] - 30.0
    energy[500:] = 0.0
    said = {"before": "5029.900", "after": f"{after_Wh:.3f}"}
    assert told(every(0.1, FULL, energy)) == [(reason, said)]


@pytest.mark.parametrize(("fall_Wh", "is_backward"), [(0.04, False), (0.06, True)])
def test_half_a_step_back_is_rounding(fall_Wh: float, is_backward: bool) -> None:
    energy = 5000.0 + T_S
    energy[300] = energy[299] - fall_Wh
    assert (Reason.REFERENCE_BACKWARD in [r for r, _ in told(every(0.1, FULL, energy))]) is is_backward


COARSE = replace(CARD, energy_step_Wh=1.0)


def ticking(late_polls: int, power_W: float = WATT_HOUR_A_SECOND, at: int = 300) -> ReferenceReadings:
    """A register of 1 Wh that moves once a second, but for one tick that is late."""
    energy = 5000.0 + np.floor(T_S + 0.05)
    energy[at : at + late_polls] = energy[at - 1]
    return every(0.1, np.full(601, power_W), energy)


def test_a_register_may_rest_for_its_step_and_two_refreshes_and_polls() -> None:
    """1.15 s + 2 (0.2 + 0.1) s = 1.75 s of full load; below, a tick that is late alone tells by how much it was."""
    assert told(ticking(0), COARSE) == []
    assert told(ticking(3), COARSE) == []
    assert told(ticking(7), COARSE) == [(Reason.REFERENCE_STALLED, {"seconds": "0.7"})]
    assert told(ticking(8), COARSE) == [(Reason.REFERENCE_STALLED, {"seconds": "1.8"})]
    # Polls of 0.1 s alone allow 1.15 s + 0.2 s, and half a step of 2,160 W another 0.3 s of each second.
    quick = replace(COARSE, refresh_s=1e-6)
    assert told(ticking(4), quick) == [(Reason.REFERENCE_STALLED, {"seconds": "1.4"})]
    rough = replace(quick, power_step_W=2160.0)
    assert told(ticking(9), rough) == []
    assert told(ticking(10), rough) == [(Reason.REFERENCE_STALLED, {"seconds": "2.0"})]


def test_the_longest_rest_under_load_is_told_and_not_that_without() -> None:
    """No load for 9 s, then a stall of 3 s under load."""
    power = np.where((T_S >= 20.0) & (T_S < 29.0), 0.0, WATT_HOUR_A_SECOND)
    energy = 5000.0 + np.concatenate(([0.0], np.cumsum(power[1:] * 0.1 / 3600.0)))
    energy[400:430] = energy[399]
    assert told(every(0.1, power, energy)) == [(Reason.REFERENCE_STALLED, {"seconds": "3.1"})]


def test_registers_that_never_move_are_stalled_for_the_whole_window() -> None:
    still = every(0.1, FULL, np.full(601, 5000.0))
    assert told(still) == [(Reason.REFERENCE_STALLED, {"seconds": "60.0"})]
    assert told(every(0.1, 0.0 * FULL, np.full(601, 5000.0))) == []


def lively(rest_polls: int, swing_W: float = 0.3, refreshes: int = 300) -> ReferenceReadings:
    """A power that moves to and fro with each refresh of 0.2 s, up to one at which it rests."""
    power = WATT_HOUR_A_SECOND + swing_W * (np.minimum(np.arange(601) // 2, refreshes) % 2)
    power[300 : 300 + rest_polls] = power[299]
    return every(0.1, power, np.full(601, 5000.0))


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (lively(0), None),
        (lively(16), None),
        (lively(22), "2.6"),
        (lively(40), "4.2"),
        (lively(40, swing_W=0.31), "4.2"),
        (lively(40, swing_W=0.2), None),
    ],
    ids=["never", "16", "22", "40", "more", "less"],
)
def test_a_power_that_moved_with_each_refresh_may_rest_for_eight(
    seen: ReferenceReadings, said: str | None
) -> None:
    """8 x 0.2 s and 2 (0.2 + 0.1) s: 2.2 s. Lively are changes of three steps (0.1 W) and more."""
    card = replace(CARD, energy_step_Wh=100.0)
    expected = [] if said is None else [(Reason.REFERENCE_STALLED, {"seconds": said})]
    assert told(seen, card) == expected


@pytest.mark.parametrize(("refreshes", "is_told"), [(15, False), (16, True)])
def test_sixteen_changes_show_that_a_power_moves_with_each_refresh(refreshes: int, is_told: bool) -> None:
    found = told(lively(0, 0.5, refreshes), replace(CARD, energy_step_Wh=100.0))
    assert [r for r, _ in found] == [Reason.REFERENCE_STALLED] * is_told


def dipped(share: float, dip_s: float, after_s: float = 20.0) -> ReferenceReadings:
    """A load that goes to this share of itself for a while, and energy that flows accordingly."""
    power = WATT_HOUR_A_SECOND * np.where((after_s - 0.05 < T_S) & (after_s + dip_s - 0.05 > T_S), share, 1.0)
    return every(0.1, power, 5000.0 + np.cumsum(power) * 0.1 / 3600.0)


@pytest.mark.parametrize(
    ("share", "dip_s", "said"),
    [
        (0.79, 1.0, "1.0"), (0.81, 1.0, None), (1.21, 1.0, "1.0"), (1.19, 1.0, None),
        (0.6, 3.3, "3.3"), (0.6, 3.5, None), (0.6, 12.0, None),
    ],
)  # fmt: skip
def test_a_fifth_off_for_three_seconds_and_two_refreshes_is_the_reference_itself(
    share: float, dip_s: float, said: str | None
) -> None:
    found = told(dipped(share, dip_s), stability_pct=100.0)
    assert found == ([] if said is None else [(Reason.REFERENCE_RANGE_CHANGED, {"seconds": said})])


def test_a_load_that_is_back_for_a_second_only_has_not_changed_the_range() -> None:
    away = ((T_S > 9.95) & (T_S < 17.95)) | ((T_S > 18.95) & (T_S < 26.95))
    power = WATT_HOUR_A_SECOND * np.where(away, 0.6, 1.0)
    assert told(every(0.1, power, 5000.0 + np.cumsum(power) * 0.1 / 3600.0), stability_pct=100.0) == []


@pytest.mark.parametrize(
    ("card", "jump_Wh", "allowed"),
    [
        # 1.2 x (0.1 Wh + 1 Wh/s x (0.1 + 0.02 + 0.03 x 0.2) s) + 2e-4 x 59.9 Wh + 0.025 W x 60 s
        (CARD, 0.26, None), (CARD, 0.31, "0.284"), (CARD, -0.05, None),
        # A step of 1 Wh is more than flows in a refresh of 0.2 s.
        (COARSE, 0.38, None), (COARSE, 0.5, "0.404"),
        # Half a step of 24 W the other way at each end: 6 W x 60 s more.
        (replace(CARD, power_step_W=24.0), 0.36, None), (replace(CARD, power_step_W=24.0), 0.41, "0.383"),
        # At 5 kWh the steps of a float32 in units of 1 MWh are 0.47 mWh, those in Wh 0.49 mWh: no more than r.
        (replace(CARD, energy_is_float32=True, energy_register_unit_Wh=1e6), 0.31, "0.284"),
    ],
)  # fmt: skip
def test_energy_and_power_may_part_by_what_step_refresh_polls_and_rounding_explain(
    card: ReferenceCard, jump_Wh: float, allowed: str | None
) -> None:
    energy = 5000.0 + (T_S if card.energy_step_Wh < 1.0 else np.floor(T_S + 0.05))
    energy[300:] += jump_Wh
    found = told(every(0.1, FULL, energy), card)
    assert [r for r, _ in found] == ([] if allowed is None else [Reason.REFERENCE_JUMP])
    for _, values in found:
        assert float(values["allowed_Wh"]) == pytest.approx(float(allowed or 0.0), abs=0.002)
        assert float(values["energy_Wh"]) == pytest.approx(jump_Wh, abs=0.03)


@pytest.mark.parametrize(("jump_Wh", "is_jump"), [(0.8, False), (0.98, True)])
def test_a_float32_register_may_part_by_its_spacing_too(jump_Wh: float, is_jump: bool) -> None:
    """In kWh at 5 MWh: 2**-11 kWh, 0.488 Wh, beside the step of 0.1 Wh; so 1.2 x 0.488 Wh more are allowed."""
    card = replace(CARD, energy_is_float32=True, energy_register_unit_Wh=1000.0)
    energy = 5e6 + T_S
    energy[300:] += jump_Wh
    found = told(every(0.1, FULL, energy), card)
    assert [r for r, _ in found] == [Reason.REFERENCE_JUMP] * is_jump
    if is_jump:
        assert float(found[0][1]["allowed_Wh"]) == pytest.approx(0.284 + 1.2 * 0.488, abs=0.002)


def test_a_late_answer_leaves_the_instant_of_a_change_open() -> None:
    energy = 5000.0 + T_S
    energy[300:] += 0.43
    # 0.2 s more than 20 ms, by a factor of 1.2: 0.524 Wh.
    assert told(every(0.1, FULL, energy, latency_s=0.22)) == []
    assert [r for r, _ in told(every(0.1, FULL, energy))] == [Reason.REFERENCE_JUMP]


def stepped(change_pct: float, at_s: float, until_s: float = 99.0) -> ReferenceReadings:
    power = WATT_HOUR_A_SECOND * np.where(
        (at_s - 0.05 < T_S) & (until_s > T_S), 1.0 + change_pct / 100.0, 1.0
    )
    return every(0.1, power, 5000.0 + np.cumsum(power) * 0.1 / 3600.0)


@pytest.mark.parametrize(
    ("seen", "change", "allowed"),
    [
        (stepped(3.0, 40.0), "3.0", "2.0"),
        (stepped(-3.0, 40.0), "3.0", "2.0"),
        (stepped(2.1, 50.0), "2.1", "2.0"),
        (stepped(1.8, 40.0), "1.8", "1.5"),
        (stepped(1.4, 40.0), None, None),
        # For 4 s, of a block of 10 s: 1.6 % of its mean, and 4 % of the shorter ones.
        (stepped(4.0, 24.0, 27.95), "4.0", "1.5"),
    ],
)
def test_a_load_that_moved_is_told_with_what_was_allowed(
    seen: ReferenceReadings, change: str | None, allowed: str | None
) -> None:
    expected = [] if change is None else [(Reason.LOAD_UNSTEADY, {"change": change, "allowed": allowed})]
    assert told(seen) == expected


@pytest.mark.parametrize(("refresh_s", "is_told"), [(2.4, True), (2.6, False)])
def test_a_step_is_no_longer_looked_for_where_two_refreshes_are_half_a_block(
    refresh_s: float, is_told: bool
) -> None:
    found = told(stepped(1.8, 36.0), replace(CARD, refresh_s=refresh_s))
    assert [r for r, _ in found] == [Reason.LOAD_UNSTEADY] * is_told
