"""The rows of uncertainty that every reading of the power curve at a window's ends has (docs/metrology.md,
"Terms of its uncertainty").

They are common to all estimators that read the curve (`shared`), so they do not enter the comparison of two of them.
"""

from __future__ import annotations

import numpy as np

from calibration.alignment import AlignedRun, RefreshGrid
from calibration.line import sum_of_products
from calibration.meter_edges import METER_LAG_U_S, MeterPulses
from calibration.quantities import SECONDS_PER_HOUR, BudgetRow, FloatArray
from calibration.uncertainty import relative_row


def curve_rows(
    run: AlignedRun, grid: RefreshGrid, pulses: MeterPulses, energy_Wh: float
) -> tuple[BudgetRow, ...]:
    """Rows of reading the power curve at the ends of a window of energy_Wh (Wh): ends, lag, rounding."""
    variance = end_variance(_first_autocorrelation(grid.power_steps_W))
    ends_Ws = float(np.sqrt(2.0 * variance)) * grid.power_scatter_W * grid.clock.period_s
    return (
        relative_row("alignment_ends", ends_Ws / (SECONDS_PER_HOUR * energy_Wh), shared=True),
        lag_row(grid, pulses, float(np.hypot(run.lag_u_s, METER_LAG_U_S)), energy_Wh),
        relative_row("alignment_power_rounding", _rounding(run, grid, pulses.duration_s), shared=True),
    )


def end_variance(correlation: float) -> float:
    """c^2, the variance at one end in units of (sd(dP) T)^2, from rho1 of dP: docs/metrology.md, "Terms of its
    uncertainty"."""
    return 1.0 / 60.0 + 0.089 * (0.25 - correlation)


def lag_row(grid: RefreshGrid, pulses: MeterPulses, lag_u_s: float, energy_Wh: float) -> BudgetRow:
    """A lag of standard uncertainty lag_u_s (s) between meter and reference, while the power changes."""
    relative = lag_u_s * _power_change_W(grid, pulses) / (SECONDS_PER_HOUR * energy_Wh)
    return relative_row("alignment_lag", relative, shared=True)


def _first_autocorrelation(steps: FloatArray) -> float:
    """rho1 of dP, shape (n,), within what the formula holds for."""
    if len(steps) < 3:
        return 0.25
    centred = steps - steps.mean()
    total = sum_of_products(centred, centred)
    rho = sum_of_products(centred[1:], centred[:-1]) / total if total else 0.25
    return min(max(rho, -0.5), 0.25)


def _power_change_W(grid: RefreshGrid, pulses: MeterPulses) -> float:
    """How much the power differs between the ends of the window, in the sense of u_lag."""
    first, last = np.interp([pulses.at_s[0], pulses.at_s[-1]], grid.at_s, grid.power_W)
    shift = max(1, round(1.0 / grid.clock.period_s))
    scatter = (
        float(np.var(grid.power_W[shift:] - grid.power_W[:-shift])) if len(grid.power_W) > shift + 1 else 0.0
    )
    return float(np.sqrt((last - first) ** 2 + 0.5 * scatter))


def _rounding(run: AlignedRun, grid: RefreshGrid, window_s: float) -> float:
    """Relative uncertainty from the rounding of the power register. One that hardly moves is rounded the same way all
    the time; the run's scale takes that out, a shorter window's own rounding differs from the run's."""
    half = run.card.power_step_W / (grid.mean_power_W * 12**0.5)
    share = float(np.sqrt(grid.clock.period_s / window_s))
    if run.is_dithered(grid):
        return half * share
    return 0.7 * half * (max(1.0 - window_s / run.duration_s, 0.0) + share)
