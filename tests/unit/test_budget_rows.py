"""Each row of the alignment's budget against its formula, worked out by hand.

The formulas: docs/metrology.md, "Terms of its uncertainty".

A row that is lost or has the wrong sign hides for years in a budget that is dominated by another one, so each is held
by its value, and not by whether the truth still lies inside the interval.
"""

from __future__ import annotations

from dataclasses import replace
from math import hypot, sqrt

import numpy as np
import pytest

from calibration.alignment import AlignedRun, RefreshGrid
from calibration.estimators import VERSIONS
from calibration.estimators import estimates as estimates_of
from calibration.estimators.curve_rows import curve_rows
from calibration.estimators.fused import Scale, find_scale
from calibration.estimators.tick_gated import tick_instants
from calibration.evaluation import align_run
from calibration.meter_edges import Lattice, MeterPulses
from calibration.quantities import BudgetRow, Estimate, Finding, FloatArray, PolledRegister
from calibration.reasons import Reason
from calibration.set_membership import slope_between_bounds
from calibration.timebase import RunRegister, correlation_factor, recover_refresh_clock
from tests.benchmarks.align import aligned, estimates, setup_of
from tests.unit.hand_made_run import CARD, CLOCK, made_pulses, made_run

METER_LAG_S = 1.0 / sqrt(3.0)
"""A meter may carry the previous second's power: rectangular, half width 1 s."""
WINDOW = made_pulses(5.0, 35.5, 61)
"""From refresh 10, where the power stands at +2 W of 2,300 W, to refresh 71, where it is back at 2,300 W."""
ENDS_W = 2.0
ONE_SECOND_W2 = 40 * 16.0 / 79
"""Variance of P(t + 1 s) - P(t): 79 differences over two refreshes, of which 40 are +-4 W and the others 0."""


def value_of(rows: tuple[BudgetRow, ...], source: str) -> float:
    (row,) = (row for row in rows if row.source == source)
    return row.standard_uncertainty_pct


def grid_of(run: AlignedRun) -> RefreshGrid:
    assert isinstance(run.grid, RefreshGrid)
    return run.grid


def estimate_by(estimator: str, run: AlignedRun, pulses: MeterPulses) -> Estimate:
    (found,) = (e for e in estimates_of(run, pulses) if e.estimator == estimator)
    return found


def rows_by(estimator: str, run: AlignedRun, pulses: MeterPulses = WINDOW) -> tuple[BudgetRow, ...]:
    found = estimate_by(estimator, run, pulses)
    assert found.is_valid, found.findings
    return found.rows


def swept_Wh(run: AlignedRun, pulses: MeterPulses = WINDOW) -> float:
    return grid_of(run).curve.between(float(pulses.at_s[0]), float(pulses.at_s[-1]))


def test_the_ends_row_counts_the_load_inside_one_refresh_at_both_ends() -> None:
    # 80 steps of 2 W: rho1 = 1/80; u = sqrt(2) c sd(dP) T/(3600 E)
    c = sqrt(1.0 / 60.0 + 0.089 * (0.25 - 1.0 / 80.0))
    rows = curve_rows(made_run(), grid_of(made_run()), WINDOW, 20.0)
    assert value_of(rows, "alignment_ends") == pytest.approx(
        100.0 * sqrt(2.0) * c * 2.0 * 0.5 / (3600.0 * 20.0)
    )


def test_a_load_that_alternates_has_the_widest_ends_the_formula_allows() -> None:
    # +2, -2 W: the autocorrelation is below -0.5, where the formula ends
    run = made_run(2300.0 + np.tile([0.0, 2.0], 40)[:79])
    rows = curve_rows(run, grid_of(run), WINDOW, 20.0)
    c = sqrt(1.0 / 60.0 + 0.089 * 0.75)
    assert value_of(rows, "alignment_ends") == pytest.approx(
        100.0 * sqrt(2.0) * c * 2.0 * 0.5 / (3600.0 * 20.0)
    )


def test_the_lag_row_counts_the_lags_of_reference_and_meter() -> None:
    # u_lag = u(L) sqrt(dP_ends^2 + 0.5 var(P(t+L) - P(t)))/(3600 E)
    reference_s = hypot(0.03, 0.5 * 0.04 / sqrt(3.0))
    change_W = sqrt(ENDS_W**2 + 0.5 * ONE_SECOND_W2)
    rows = curve_rows(made_run(), grid_of(made_run()), WINDOW, 20.0)
    expected = 100.0 * hypot(reference_s, METER_LAG_S) * change_W / (3600.0 * 20.0)
    assert value_of(rows, "alignment_lag") == pytest.approx(expected)


def test_the_rounding_row_of_a_power_that_moves_averages_out() -> None:
    rows = curve_rows(made_run(), grid_of(made_run()), WINDOW, 20.0)
    mean_W = float(np.mean(grid_of(made_run()).power_W))
    expected = 100.0 * 0.1 / (mean_W * sqrt(12.0)) * sqrt(0.5 / 30.5)
    assert value_of(rows, "alignment_power_rounding") == pytest.approx(expected)


