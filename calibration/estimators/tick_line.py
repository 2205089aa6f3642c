"""A straight line through all changes of the energy register: fine while the load is steady, and only then.

The line's slope is the mean power; how far the power curve is from straight over the same window is measured and
carried as a row, so an unsteady load widens this estimate instead of bending it unseen.
"""

from __future__ import annotations

import numpy as np

from calibration.alignment import SECONDS_PER_HOUR, AlignedRun, standard_row
from calibration.estimators.tick_gated import tick_instants, tick_jitter_s
from calibration.meter_edges import MeterPulses
from calibration.quantities import Estimate, Finding, FloatArray
from calibration.reasons import Reason

NAME, VERSION = "tick_line", 1

MIN_TICKS = 8


def estimate(run: AlignedRun, pulses: MeterPulses) -> Estimate:
    grid = run.grid
    if grid is None:
        assert run.finding is not None
        return Estimate(NAME, VERSION, pulses.window, None, findings=(run.finding,))
    at_s, register_Wh = tick_instants(grid, float(pulses.at_s[0]), float(pulses.at_s[-1]))
    if len(at_s) < MIN_TICKS:
        few = Finding(Reason.TOO_FEW_TICKS, {"ticks": str(len(at_s)), "needed": str(MIN_TICKS)})
        return Estimate(NAME, VERSION, pulses.window, None, findings=(few,))
    per_s, spread_s = _slope(at_s, register_Wh)
    energy_Wh = per_s * pulses.duration_s
    swept_Wh, timing = pulses.energy_of(grid.curve)
    straight_Wh = _slope(at_s, grid.curve.at(at_s))[0] * pulses.duration_s
    per_tick_Wh = max(run.energy_step_Wh, grid.mean_power_W * grid.clock.period_s / SECONDS_PER_HOUR)
    slope_u = float(np.hypot(tick_jitter_s(run, grid) * per_s, per_tick_Wh / 12**0.5 / 4)) / spread_s / per_s
    rows = (
        standard_row("alignment_ticks", slope_u),
        standard_row("alignment_unsteady_load", abs(straight_Wh / swept_Wh - 1.0)),
        standard_row("alignment_refresh_clock", grid.clock.period_relative_uncertainty),
        timing,
    )
    return Estimate(NAME, VERSION, pulses.window, energy_Wh, rows)


def _slope(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Least-squares slope, and sqrt(sum (x - mean x)^2)."""
    centred = x - x.mean()
    spread = float(np.dot(centred, centred))
    return float(np.dot(centred, y)) / spread, spread**0.5
