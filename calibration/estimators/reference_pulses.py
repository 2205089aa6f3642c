"""Pulses of the reference standard on a second line, interpolated at the meter's pulses.

Version 2 declines where that line has lost edges or has a pulse too many or too few, and says so; version 1, which
nothing screened, stays for the records that it made.

Needs no Modbus for the result; the registers are then the cross-check. Both trains are stamped by one clock, so its
rate cancels. The resolution is that of the stamps, not of whole reference pulses.
"""

from __future__ import annotations

import numpy as np

from calibration.alignment import AlignedRun, EnergyCurve
from calibration.meter_edges import METER_LAG_U_S, STAMP_JITTER_S, MeterPulses
from calibration.quantities import SECONDS_PER_HOUR, BudgetRow, Finding
from calibration.reasons import Reason
from calibration.uncertainty import relative_row

NAME = "reference_pulses"


def estimate(run: AlignedRun, pulses: MeterPulses) -> Finding | tuple[float, tuple[BudgetRow, ...]]:
    """Version 2: as `estimate_unscreened`, where nothing is wrong with the train of the reference's pulses."""
    if run.reference_pulse_findings:
        return run.reference_pulse_findings[0]
    return estimate_unscreened(run, pulses)


def estimate_unscreened(
    run: AlignedRun, pulses: MeterPulses
) -> Finding | tuple[float, tuple[BudgetRow, ...]]:
    """Energy (Wh) of the window by the reference's own pulses. Declines without them, or where they do not cover the
    window with the frame before its first pulse."""
    constant = run.card.reference_pulses_per_Wh
    train_s = run.reference_pulse_s
    if constant is None or train_s is None or len(train_s) < 2:
        return Finding(Reason.NO_REFERENCE_PULSES)
    curve = EnergyCurve(train_s, np.arange(len(train_s)) / constant)
    if not curve.covers(float(pulses.at_s[0]) - pulses.frame_s, float(pulses.at_s[-1])):
        return Finding(Reason.WINDOW_OUTSIDE_READINGS)
    energy_Wh, timing = pulses.energy_of(curve)
    interval_s = float(train_s[-1] - train_s[0]) / (len(train_s) - 1)
    # Between two reference pulses the curve runs straight; a tenth of an interval bounds what it cannot see.
    end_s = float(np.hypot(STAMP_JITTER_S, 0.1 * interval_s / 3**0.5))
    power_W = energy_Wh / pulses.duration_s * SECONDS_PER_HOUR
    steps_W = (
        np.diff(np.interp(np.arange(train_s[0], train_s[-1], 1.0), train_s, curve.energy_Wh), n=2)
        * SECONDS_PER_HOUR
    )
    change_W = float(np.std(steps_W)) if len(steps_W) > 1 else 0.0
    rows = (
        relative_row("reference_pulse_timing", float(np.sqrt(2.0)) * end_s / pulses.duration_s),
        relative_row("alignment_lag", METER_LAG_U_S * change_W / power_W / pulses.duration_s, shared=True),
        timing,
    )
    return energy_Wh, rows
