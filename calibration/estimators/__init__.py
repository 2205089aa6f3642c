"""The estimators: each a module with a name, a version and `estimate(run, pulses)`.

`estimate` gives the reference's energy (Wh) over exactly the window of the pulses, as read, with its own rows of
uncertainty; or the finding for which it declines.

A version goes up when the same data would give other digits. A recorded run names the versions that made its figures,
and is replayed only by the same ones.
"""

from __future__ import annotations

from calibration.alignment import AlignedRun
from calibration.estimators import fused, power_integral, reference_pulses, tick_gated, tick_line
from calibration.meter_edges import MeterPulses
from calibration.quantities import Estimate, Finding

_ESTIMATORS = (reference_pulses, fused, power_integral, tick_gated, tick_line)
VERSIONS: dict[str, int] = {module.NAME: module.VERSION for module in _ESTIMATORS}


def estimates(run: AlignedRun, pulses: MeterPulses) -> tuple[Estimate, ...]:
    """What each estimator makes of the window of these pulses."""
    made = []
    for module in _ESTIMATORS:
        found = module.estimate(run, pulses)
        if isinstance(found, Finding):
            made.append(Estimate(module.NAME, module.VERSION, pulses.window, None, findings=(found,)))
        else:
            made.append(Estimate(module.NAME, module.VERSION, pulses.window, *found))
    return tuple(made)
