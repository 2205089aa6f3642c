"""The reference's screens on polls made by hand: a register of step r refreshed every T under a steady load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.quantities import Finding, FloatArray, InstrumentFault, PolledRegister, ReferenceReadings
from calibration.reasons import Reason
from calibration.reference_screening import screen_readings
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
