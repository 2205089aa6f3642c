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
from calibration.estimators import estimates as estimates_of
from calibration.estimators.curve_rows import curve_rows
from calibration.estimators.fused import Scale, find_scale
from calibration.evaluation import align_run
from calibration.meter_edges import MeterPulses
from calibration.quantities import BudgetRow, Estimate, Finding, PolledRegister
from calibration.reasons import Reason
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
