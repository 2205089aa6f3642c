"""The estimators: each a module with a name, a version and `estimate(run, pulses) -> Estimate`.

A version goes up when the same data would give other digits. A recorded run names the versions that made its figures,
and is replayed only by the same ones.
"""

from __future__ import annotations

from collections.abc import Callable

from calibration.alignment import AlignedRun
from calibration.estimators import fused, power_integral, reference_pulses, tick_gated, tick_line
from calibration.meter_edges import MeterPulses
from calibration.quantities import Estimate

Estimator = Callable[[AlignedRun, MeterPulses], Estimate]

ESTIMATORS: dict[str, Estimator] = {
    module.NAME: module.estimate
    for module in (reference_pulses, fused, power_integral, tick_gated, tick_line)
}
VERSIONS: dict[str, int] = {
    module.NAME: module.VERSION for module in (reference_pulses, fused, power_integral, tick_gated, tick_line)
}
