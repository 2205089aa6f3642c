"""Integral of the power register: no timing noise, but its gain against energy is taken on trust."""

from __future__ import annotations

from calibration.alignment import AlignedRun, RefreshGrid
from calibration.estimators.curve_rows import curve_rows
from calibration.meter_edges import MeterPulses
from calibration.quantities import BudgetRow, Finding
from calibration.uncertainty import BENCH_CLOCK_LIMIT_PPM, clock_rate_row, rectangular_row

NAME = "power_integral"


def estimate(run: AlignedRun, pulses: MeterPulses) -> Finding | tuple[float, tuple[BudgetRow, ...]]:
    """Energy (Wh) of the window: the swept power curve as it is. Declines without a refresh grid only."""
    grid = run.grid
    if isinstance(grid, Finding):
        return grid
    energy_Wh, timing = pulses.energy_of(grid.curve, noise_s=grid.clock.jitter_s)
    rows = (
        _rounding_row(run, grid),
        rectangular_row("power_gain", run.card.power_gain_limit_pct),
        clock_rate_row("bench_clock", BENCH_CLOCK_LIMIT_PPM),
        *curve_rows(run, grid, pulses, energy_Wh),
        timing,
    )
    return energy_Wh, rows


def _rounding_row(run: AlignedRun, grid: RefreshGrid) -> BudgetRow:
    """Half a step of the power register: a power that hardly moves is rounded the same way all the time, and here no
    energy register takes that out (the fused estimator's scale does)."""
    half_pct = 0.0 if run.is_dithered(grid) else 50.0 * run.card.power_step_W / grid.mean_power_W
    return rectangular_row("power_register_rounding", half_pct)