def test_the_rounding_row_of_a_power_that_stands_still_does_not() -> None:
    run = made_run(np.full(81, 2300.0))
    rows = curve_rows(run, grid_of(run), WINDOW, 20.0)
    expected = 100.0 * 0.7 * 0.1 / (2300.0 * sqrt(12.0)) * (1.0 - 30.5 / 40.0 + sqrt(0.5 / 30.5))
    assert value_of(rows, "alignment_power_rounding") == pytest.approx(expected)


def test_half_the_latency_of_a_poll_is_part_of_the_lags_uncertainty() -> None:
    run = made_run(card=replace(CARD, power_lag_u_s=0.0), latency_s=0.04)
    assert run.lag_u_s == pytest.approx(0.02 / sqrt(3.0))


def test_a_lag_nobody_measured_is_known_to_one_and_a_half_refreshes() -> None:
    run = made_run(card=replace(CARD, lag_known=False, power_lag_u_s=0.0), latency_s=0.0)
    assert run.lag_u_s == pytest.approx(1.5 * 0.5)


@pytest.mark.parametrize("estimator", ["tick_gated", "tick_line"])
def test_estimators_by_ticks_alone_have_the_lag_of_the_meter_alone(estimator: str) -> None:
    run = made_run()
    change_W = sqrt(ENDS_W**2 + 0.5 * ONE_SECOND_W2)
    expected = 100.0 * METER_LAG_S * change_W / (3600.0 * swept_Wh(run))
    assert value_of(rows_by(estimator, run), "alignment_lag") == pytest.approx(expected)


def test_the_tick_row_counts_a_refresh_and_the_jitter_at_both_ends() -> None:
    # r = 1 Wh takes 1.57 s, so T is the shorter: Tx = 0.5 s, s = 0.04 s
    run = made_run()
    grid = grid_of(run)
    moved_s = grid.at_s[1:][np.diff(grid.register_Wh) > 0]
    inside_s = moved_s[(moved_s >= 5.0) & (moved_s <= 35.5)]
    expected = 100.0 * sqrt((0.5**2 + 12 * 0.04**2) / 6.0) / (inside_s[-1] - inside_s[0])
    assert value_of(rows_by("tick_gated", run), "alignment_ticks") == pytest.approx(expected)


@pytest.mark.parametrize("estimator", ["tick_gated", "tick_line", "fused"])
def test_the_refresh_clock_is_a_row_of_what_is_scaled_by_it(estimator: str) -> None:
    rows = rows_by(estimator, made_run())
    assert value_of(rows, "alignment_refresh_clock") == pytest.approx(100.0 * 4e-5)


def test_reference_pulses_carry_the_lag_of_the_meter() -> None:
    # 2,400 and 1,800 W in turn, each for a second; the power changes by 600 W from second to second.
    energy_Wh = np.concatenate(([0.0], np.cumsum(np.tile([2400.0, 1800.0], 30)))) / 3600.0
    constant = 1000.0
    whole = np.arange(int(energy_Wh[-1] * constant) + 1) / constant
    train_s = np.interp(whole, energy_Wh, np.arange(61.0))
    run = replace(
        made_run(card=replace(CARD, reference_pulse_constant_imp_per_Wh=constant)), reference_pulse_s=train_s
    )
    pulses = made_pulses(2.0, 52.0, 50)
    expected = 100.0 * METER_LAG_S * 600.0 / 2100.0 / 50.0
    assert value_of(rows_by("reference_pulses", run, pulses), "alignment_lag") == pytest.approx(
        expected, rel=2e-3
    )


def test_correlated_residuals_count_for_less() -> None:
    # Sum of squares 8; products one apart sum to 1, those two apart to -6, where it ends: 1 + 2/8.
    assert correlation_factor(np.tile([1.0, 1.0, -1.0, -1.0], 2)) == pytest.approx(1.25)
    assert correlation_factor(np.tile([1.0, -1.0], 8)) == 1.0


