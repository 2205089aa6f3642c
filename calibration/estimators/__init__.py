"""The estimators: each a module with a name, a version and `estimate(run, pulses)`.

`estimate` gives the reference's energy (Wh) over exactly the window of the pulses, as read, with its own rows of
uncertainty; or the finding for which it declines.

A version goes up when the same data would give other digits. A recorded run names the versions that made its figures,
and is replayed by the same ones: old versions stay here, in the table `KNOWN`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from calibration.alignment import AlignedRun
from calibration.estimators import fused, power_integral, reference_pulses, tick_gated, tick_line
from calibration.meter_edges import MeterPulses
from calibration.quantities import BudgetRow, Estimate, Finding

Estimator = Callable[[AlignedRun, MeterPulses], Finding | tuple[float, tuple[BudgetRow, ...]]]

KNOWN: dict[str, dict[int, Estimator]] = {
    reference_pulses.NAME: {1: reference_pulses.estimate_unscreened, 2: reference_pulses.estimate},
    fused.NAME: {1: fused.estimate},
    power_integral.NAME: {1: power_integral.estimate},
    tick_gated.NAME: {1: tick_gated.estimate},
    tick_line.NAME: {1: tick_line.estimate},
}
"""Every version of every estimator, in the order in which their results stand in a record."""
VERSIONS: dict[str, int] = {name: max(versions) for name, versions in KNOWN.items()}
"""With which a run is measured now."""


def estimates(
    run: AlignedRun, pulses: MeterPulses, versions: Mapping[str, int] = VERSIONS
) -> tuple[Estimate, ...]:
    """What each estimator makes of the window of these pulses. versions: those in `KNOWN` that are wanted."""
    made = []
    for name, known in KNOWN.items():
        version = versions[name]
        found = known[version](run, pulses)
        if isinstance(found, Finding):
            made.append(Estimate(name, version, pulses.window, None, findings=(found,)))
        else:
            made.append(Estimate(name, version, pulses.window, *found))
    return tuple(made)
