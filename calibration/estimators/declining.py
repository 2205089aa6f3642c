"""An estimator that cannot use a window says why and gives no number."""

from __future__ import annotations

from calibration.alignment import AlignedRun
from calibration.meter_edges import MeterPulses
from calibration.quantities import Estimate, Finding


def declined(name: str, version: int, pulses: MeterPulses, finding: Finding) -> Estimate:
    """The estimate of an estimator whose assumptions this window violates."""
    return Estimate(name, version, pulses.window, None, findings=(finding,))


def without_grid(name: str, version: int, run: AlignedRun, pulses: MeterPulses) -> Estimate:
    """Declined because the run has no refresh grid, for the reason that the run gives."""
    assert run.finding is not None
    return declined(name, version, pulses, run.finding)
