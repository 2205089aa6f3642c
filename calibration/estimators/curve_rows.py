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
    """Rows of reading the power curve at the ends of a window: ends, lag, rounding."""
    steps = grid.power_steps_W
    scatter_W = float(np.std(steps))
    period_s = grid.clock.period_s
    power_W = grid.mean_power_W
    correlation = _first_autocorrelation(steps)
    ends = float(np.sqrt(2.0 * (1.0 / 60.0 + 0.089 * (0.25 - correlation)))) * scatter_W * period_s
    return (
        relative_row("alignment_ends", ends / (SECONDS_PER_HOUR * energy_Wh), shared=True),
        lag_row(grid, pulses, float(np.hypot(run.lag_u_s, METER_LAG_U_S)), energy_Wh),
        relative_row(
            "alignment_power_rounding",
            _rounding(run.card.power_step_W, scatter_W, power_W, period_s, pulses.duration_s, run.duration_s),
            shared=True,
        ),
    )


def lag_row(grid: RefreshGrid, pulses: MeterPulses, lag_u_s: float, energy_Wh: float) -> BudgetRow:
    """A lag of standard uncertainty lag_u_s (s) between meter and reference, while the power changes."""
    relative = lag_u_s * _power_change_W(grid, pulses) / (SECONDS_PER_HOUR * energy_Wh)
    return relative_row("alignment_lag", relative, shared=True)


def _first_autocorrelation(steps: FloatArray) -> float:
    if len(steps) < 3 or not np.any(steps):
        return 0.25
    centred = steps - steps.mean()
    total = sum_of_products(centred, centred)
    rho = sum_of_products(centred[1:], centred[:-1]) / total if total else 0.25
    return min(max(rho, -0.5), 0.25)


def _power_change_W(grid: RefreshGrid, pulses: MeterPulses) -> float:
    """How much the power differs between the ends of the window, in the sense of u_lag."""
    first, last = np.interp([pulses.at_s[0], pulses.at_s[-1]], grid.refresh_s, grid.power_W)
    shift = max(1, round(1.0 / grid.clock.period_s))
    scatter = (
        float(np.var(grid.power_W[shift:] - grid.power_W[:-shift])) if len(grid.power_W) > shift + 1 else 0.0
    )
    return float(np.sqrt((last - first) ** 2 + 0.5 * scatter))


def _rounding(
    step_W: float, scatter_W: float, power_W: float, period_s: float, window_s: float, run_s: float
) -> float:
    half = step_W / (power_W * 12**0.5)
    share = float(np.sqrt(period_s / window_s))
    if scatter_W > step_W:
        return half * share
    return 0.7 * half * (max(1.0 - window_s / run_s, 0.0) + share)
