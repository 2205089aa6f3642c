"""Tick gated: between two changes of the energy register lies an exact multiple of its step.

The window's pulses are interpolated at the recovered instants of the first and the last change inside it, so the
energy is exact and all uncertainty is in time: where the change was (the refresh clock's jitter, and that a change may
have been due anywhere in the refresh before) and where the meter's fractional count is. Its uncertainty follows
docs/metrology.md, "Tick gating": sqrt(Tx^2/6 + 2 s^2) / (tau - max(T, 3600 r/P)), Tx = min(T, 3600 r/P).
"""

from __future__ import annotations

import numpy as np

from calibration.alignment import AlignedRun, RefreshGrid, too_few_ticks
from calibration.estimators.curve_rows import lag_row
from calibration.meter_edges import METER_LAG_U_S, MeterPulses
from calibration.quantities import BudgetRow, Finding, FloatArray
from calibration.uncertainty import relative_row

NAME = "tick_gated"

MIN_TICKS = 4


def tick_instants(grid: RefreshGrid, first_s: float, last_s: float) -> tuple[FloatArray, FloatArray]:
    """Run times (s) of the register's changes from first_s to last_s, and the register (Wh) after each."""
    register = grid.register_Wh
    moved = np.flatnonzero(np.diff(register) > 0) + 1
    at_s = grid.at_s[moved]
    inside = (at_s >= first_s) & (at_s <= last_s)
    return at_s[inside], register[moved][inside]


def tick_jitter_s(run: AlignedRun, grid: RefreshGrid) -> float:
    """RMS of where in the refresh interval before it a change was due, with the refresh clock's own jitter."""
    return float(np.sqrt(run.tick_wait_s(grid) ** 2 / 12.0 + grid.clock.jitter_s**2))


def estimate(run: AlignedRun, pulses: MeterPulses) -> Finding | tuple[float, tuple[BudgetRow, ...]]:
    """Energy (Wh) of the window: what the register gained between two ticks, for as many intervals as the window has.
    Declines with fewer than MIN_TICKS ticks in it (docs/metrology.md, "Tick gating")."""
    grid = run.grid
    if isinstance(grid, Finding):
        return grid
    at_s, register_Wh = tick_instants(grid, float(pulses.at_s[0]), float(pulses.at_s[-1]))
    if len(at_s) < MIN_TICKS:
        return too_few_ticks(len(at_s), MIN_TICKS)
    ticked_Wh = float(register_Wh[-1] - register_Wh[0])
    count = np.interp(at_s[[0, -1]], pulses.at_s, np.arange(len(pulses.at_s)))
    counted = float(count[1] - count[0])
    energy_Wh = ticked_Wh / counted * pulses.intervals
    gated_s = float(at_s[-1] - at_s[0])
    # The count between two pulses is taken to run straight; how far the power curve does not is an uncertainty.
    swept_Wh, timing = pulses.energy_of(grid.curve)
    bend = swept_Wh / pulses.intervals * counted / grid.curve.between(float(at_s[0]), float(at_s[-1])) - 1.0
    rows = (
        relative_row("alignment_ticks", float(np.sqrt(2.0)) * tick_jitter_s(run, grid) / gated_s),
        relative_row(
            "alignment_count_interpolation", float(np.hypot(bend, pulses.frame_s / 6**0.5 / gated_s))
        ),
        relative_row("alignment_refresh_clock", grid.clock.period_relative_uncertainty),
        lag_row(grid, pulses, METER_LAG_U_S, swept_Wh),
        timing,
    )
    return energy_Wh, rows
