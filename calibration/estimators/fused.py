"""Fused: the shape of the energy curve from the power register, its scale from the energy register.

At each refresh j of the run the register says R_j <= E(u_j) < R_j + r, and the power curve says
E(u_j) = a + s G_j. The scale s is the slope of all lines through these gates (docs/metrology.md, "The fused estimator",
step 3), so a window of a few seconds is measured with a scale that the whole run has worked for. Where the register is
so fine that the gates are no wider than the noise of the curve, least squares replaces the polygon.

It assumes that the load point does not change within the run, that both registers refresh together, and that the lag
between them is the commissioned one. What contradicts these is looked for and makes it decline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.alignment import AlignedRun, RefreshGrid, too_few_ticks
from calibration.estimators.curve_rows import curve_rows
from calibration.line import least_squares, sum_of_products
from calibration.meter_edges import MeterPulses
from calibration.quantities import SECONDS_PER_HOUR, BudgetRow, Finding, FloatArray
from calibration.reasons import Reason
from calibration.set_membership import slope_between_bounds
from calibration.uncertainty import relative_row

NAME = "fused"

MIN_TICKS = 8
GATE_WIDENINGS = (1.5, 3.0, 5.0)
FINE_REGISTER_RATIO = 6.0
"""Least squares where q <= 6 sigma_n (step 3)."""
CURVE_RELATIVE_NOISE = 2e-4
"""Non-ideal averaging of the power register over one refresh, relative (step 3, sigma_n)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Watt-hours of the energy register per watt-hour of the power curve."""

    value: float
    relative_uncertainty: float


def estimate(run: AlignedRun, pulses: MeterPulses) -> Finding | tuple[float, tuple[BudgetRow, ...]]:
    """Energy (Wh) of the window: the run's scale times the swept curve. Declines without a scale, or where the run
    contradicts what it rests on (docs/metrology.md, "The fused estimator")."""
    grid = run.grid
    if isinstance(grid, Finding):
        return grid
    scale = find_scale(run, grid)
    if isinstance(scale, Finding):
        return scale
    swept_Wh, timing = pulses.energy_of(grid.curve, noise_s=grid.clock.jitter_s)
    rows = (
        relative_row("alignment_scale", scale.relative_uncertainty),
        relative_row("alignment_refresh_clock", grid.clock.period_relative_uncertainty),
        *curve_rows(run, grid, pulses, swept_Wh),
        timing,
    )
    return scale.value * swept_Wh, rows


def find_scale(run: AlignedRun, grid: RefreshGrid) -> Scale | Finding:
    """The scale of a run with its uncertainty, or why it has none."""
    seen = grid.is_comparable
    register = grid.register_Wh[seen] - grid.register_Wh[seen][0]
    ticks = int(np.count_nonzero(np.diff(register)))
    if ticks < MIN_TICKS:
        return too_few_ticks(ticks, MIN_TICKS)
    swept = grid.curve.at(grid.at_s[seen])
    noise_Wh = _curve_noise_Wh(run, grid)
    quantum_Wh = min(run.energy_step_Wh, grid.energy_per_refresh_Wh)
    if quantum_Wh <= FINE_REGISTER_RATIO * noise_Wh:
        scale: Scale | Finding = _least_squares(register, swept, quantum_Wh, noise_Wh)
    else:
        bow_Wh = _rounding_bow_Wh(run, grid)
        margins_Wh = [widening * noise_Wh + 0.25 * bow_Wh for widening in GATE_WIDENINGS]
        margins_Wh += [GATE_WIDENINGS[-1] * noise_Wh + share * bow_Wh for share in (0.5, 1.0)]
        scale = _set_membership(register, swept, run.energy_step_Wh, margins_Wh)
    if isinstance(scale, Finding):
        return scale
    return _contradiction(run, grid, register, swept, scale, quantum_Wh + noise_Wh) or scale


def _curve_noise_Wh(run: AlignedRun, grid: RefreshGrid) -> float:
    """sigma_n of step 3: how far a point of the curve may be off, in Wh."""
    power_W = grid.mean_power_W
    return float(
        np.sqrt(
            (power_W * grid.clock.jitter_s / SECONDS_PER_HOUR) ** 2
            + (run.card.power_step_W * grid.clock.period_s / (2 * SECONDS_PER_HOUR)) ** 2
            + (CURVE_RELATIVE_NOISE * power_W * grid.clock.period_s / SECONDS_PER_HOUR) ** 2
        )
    )


def _rounding_bow_Wh(run: AlignedRun, grid: RefreshGrid) -> float:
    """How far the rounding of a power that hardly moves can bend the curve: half a step one way, then the other."""
    return 0.0 if run.is_dithered(grid) else 0.25 * run.card.power_step_W * run.duration_s / SECONDS_PER_HOUR


def _set_membership(
    register: FloatArray, swept: FloatArray, step_Wh: float, margins_Wh: list[float]
) -> Scale | Finding:
    for margin in margins_Wh:
        found = slope_between_bounds(swept, register - margin, register + step_Wh + margin)
        if found is not None:
            return Scale(found.slope, found.standard_uncertainty / found.slope)
    return Finding(Reason.SCALE_INCONSISTENT)


def _least_squares(
    register: FloatArray, swept: FloatArray, quantum_Wh: float, noise_Wh: float
) -> Scale | Finding:
    line = least_squares(swept, register)
    residual = register - line.at(swept)
    expected = quantum_Wh**2 / 12 + noise_Wh**2
    found = float(np.mean(residual**2))
    if found > 4.0 * expected:
        return Finding(Reason.RESIDUALS_DRIFT)
    return Scale(line.slope, float(np.sqrt(max(found, expected) / line.spread)) / line.slope)


def _contradiction(
    run: AlignedRun, grid: RefreshGrid, register: FloatArray, swept: FloatArray, scale: Scale, noise_Wh: float
) -> Finding | None:
    """What in the run contradicts the assumptions (step 5)."""
    allowed_pct = run.card.power_gain_limit_pct
    off_pct = abs(scale.value - 1.0) * 100.0
    if off_pct > allowed_pct + 300.0 * scale.relative_uncertainty:
        return Finding(
            Reason.SCALE_OUT_OF_SPECIFICATION, {"scale": f"{off_pct:.3f}", "allowed": f"{allowed_pct:.3f}"}
        )
    if run.energy_step_Wh > grid.energy_per_refresh_Wh / 4.0:
        return None  # too coarse to see a lag: its quantisation would look like one
    residual = register - scale.value * swept
    lag_s, lag_u_s = _lag(residual, swept, grid.power_W[grid.is_comparable], noise_Wh)
    if abs(lag_s) > 4.0 * float(np.hypot(lag_u_s, run.lag_u_s)):
        return Finding(Reason.LAG_MISMATCH, {"lag": f"{run.card.power_lag_s + lag_s:.2f}"})
    return None


def _lag(
    residual: FloatArray, swept: FloatArray, power_W: FloatArray, noise_Wh: float
) -> tuple[float, float]:
    """How much later than assumed the power register is, and its standard uncertainty (s).

    noise_Wh bounds the residual; taking it for its standard deviation keeps the beats of a fine register, which are
    correlated, from looking like a lag. A curve that is late by L is too low by L P / 3600 against its mean, so the
    residual R - sG follows the power; what a straight line explains (scale, offset) is taken out first.
    """
    power_W = power_W - least_squares(swept, power_W).at(swept)
    residual = residual - least_squares(swept, residual).at(swept)
    spread = sum_of_products(power_W, power_W)
    if spread <= 0.0:
        return 0.0, float("inf")
    lag_s = SECONDS_PER_HOUR * sum_of_products(power_W, residual) / spread
    return lag_s, SECONDS_PER_HOUR * noise_Wh / float(np.sqrt(spread))