def test_the_clocks_uncertainty_grows_with_the_correlation_of_its_residuals() -> None:
    refreshes, late_s = 40, 0.06 * np.tile([1.0, 1.0, -1.0, -1.0], 10)
    seen_s = (np.arange(refreshes) + late_s)[:, None] + [-0.1, 0.1]
    at_ns = np.rint(np.append(seen_s.ravel(), refreshes) * 1e9).astype(np.int64) + 10**10
    register = PolledRegister(at_ns, at_ns, (np.arange(len(at_ns)) + 1) // 2 * 1.0)
    clock = recover_refresh_clock(
        RunRegister.of(register, 10**10),
        RunRegister.of(replace(register, value=np.zeros(len(at_ns))), 10**10),
        1.0,
    )
    assert clock is not None
    assert clock.count == refreshes
    index = np.arange(refreshes) - (refreshes - 1) / 2
    line = np.polyfit(index, np.arange(refreshes) + late_s, 1)
    left_s = np.arange(refreshes) + late_s - np.polyval(line, index)
    independent = sqrt(float(np.mean(left_s**2) / np.sum(index**2)))
    factor = correlation_factor(left_s)
    assert factor > 1.02
    assert clock.period_relative_uncertainty * clock.period_s == pytest.approx(independent * sqrt(factor))


def test_the_recorded_lag_shifts_the_curve_the_right_way() -> None:
    # Shifted the wrong way the error is 0.027 % rms, and 0.004 % the right way.
    made = setup_of(2300.0, 0.2, 0.01, 0.5, 10_000.0)
    made = replace(made, reference=replace(made.reference, power_lag_s=1.0))
    errors = []
    for seed in range(20):
        window = aligned(made, 180.0, 10.0, seed)
        fused = next(e for e in estimates(window) if e.estimator == "fused")
        assert fused.reference_energy_Wh is not None, fused.findings
        errors.append(100.0 * (fused.reference_energy_Wh / window.true_Wh - 1.0))
    assert float(np.sqrt(np.mean(np.square(errors)))) < 0.01


def test_a_lag_other_than_the_recorded_one_is_seen_with_a_fine_register() -> None:
    made = setup_of(2300.0, 0.2, 0.01, 0.5, 10_000.0)
    lagging = replace(made, reference=replace(made.reference, power_lag_s=1.0))
    window = aligned(lagging, 180.0, 60.0, 1)
    run = window.simulated
    unaware = replace(window.run.card, power_lag_s=0.0)
    found = estimate_by(
        "fused", align_run(run.readings, None, unaware, (run.first_ns, run.last_ns)), window.pulses
    )
    assert [f.reason for f in found.findings] == [Reason.LAG_MISMATCH]
    assert float(found.findings[0].values["lag"]) == pytest.approx(1.0, abs=0.2)


def test_a_power_rounded_up_and_later_down_bends_the_curve_within_its_bow() -> None:
    # True 2,300 W; the register of 1 W steps shows half a step too much, then half a step too little. The bend of
    # 0.069 Wh is wider than the steps of 0.02 Wh; without its allowance no line would pass.
    quiet = replace(CLOCK, period_s=1.0, residual_s=0.03)
    card = replace(CARD, power_step_W=1.0, energy_step_Wh=0.02, refresh_s=1.0)
    shown_W = np.repeat([2300.5, 2299.5], 500)
    register_Wh = np.floor(np.arange(1, 1001) * 2300.0 / 3600.0 / 0.02 + 0.5) * 0.02
    run = made_run(shown_W, card, quiet, register_Wh)
    scale = find_scale(run, grid_of(run))
    assert not isinstance(scale, Finding), scale
    assert isinstance(scale, Scale)
    assert scale.value == pytest.approx(1.0, abs=2e-4)


# --- what the estimators say on a run of which everything is known


def of(estimator: str, run: AlignedRun, pulses: MeterPulses = WINDOW) -> float:
    found = estimate_by(estimator, run, pulses)
    assert found.reference_energy_Wh is not None, found.findings
    return found.reference_energy_Wh


def why_not(estimator: str, run: AlignedRun, pulses: MeterPulses = WINDOW) -> Finding:
    found = estimate_by(estimator, run, pulses)
    assert found.reference_energy_Wh is None
    assert found.rows == ()
    (finding,) = found.findings
    return finding


def steady_run(
    power_W: float = 2300.0, step_Wh: float = 0.1, refreshes: int = 121, **of_card: object
) -> AlignedRun:
    card = replace(CARD, energy_step_Wh=step_Wh, **of_card)  # type: ignore[arg-type]
    return made_run(np.full(refreshes, power_W), card, replace(CLOCK, residual_s=CLOCK.bracket_s))


def test_every_estimator_is_asked_and_named_with_its_version_and_window() -> None:
    found = estimates_of(made_run(), WINDOW)
    assert [(e.estimator, e.version) for e in found] == list(VERSIONS.items())
    assert [e.estimator for e in found] == [
        "reference_pulses", "fused", "power_integral", "tick_gated", "tick_line"
    ]  # fmt: skip
    assert {e.window for e in found} == {WINDOW.window}


def test_a_run_without_a_grid_makes_all_but_reference_pulses_decline_for_its_reason() -> None:
    slow = Finding(Reason.POLLED_TOO_SLOWLY, {"poll": "1", "refresh": "1"})
    run = replace(made_run(), grid=slow)
    for estimator in ("fused", "power_integral", "tick_gated", "tick_line"):
        assert why_not(estimator, run) == slow
    assert why_not("reference_pulses", run) == Finding(Reason.NO_REFERENCE_PULSES)


def test_the_integral_of_a_steady_power_is_power_times_time() -> None:
    run = steady_run()
    assert of("power_integral", run) == pytest.approx(2300.0 * 30.5 / 3600.0, rel=1e-12)
    rows = rows_by("power_integral", run)
    assert [row.source for row in rows] == [
        "power_register_rounding", "power_gain", "bench_clock", "alignment_ends", "alignment_lag",
        "alignment_power_rounding", "pulse_timing",
    ]  # fmt: skip
    assert value_of(rows, "power_register_rounding") == pytest.approx(100.0 * 0.05 / 2300.0 / sqrt(3.0))
    assert value_of(rows, "power_gain") == pytest.approx(0.2 / sqrt(3.0))
    assert value_of(rows, "bench_clock") == pytest.approx(0.005 / sqrt(3.0))
    assert value_of(rows_by("power_integral", made_run()), "power_register_rounding") == 0.0
    assert {row.source: row.shared for row in rows} == {
        "power_register_rounding": False, "power_gain": False, "bench_clock": False, "alignment_ends": True,
        "alignment_lag": True, "alignment_power_rounding": True, "pulse_timing": True,
    }  # fmt: skip


def test_ticks_of_a_steady_load_give_the_energy_of_the_whole_window() -> None:
    run = steady_run()
    true_Wh = 2300.0 * 30.5 / 3600.0
    for estimator, within in (("tick_gated", 0.02), ("tick_line", 0.01), ("fused", 0.003)):
        assert of(estimator, run) == pytest.approx(true_Wh, rel=within)


def test_between_two_ticks_the_energy_is_what_the_register_says() -> None:
    """r = 1 Wh at 2,300 W. The first and the last tick inside the window, worked out from the register itself."""
    run = made_run()
    grid = grid_of(run)
    ticks = [
        j
        for j in range(1, 81)
        if grid.register_Wh[j] > grid.register_Wh[j - 1] and 5.0 <= grid.at_s[j] <= 35.5
    ]
    counted = (grid.at_s[ticks[-1]] - grid.at_s[ticks[0]]) / 0.5
    ticked_Wh = grid.register_Wh[ticks[-1]] - grid.register_Wh[ticks[0]]
    assert of("tick_gated", run) == pytest.approx(ticked_Wh / counted * 61, rel=1e-12)


def test_a_tick_at_either_end_of_the_window_is_inside() -> None:
    run = steady_run(step_Wh=1.0, refreshes=81)
    grid = grid_of(run)
    moved_s = grid.at_s[1:][np.diff(grid.register_Wh) > 0]
    at_s, register_Wh = tick_instants(grid, moved_s[2], moved_s[9])
    assert at_s.tolist() == moved_s[2:10].tolist()
    assert register_Wh.tolist() == [register_Wh[0] + k for k in range(8)]


@pytest.mark.parametrize(("estimator", "needed"), [("tick_gated", 4), ("tick_line", 8)])
def test_ticks_are_counted_against_what_is_needed(estimator: str, needed: int) -> None:
    run = steady_run(step_Wh=1.0, refreshes=81)
    grid = grid_of(run)
    moved_s = grid.at_s[1:][np.diff(grid.register_Wh) > 0]
    short = made_pulses(float(moved_s[2]), float(moved_s[2 + needed - 2]) + 0.1, 10)
    assert why_not(estimator, run, short) == Finding(
        Reason.TOO_FEW_TICKS, {"ticks": str(needed - 1), "needed": str(needed)}
    )
    assert estimate_by(
        estimator, run, made_pulses(float(moved_s[2]), float(moved_s[1 + needed]) + 0.1, 10)
    ).is_valid


def test_a_load_that_bends_costs_the_count_its_bend() -> None:
    """The power goes from 2,000 to 3,000 W half way; tick gating takes the count to run straight."""
    power_W = np.where(np.arange(81) < 40, 2000.0, 3000.0)
    run = made_run(power_W, replace(CARD, energy_step_Wh=0.1))
    grid = grid_of(run)
    moved_s = grid.at_s[1:][np.diff(grid.register_Wh) > 0]
    inside_s = moved_s[(moved_s >= 5.0) & (moved_s <= 35.5)]
    share = (inside_s[-1] - inside_s[0]) / 30.5
    bend = grid.curve.between(5.0, 35.5) * share / grid.curve.between(inside_s[0], inside_s[-1]) - 1.0
    rows = rows_by("tick_gated", run)
    assert value_of(rows, "alignment_count_interpolation") == pytest.approx(100.0 * abs(bend), rel=1e-9)
    straight = np.polyfit(inside_s, np.interp(inside_s, grid.curve.at_s, grid.curve.energy_Wh), 1)[0]
    unsteady = abs(straight * 30.5 / grid.curve.between(5.0, 35.5) - 1.0)
    line = rows_by("tick_line", made_run(power_W, replace(CARD, energy_step_Wh=0.1)))
    assert value_of(line, "alignment_unsteady_load") == pytest.approx(100.0 * unsteady, rel=1e-6)
    assert [row.source for row in rows] == [
        "alignment_ticks", "alignment_count_interpolation", "alignment_refresh_clock", "alignment_lag", "pulse_timing"
    ]  # fmt: skip
    assert [row.source for row in line] == [
        "alignment_ticks", "alignment_unsteady_load", "alignment_refresh_clock", "alignment_lag", "pulse_timing"
    ]  # fmt: skip


def test_frames_of_the_meter_leave_its_count_open_at_both_ends() -> None:
    run = steady_run(step_Wh=0.1)
    framed = replace(WINDOW, lattice=Lattice(0.5, 62))
    grid = grid_of(run)
    moved_s = grid.at_s[1:][np.diff(grid.register_Wh) > 0]
    inside_s = moved_s[(moved_s >= 5.0) & (moved_s <= 35.5)]
    expected = 100.0 * 0.5 / sqrt(6.0) / (inside_s[-1] - inside_s[0])
    assert value_of(rows_by("tick_gated", run, framed), "alignment_count_interpolation") == pytest.approx(
        expected, rel=1e-3
    )


def test_the_line_through_ticks_is_least_squares_and_as_uncertain_as_its_gates_and_their_distance() -> None:
    run = steady_run(step_Wh=0.1)
    at_s, register_Wh = tick_instants(grid_of(run), 5.0, 35.5)
    per_s = np.polyfit(at_s, register_Wh, 1)[0]
    assert of("tick_line", run) == pytest.approx(per_s * 30.5, rel=1e-9)
    # 0.1 Wh takes 0.157 s, less than T; the clock has no jitter and the curve does not bend.
    wait_s = 3600.0 * 0.1 / 2300.0
    lines = slope_between_bounds(register_Wh, at_s - wait_s, at_s)
    assert lines is not None
    expected = hypot(lines.standard_uncertainty / lines.slope, per_s * lines.slope - 1.0)
    assert value_of(rows_by("tick_line", run), "alignment_ticks") == pytest.approx(100.0 * expected, rel=1e-4)


def test_ticks_that_no_line_passes_make_the_line_decline() -> None:
    """The register runs 20 % ahead in its second half, and the power register knows nothing of it."""
    steady = steady_run(step_Wh=0.1)
    grid = grid_of(steady)
    register_Wh = grid.register_Wh + np.floor(np.maximum(grid.at_s - 20.0, 0.0) * 1.3) * 0.1
    run = replace(steady, grid=replace(grid, register_Wh=register_Wh))
    assert why_not("tick_line", run) == Finding(Reason.RESIDUALS_DRIFT)


def test_the_scale_is_what_energy_and_power_registers_are_apart() -> None:
    for gain in (0.999, 1.001):
        run = steady_run(step_Wh=0.1, refreshes=241)
        grid = grid_of(run)
        register_Wh = np.floor(grid.curve.at(grid.at_s) * gain / 0.1) * 0.1
        apart = replace(run, grid=replace(grid, register_Wh=register_Wh))
        scale = find_scale(apart, grid_of(apart))
        assert isinstance(scale, Scale)
        assert abs(scale.value - gain) < 3.0 * scale.relative_uncertainty < 3e-3
        assert of("fused", apart) == pytest.approx(scale.value * 2300.0 * 30.5 / 3600.0)
        rows = rows_by("fused", apart)
        assert value_of(rows, "alignment_scale") == pytest.approx(100.0 * scale.relative_uncertainty)
        assert [row.source for row in rows] == [
            "alignment_scale", "alignment_refresh_clock", "alignment_ends", "alignment_lag",
            "alignment_power_rounding", "pulse_timing",
        ]  # fmt: skip


def test_the_polygon_of_a_coarse_register_is_that_of_its_steps_and_margins() -> None:
    """R <= a + sG < R + r, widened by 1.5 sigma_n and a quarter of the bow of a power that does not move."""
    run = steady_run(step_Wh=1.0, refreshes=241)
    grid = grid_of(run)
    noise_Wh = hypot(0.1 * 0.5 / 7200.0, 2e-4 * 2300.0 * 0.5 / 3600.0)
    bow_Wh = 0.25 * 0.1 * run.duration_s / 3600.0
    margin_Wh = 1.5 * noise_Wh + 0.25 * bow_Wh
    register_Wh = grid.register_Wh - grid.register_Wh[0]
    lines = slope_between_bounds(
        grid.curve.at(grid.at_s), register_Wh - margin_Wh, register_Wh + 1.0 + margin_Wh
    )
    assert lines is not None
    scale = find_scale(run, grid)
    assert isinstance(scale, Scale)
    assert scale.value == pytest.approx(lines.slope, rel=1e-12)
    assert scale.relative_uncertainty == pytest.approx(lines.standard_uncertainty / lines.slope, rel=1e-12)


def test_a_fine_register_is_fitted_by_least_squares_with_the_larger_of_two_scatters() -> None:
    """r = 0.0001 Wh: q is smaller than six times what the curve may be off."""
    run = steady_run(step_Wh=1e-4)
    grid = grid_of(run)
    noise_Wh = hypot(0.1 * 0.5 / 7200.0, 2e-4 * 2300.0 * 0.5 / 3600.0)
    swept_Wh_ = grid.curve.at(grid.at_s)
    expected_Wh = sqrt(1e-8 / 12.0 + noise_Wh**2)
    scale = find_scale(run, grid)
    assert isinstance(scale, Scale)
    assert scale.value == pytest.approx(1.0, abs=1e-6)
    spread = float(np.sum((swept_Wh_ - swept_Wh_.mean()) ** 2))
    assert scale.relative_uncertainty == pytest.approx(expected_Wh / sqrt(spread), rel=1e-4)
    for off, reason in ((1.8, None), (2.1, Reason.RESIDUALS_DRIFT)):
        scattered = grid.register_Wh + off * expected_Wh * np.tile([1.0, -1.0], 61)[:121]
        found = find_scale(run, replace(grid, register_Wh=scattered))
        assert (found.reason if isinstance(found, Finding) else None) is reason
        if isinstance(found, Scale):
            assert found.relative_uncertainty == pytest.approx(off * expected_Wh / sqrt(spread), rel=0.05)


def test_a_register_no_line_can_follow_has_no_scale() -> None:
    run = steady_run(step_Wh=0.1)
    grid = grid_of(run)
    broken = replace(grid, register_Wh=grid.register_Wh + np.where(grid.at_s > 30.0, 3.0, 0.0))
    assert find_scale(run, broken) == Finding(Reason.SCALE_INCONSISTENT)


def test_seven_ticks_are_too_few_for_a_scale() -> None:
    for steps, is_enough in ((7, False), (8, True)):
        run = steady_run(step_Wh=1.0, refreshes=80)
        grid = grid_of(run)
        few = np.minimum(np.floor(np.arange(80) * (steps + 0.5) / 80.0), steps) * 1.0
        card = replace(run.card, power_gain_limit_pct=1000.0)
        found = find_scale(replace(run, card=card), replace(grid, register_Wh=few))
        is_few = isinstance(found, Finding) and found.reason is Reason.TOO_FEW_TICKS
        assert is_few is not is_enough
        if isinstance(found, Finding) and is_few:
            assert dict(found.values) == {"ticks": "7", "needed": "8"}


@pytest.mark.parametrize(
    ("gain", "is_allowed"), [(1.0035, False), (0.9965, False), (1.0015, True), (0.9985, True)]
)
def test_a_scale_beyond_the_registers_specification_is_refused_in_either_direction(
    gain: float, is_allowed: bool
) -> None:
    run = steady_run(step_Wh=0.001)
    grid = grid_of(run)
    apart = replace(grid, register_Wh=np.floor(grid.curve.at(grid.at_s) * gain / 0.001) * 0.001)
    found = find_scale(run, apart)
    assert isinstance(found, Scale) is is_allowed
    if isinstance(found, Finding):
        assert found.reason is Reason.SCALE_OUT_OF_SPECIFICATION
        assert dict(found.values) == {"scale": "0.350", "allowed": "0.200"}


@pytest.mark.parametrize("late_s", [0.6, -0.6])
def test_a_register_that_is_late_by_more_than_its_lag_is_seen_on_a_load_that_moves(late_s: float) -> None:
    """The true energy swings with a period of 20 s; the power curve is late, and says by how much."""
    at_s = CLOCK.instant_s(np.arange(401))

    def energy_Wh(t: FloatArray) -> FloatArray:
        return (2300.0 * t + 1.5 * 10.0 / np.pi * np.sin(2.0 * np.pi * t / 20.0)) / 3600.0

    card = replace(CARD, energy_step_Wh=3.5e-4, power_lag_s=0.25, power_lag_u_s=0.001)
    quiet = replace(CLOCK, residual_s=CLOCK.bracket_s)
    mean_W = (energy_Wh(at_s - late_s) - energy_Wh(at_s - 0.5 - late_s)) * 3600.0 / 0.5
    run = made_run(mean_W, card, quiet, np.floor(energy_Wh(at_s) / 3.5e-4) * 3.5e-4, latency_s=0.0)
    found = find_scale(run, grid_of(run))
    assert isinstance(found, Finding)
    assert found.reason is Reason.LAG_MISMATCH
    assert float(found.values["lag"]) == pytest.approx(0.25 + late_s, abs=0.1)
    tolerant = replace(run, card=replace(card, power_lag_u_s=0.2))
    assert isinstance(find_scale(tolerant, grid_of(tolerant)), Scale)
    coarse = replace(run, card=replace(card, energy_step_Wh=0.1))
    assert not isinstance(find_scale(coarse, grid_of(coarse)), Finding) or (
        find_scale(coarse, grid_of(coarse)).reason is not Reason.LAG_MISMATCH  # type: ignore[union-attr]
    )


def pulsed_run(
    constant: float = 10.0, divider: int = 1, power_W: float = 3600.0, run_s: float = 60.0
) -> AlignedRun:
    card = replace(CARD, reference_pulse_constant_imp_per_Wh=constant, reference_pulse_divider=divider)
    train_s = (
        np.arange(int(run_s * power_W / 3600.0 * constant / divider) + 1)
        * 3600.0
        * divider
        / power_W
        / constant
    )
    return replace(steady_run(power_W=power_W), card=card, reference_pulse_s=train_s)


def test_reference_pulses_give_their_own_energy_between_the_meters() -> None:
    for divider in (1, 2):
        run = pulsed_run(divider=divider)
        assert of("reference_pulses", run) == pytest.approx(30.5, rel=1e-9)
        rows = rows_by("reference_pulses", run)
        assert [row.source for row in rows] == ["reference_pulse_timing", "alignment_lag", "pulse_timing"]
        assert [row.shared for row in rows] == [False, True, True]
        end_s = hypot(20e-6, 0.1 * 0.1 * divider / sqrt(3.0))
        assert value_of(rows, "reference_pulse_timing") == pytest.approx(100.0 * sqrt(2.0) * end_s / 30.5)
        assert value_of(rows, "alignment_lag") == pytest.approx(0.0, abs=1e-9)


def test_from_version_2_on_a_train_with_something_wrong_gives_no_estimate() -> None:
    wrong = Finding(Reason.PULSE_DOUBLED, {"pulse": "7", "share": "1.00"})
    run = replace(pulsed_run(), reference_pulse_findings=(wrong,))
    assert VERSIONS["reference_pulses"] == 2
    assert why_not("reference_pulses", run) == wrong
    (old, *others) = estimates_of(run, WINDOW, VERSIONS | {"reference_pulses": 1})
    assert (old.version, old.reference_energy_Wh) == (1, pytest.approx(30.5))
    assert [other.version for other in others] == [1, 1, 1, 1]


def test_reference_pulses_must_be_there_and_cover_the_window_with_its_frames() -> None:
    run = pulsed_run()
    assert run.reference_pulse_s is not None
    none = Finding(Reason.NO_REFERENCE_PULSES)
    assert why_not("reference_pulses", replace(run, card=CARD)) == none
    assert why_not("reference_pulses", replace(run, reference_pulse_s=None)) == none
    assert why_not("reference_pulses", replace(run, reference_pulse_s=np.array([0.0]))) == none
    outside = Finding(Reason.WINDOW_OUTSIDE_READINGS)
    for train_s in (run.reference_pulse_s[51:], run.reference_pulse_s[:355]):
        assert why_not("reference_pulses", replace(run, reference_pulse_s=train_s)) == outside
    exact = replace(run, reference_pulse_s=np.linspace(5.0, 35.5, 306))
    assert of("reference_pulses", exact) == pytest.approx(30.5)
    framed = replace(WINDOW, lattice=Lattice(0.5, 62))
    assert why_not("reference_pulses", exact, framed) == outside
    assert estimate_by("reference_pulses", run, framed).is_valid
    two = replace(run, reference_pulse_s=np.array([0.0, 60.0]))
    assert of("reference_pulses", two) == pytest.approx(0.1 * 30.5 / 60.0)


def test_a_power_that_swings_within_its_hour_is_correlated_from_refresh_to_refresh() -> None:
    """dP of a slow swing: rho1 is capped at 0.25; a load that stands still has no ends at all."""
    slow_W = 2300.0 + 100.0 * np.sin(np.arange(81) / 20.0)
    run = made_run(slow_W)
    sd_W = float(np.std(np.diff(slow_W)))
    rows = curve_rows(run, grid_of(run), WINDOW, 20.0)
    expected = 100.0 * sqrt(2.0 / 60.0) * sd_W * 0.5 / (3600.0 * 20.0)
    assert value_of(rows, "alignment_ends") == pytest.approx(expected)
    still = made_run(np.full(81, 2300.0))
    assert value_of(curve_rows(still, grid_of(still), WINDOW, 20.0), "alignment_ends") == 0.0
    assert [row.shared for row in rows] == [True, True, True]


def test_the_lag_of_a_fast_reference_is_judged_over_a_second_and_of_a_slow_one_over_a_refresh() -> None:
    """0.2 s: five refreshes are a second; 2 s: one refresh is the least there is."""
    rng = np.random.default_rng(6)
    for period_s, apart in ((0.2, 5), (2.0, 1)):
        power_W = 2300.0 + rng.normal(0.0, 5.0, 201)
        run = made_run(power_W, clock=replace(CLOCK, period_s=period_s))
        pulses = made_pulses(4.0, 36.0, 16)
        first_W, last_W = (power_W[round(t / period_s)] for t in (4.0, 36.0))
        change_W = sqrt((last_W - first_W) ** 2 + 0.5 * float(np.var(power_W[apart:] - power_W[:-apart])))
        rows = curve_rows(run, grid_of(run), pulses, 20.0)
        expected = 100.0 * hypot(0.03, 0.5 * 0.04 / sqrt(3.0), METER_LAG_S) * change_W / (3600.0 * 20.0)
        assert value_of(rows, "alignment_lag") == pytest.approx(expected, rel=1e-9)


def test_a_power_that_climbs_evenly_has_steps_that_do_not_scatter_but_for_what_is_left() -> None:
    """Steps of 10 W with +-1 W: rho1 is that of the +-1 W alone, for a mean step is no scatter."""
    own_W = np.tile([1.0, 1.0, -1.0, -1.0], 20)
    run = made_run(2300.0 + np.concatenate(([0.0], np.cumsum(10.0 + own_W))))
    rows = curve_rows(run, grid_of(run), WINDOW, 20.0)
    c = sqrt(1.0 / 60.0 + 0.089 * (0.25 - 1.0 / 80.0))
    assert value_of(rows, "alignment_ends") == pytest.approx(100.0 * sqrt(2.0) * c * 0.5 / (3600.0 * 20.0))


@pytest.mark.parametrize(("steps_W", "rho"), [((3.0, -1.0), 0.25), ((3.0, -1.0, -2.0), -1.0 / 14.0)])
def test_two_steps_tell_no_correlation_and_three_do(steps_W: tuple[float, ...], rho: float) -> None:
    run = made_run(2300.0 + np.concatenate(([0.0], np.cumsum(steps_W))))
    rows = curve_rows(run, grid_of(run), made_pulses(0.0, 1.0, 4), 20.0)
    ends_Ws = sqrt(2.0 * (1.0 / 60.0 + 0.089 * (0.25 - rho))) * float(np.std(steps_W)) * 0.5
    assert value_of(rows, "alignment_ends") == pytest.approx(100.0 * ends_Ws / (3600.0 * 20.0))


@pytest.mark.parametrize("refreshes", [4, 5, 6, 7])
def test_a_run_of_less_than_a_second_has_the_change_between_its_ends_alone(refreshes: int) -> None:
    """T = 0.2 s: five refreshes are a second; two differences over a second are the least that scatter."""
    power_W = 2300.0 + np.array([0.0, 5.0, 1.0, 9.0, 2.0, 7.0, 30.0])[:refreshes]
    run = made_run(power_W, clock=replace(CLOCK, period_s=0.2))
    last_s = 0.2 * (refreshes - 1)
    apart_W = power_W[5:] - power_W[: max(refreshes - 5, 0)]
    scatter_W2 = float(np.var(apart_W)) if len(apart_W) else 0.0
    change_W = sqrt((power_W[-1] - power_W[0]) ** 2 + 0.5 * scatter_W2)
    rows = curve_rows(run, grid_of(run), made_pulses(0.0, last_s, 3), 20.0)
    expected = 100.0 * hypot(0.03, 0.5 * 0.04 / sqrt(3.0), METER_LAG_S) * change_W / (3600.0 * 20.0)
    assert value_of(rows, "alignment_lag") == pytest.approx(expected)


@pytest.mark.parametrize("estimator", ["fused", "power_integral"])
def test_the_gates_of_a_meter_with_frames_are_widened_by_the_jitter_of_the_refreshes(estimator: str) -> None:
    jittered, quiet = made_run(), made_run(clock=replace(CLOCK, residual_s=CLOCK.bracket_s))
    framed = replace(WINDOW, lattice=Lattice(0.5, 62))
    rows = [value_of(rows_by(estimator, run, framed), "pulse_timing") for run in (jittered, quiet)]
    # 40 ms on either side of a gate of half a second.
    assert rows[0] / rows[1] > 1.05


@pytest.mark.parametrize("run_s", [1.9, 2.9, 3.9])
def test_reference_pulses_of_some_seconds_tell_no_change_of_the_load(run_s: float) -> None:
    """A change from second to second needs three whole seconds at least, and two of them to scatter."""
    rows = rows_by("reference_pulses", pulsed_run(run_s=run_s), made_pulses(0.2, 1.6, 4))
    assert value_of(rows, "alignment_lag") == pytest.approx(0.0, abs=1e-9)


def test_a_power_that_dithers_does_not_bend_the_polygon() -> None:
    """As for a power that stands still, but with the jitter of the refreshes and without the bow."""
    run = made_run()
    grid = grid_of(run)
    noise_Wh = hypot(
        grid.mean_power_W * 0.04 / 3600.0, 0.1 * 0.5 / 7200.0, 2e-4 * grid.mean_power_W * 0.5 / 3600.0
    )
    register_Wh = grid.register_Wh - grid.register_Wh[0]
    swept = grid.curve.at(grid.at_s)
    lines = slope_between_bounds(swept, register_Wh - 1.5 * noise_Wh, register_Wh + 1.0 + 1.5 * noise_Wh)
    assert lines is not None
    scale = find_scale(run, grid)
    assert isinstance(scale, Scale)
    assert scale.relative_uncertainty == pytest.approx(lines.standard_uncertainty / lines.slope, rel=1e-9)
