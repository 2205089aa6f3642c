"""Least squares on the recovered ticks: fine while the load is steady, and only then.

The slope of register against time over all changes is the mean power. Least squares gives the value, but not its
uncertainty: where ticks and refreshes fall into one slow beat the errors do not average out. So the uncertainty comes
from the set of all lines that pass through the refresh interval before each change (`set_membership.py`), with the
distance of the two. How far the power curve is from straight is measured and carried as a row, so an unsteady load
widens this estimate instead of bending it unseen.
"""

from __future__ import annotations

import numpy as np

from calibration.alignment import AlignedRun, RefreshGrid, too_few_ticks
from calibration.estimators.curve_rows import lag_row
from calibration.estimators.tick_gated import tick_instants
from calibration.line import least_squares
from calibration.meter_edges import METER_LAG_U_S, MeterPulses
from calibration.quantities import BudgetRow, Finding, FloatArray
from calibration.reasons import Reason
from calibration.set_membership import slope_between_bounds
from calibration.uncertainty import relative_row

NAME = "tick_line"

MIN_TICKS = 8


def estimate(run: AlignedRun, pulses: MeterPulses) -> Finding | tuple[float, tuple[BudgetRow, ...]]:
    """Energy (Wh) of the window: slope of the register through its ticks, times the duration. Declines with fewer than
    MIN_TICKS ticks, or where no straight line passes them."""
    grid = run.grid
    if isinstance(grid, Finding):
        return grid
    at_s, register_Wh = tick_instants(grid, float(pulses.at_s[0]), float(pulses.at_s[-1]))
    if len(at_s) < MIN_TICKS:
        return too_few_ticks(len(at_s), MIN_TICKS)
    per_s = least_squares(at_s, register_Wh).slope
    straight = least_squares(at_s, grid.curve.at(at_s)).slope
    swept_Wh, timing = pulses.energy_of(grid.curve)
    scatter = _slope_scatter(run, grid, at_s, register_Wh, per_s)
    if scatter is None:
        return Finding(Reason.RESIDUALS_DRIFT)
    rows = (
        relative_row("alignment_ticks", scatter),
        relative_row("alignment_unsteady_load", abs(straight * pulses.duration_s / swept_Wh - 1.0)),
        relative_row("alignment_refresh_clock", grid.clock.period_relative_uncertainty),
        lag_row(grid, pulses, METER_LAG_U_S, swept_Wh),
        timing,
    )
    return per_s * pulses.duration_s, rows


def _slope_scatter(
    run: AlignedRun, grid: RefreshGrid, at_s: FloatArray, register_Wh: FloatArray, per_s: float
) -> float | None:
    """Relative standard uncertainty of the slope (Wh/s), or None where no straight line passes all gates."""
    curve_Wh = grid.curve.at(at_s)
    bend_Wh = curve_Wh - least_squares(at_s, curve_Wh).at(at_s)
    margin_s = 3.0 * grid.clock.jitter_s + float(np.max(np.abs(bend_Wh))) / per_s
    lines = slope_between_bounds(
        register_Wh - register_Wh[0], at_s - run.tick_wait_s(grid) - margin_s, at_s + margin_s
    )
    if lines is None:
        return None
    return float(np.hypot(lines.standard_uncertainty / lines.slope, per_s * lines.slope - 1.0))
