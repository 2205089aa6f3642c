"""Readings laid onto the refresh clock: a plant without noise comes out as it was put in, or with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.alignment import AlignedRun, EnergyCurve, RefreshGrid, align, polls_bracket_refreshes
from calibration.quantities import Finding, PolledRegister, ReferenceReadings
from calibration.reasons import Reason
from tests.unit.hand_made_run import CARD, made_run
from tests.unit.perfect_run import ORIGIN_NS, Plant

PLANT = Plant()


def aligned(plant: Plant = PLANT, readings: ReferenceReadings | None = None, **of_card: float) -> AlignedRun:
    return align(readings or plant.readings(), replace(plant.card(), **of_card), ORIGIN_NS)


def grid_of(run: AlignedRun) -> RefreshGrid:
    assert isinstance(run.grid, RefreshGrid), run.grid
    return run.grid


def finding_of(run: AlignedRun) -> tuple[Reason, dict[str, str]]:
    assert isinstance(run.grid, Finding)
    return run.grid.reason, dict(run.grid.values)


def polls(register: PolledRegister, which: slice | np.ndarray) -> PolledRegister:
    return PolledRegister(register.request_ns[which], register.reply_ns[which], register.value[which])


def kept(readings: ReferenceReadings, which: slice | np.ndarray) -> ReferenceReadings:
    return ReferenceReadings(polls(readings.energy_Wh, which), polls(readings.power_W, which))


def test_each_refresh_has_the_values_that_were_shown_after_it() -> None:
    grid = grid_of(aligned())
    index = np.rint((grid.at_s - PLANT.phase_s) / PLANT.period_s).astype(np.int64)
    assert index.tolist() == list(range(1, 1 + len(index)))
    assert len(index) == 59
    assert grid.at_s == pytest.approx(PLANT.phase_s + PLANT.period_s * index, abs=0.02)
    assert grid.register_Wh == pytest.approx(PLANT.shown_Wh(index), abs=1e-9)
    assert grid.power_W == pytest.approx(PLANT.power_of(index), abs=1e-9)


def test_the_curve_climbs_by_power_times_interval_and_is_late_by_the_lag() -> None:
    grid = grid_of(aligned(power_lag_s=0.4))
    T_s = grid.clock.period_s
    corners_s = np.concatenate(([grid.at_s[0] - T_s], grid.at_s)) - 0.4
    assert grid.curve.at_s == pytest.approx(corners_s, abs=1e-12)
    assert grid.curve.energy_Wh[0] == 0.0
    assert np.diff(grid.curve.energy_Wh) == pytest.approx(grid.power_W * T_s / 3600.0, rel=1e-12)


def test_between_its_points_a_curve_runs_straight_and_covers_no_more_than_it_has() -> None:
    curve = EnergyCurve(np.array([1.0, 2.0, 4.0]), np.array([0.0, 3.0, 5.0]))
    assert curve.at(np.array([0.0, 1.5, 3.0, 9.0])).tolist() == [0.0, 1.5, 4.0, 5.0]
    assert curve.between(1.5, 3.0) == 2.5
    assert curve.covers(1.0, 4.0)
    assert not curve.covers(0.999, 4.0)
    assert not curve.covers(1.0, 4.001)
    assert not EnergyCurve(np.array([1.0]), np.array([0.0])).covers(1.0, 1.0)
    assert EnergyCurve(np.array([1.0, 2.0]), np.array([0.0, 1.0])).covers(1.0, 2.0)


def test_what_a_grid_says_of_the_load_is_that_of_its_powers() -> None:
    grid = replace(grid_of(made_run()), power_W=np.array([100.0, 104.0, 100.0, 96.0]))
    assert grid.power_steps_W.tolist() == [4.0, -4.0, -4.0]
    assert grid.power_scatter_W == pytest.approx(np.sqrt(16.0 - (4.0 / 3.0) ** 2))
    assert grid.mean_power_W == 100.0
    assert grid.energy_per_refresh_Wh == pytest.approx(100.0 * 0.5 / 3600.0)


def test_refreshes_that_nobody_saw_or_the_curve_does_not_reach_are_not_compared() -> None:
    grid = grid_of(made_run())
    unseen = grid.register_Wh.copy()
    unseen[3] = np.nan
    short = EnergyCurve(grid.curve.at_s[:-2], grid.curve.energy_Wh[:-2])
    found = replace(grid, register_Wh=unseen, curve=short).is_comparable
    assert np.flatnonzero(~found).tolist() == [3, len(grid.at_s) - 2, len(grid.at_s) - 1]


def test_a_change_waits_for_the_next_step_or_the_next_refresh_whichever_is_sooner() -> None:
    run = made_run()  # r = 1 Wh at 2.3 kW takes 1.57 s, T is 0.5 s
    assert run.tick_wait_s(grid_of(run)) == 0.5
    fine = made_run(card=replace(CARD, energy_step_Wh=0.1))
    assert fine.tick_wait_s(grid_of(fine)) == pytest.approx(3600.0 * 0.1 / grid_of(fine).mean_power_W)


def test_a_load_is_dithered_where_it_moves_the_register_by_more_than_its_step() -> None:
    scatter_W = grid_of(made_run()).power_scatter_W
    for step_W, is_dithered in ((0.99 * scatter_W, True), (scatter_W, False)):
        run = made_run(card=replace(CARD, power_step_W=step_W))
        assert run.is_dithered(grid_of(run)) is is_dithered


def test_the_step_of_a_float32_register_is_that_at_the_last_reading() -> None:
    big = Plant(step_Wh=0.01)
    readings = big.readings()
    high = replace(readings.energy_Wh, value=readings.energy_Wh.value + 1e7)
    float32 = {"energy_is_float32": True, "energy_register_unit_Wh": 1000.0}
    run = align(ReferenceReadings(high, readings.power_W), replace(big.card(), **float32), ORIGIN_NS)
    assert run.energy_step_Wh == pytest.approx(
        0.01 + 1000.0 * float(np.spacing(np.float32(10_000.1))), rel=1e-3
    )
    assert aligned(readings=ReferenceReadings.empty()).energy_step_Wh == 0.01


def test_latency_and_duration_are_those_of_the_polls() -> None:
    run, energy = aligned(), PLANT.readings().energy_Wh
    assert run.latency_s == pytest.approx(0.02, abs=1e-12)
    assert run.duration_s == pytest.approx((energy.request_ns[-1] - energy.request_ns[0]) / 1e9, abs=1e-9)


def test_with_two_polls_there_is_nothing_to_lay_out() -> None:
    two = aligned(readings=kept(PLANT.readings(), slice(2)))
    assert finding_of(two) == (Reason.TOO_FEW_TICKS, {"ticks": "0", "needed": "8"})
    assert two.duration_s == 0.0
    assert np.isnan(two.latency_s)
    three = aligned(readings=kept(PLANT.readings(), slice(3)))
    assert three.duration_s > 0.0
    assert finding_of(three) == (Reason.TOO_FEW_TICKS, {"ticks": "0", "needed": "8"})


def test_too_few_changes_are_told_as_they_were_counted() -> None:
    short = kept(PLANT.readings(), slice(35))
    reason, values = finding_of(aligned(readings=short))
    changed = np.count_nonzero(np.diff(short.energy_Wh.value))
    assert (reason, values) == (Reason.TOO_FEW_TICKS, {"ticks": str(changed), "needed": "8"})


def test_polls_slower_than_a_quarter_of_the_refresh_lay_out_nothing() -> None:
    assert polls_bracket_refreshes(0.25, 1.0)
    assert polls_bracket_refreshes(0.2501, 1.0)
    assert not polls_bracket_refreshes(0.2505, 1.0)
    reason, values = finding_of(aligned(Plant(poll_s=0.4)))
    assert reason is Reason.POLLED_TOO_SLOWLY
    assert 0.35 < float(values["poll"]) < 0.45
    assert values["refresh"] == "1.000"


def test_refreshes_that_jitter_are_told_with_what_polls_explain() -> None:
    asked_ns, answered_ns = PLANT.polled_ns(60.0)
    at_s = (0.5 * (asked_ns + answered_ns) - ORIGIN_NS) / 1e9
    late_s = np.random.default_rng(3).uniform(-0.15, 0.15, 80)
    refresh_s = PLANT.phase_s + np.arange(80) + late_s
    index = np.searchsorted(refresh_s, at_s) - 1
    readings = ReferenceReadings(
        PolledRegister(asked_ns, answered_ns, PLANT.shown_Wh(np.maximum(index, 0))),
        PolledRegister(asked_ns, answered_ns, PLANT.power_of(index)),
    )
    reason, values = finding_of(aligned(readings=readings))
    assert reason is Reason.REFRESH_NOT_PERIODIC
    # Uniform in +-150 ms: 87 ms rms; brackets of 100 ms explain 29 ms, of which 1.3 times are allowed.
    assert float(values["residual"]) == pytest.approx(92.0, abs=12.0)
    assert float(values["allowed"]) == pytest.approx(1.3 * 29.0, abs=2.0)


def test_a_refresh_that_no_poll_saw_has_no_register_and_an_interpolated_power() -> None:
    readings = PLANT.readings()
    at_s = (readings.energy_Wh.request_ns - ORIGIN_NS) / 1e9 + 0.01
    seen = ~((at_s > 20.3) & (at_s < 21.3))
    grid, whole = grid_of(aligned(readings=kept(readings, seen))), grid_of(aligned())
    hole = int(np.argmin(np.abs(whole.at_s - 20.3)))
    assert np.flatnonzero(np.isnan(grid.register_Wh)).tolist() == [hole]
    assert grid.power_W[hole] == pytest.approx(0.5 * (whole.power_W[hole - 1] + whole.power_W[hole + 1]))


def test_a_poll_that_a_refresh_divides_counts_for_neither_side() -> None:
    """Read when the reply leaves: a poll that was asked before a refresh shows what came after it."""
    late = replace(PLANT, read_at=1.0)
    grid = grid_of(aligned(readings=late.readings(180.0)))
    index = np.rint((grid.at_s - PLANT.phase_s) / PLANT.period_s).astype(np.int64)
    assert grid.register_Wh == pytest.approx(PLANT.shown_Wh(index), abs=1e-9)
    assert grid.power_W == pytest.approx(PLANT.power_of(index), abs=1e-9)


def test_half_of_the_powers_must_have_been_seen() -> None:
    """The power is polled by itself, in bursts: some of every four refreshes have none of them."""
    readings = PLANT.readings()
    at_s = (readings.power_W.request_ns - ORIGIN_NS) / 1e9 + 0.01 - PLANT.phase_s
    for of_four, is_enough in ((3, True), (1, False)):
        some = polls(readings.power_W, np.floor(at_s).astype(int) % 4 < of_four)
        run = aligned(readings=ReferenceReadings(readings.energy_Wh, some))
        if is_enough:
            assert isinstance(run.grid, RefreshGrid)
        else:
            assert finding_of(run)[0] is Reason.POLLED_TOO_SLOWLY


def test_pulses_of_the_reference_come_in_run_time() -> None:
    stamps = ORIGIN_NS + np.array([1, 3], np.int64) * 500_000_000
    run = align(PLANT.readings(), PLANT.card(), ORIGIN_NS, stamps)
    assert run.reference_pulse_s is not None
    assert run.reference_pulse_s.tolist() == [0.5, 1.5]
    assert aligned().reference_pulse_s is None


def test_a_run_keeps_what_it_was_laid_out_from() -> None:
    readings, card = PLANT.readings(), PLANT.card()
    run = align(readings, card, ORIGIN_NS)
    assert (run.origin_ns, run.card, run.readings) == (ORIGIN_NS, card, readings)
