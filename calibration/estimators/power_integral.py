"""Integral of the power register: no timing noise, but its gain against energy is taken on trust."""

from __future__ import annotations

from calibration.alignment import AlignedRun
from calibration.estimators.curve_rows import curve_rows
from calibration.meter_edges import MeterPulses
from calibration.quantities import BudgetRow, Estimate

NAME, VERSION = "power_integral", 1

BENCH_CLOCK_RATE_LIMIT_PCT = 0.005
"""Half width of the bench clock's rate where nothing better is known (50 ppm): this estimator measures time with it."""


def estimate(run: AlignedRun, pulses: MeterPulses) -> Estimate:
    grid = run.grid
    if grid is None:
        assert run.finding is not None
        return Estimate(NAME, VERSION, pulses.window, None, findings=(run.finding,))
    energy_Wh, timing = pulses.energy_of(grid.curve, noise_s=grid.clock.jitter_s)
    rows = (
        BudgetRow("power_gain", run.card.power_gain_limit_pct, "rectangular", 3**0.5, 1.0, float("inf")),
        BudgetRow("bench_clock", BENCH_CLOCK_RATE_LIMIT_PCT, "rectangular", 3**0.5, 1.0, float("inf")),
        *curve_rows(run, grid, pulses, energy_Wh),
        timing,
    )
    return Estimate(NAME, VERSION, pulses.window, energy_Wh, rows)
