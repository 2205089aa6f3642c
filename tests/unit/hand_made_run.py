"""A run laid out by hand, so that each row of its budget can be worked out on paper.

T = 0.5 s, 2,300 W on average, the power goes 0, +2, +4, +2, 0 ... W from refresh to refresh. The refresh clock's
residual is 50 ms where its brackets explain 30 ms, so the refreshes jitter by 40 ms.
"""

from __future__ import annotations

import numpy as np

from calibration.alignment import AlignedRun, EnergyCurve, RefreshGrid
from calibration.load_points import LoadPoint
from calibration.meter_edges import MeterPulses
from calibration.nameplate import Wiring
from calibration.quantities import FloatArray, ReferenceReadings
from calibration.reference_standard import ReferenceCard
from calibration.timebase import RefreshClock

REFRESH_S = 0.5
MEAN_POWER_W = 2300.0
CARD = ReferenceCard(
    "m", "1", 0.05, energy_step_Wh=1.0, refresh_s=REFRESH_S, power_step_W=0.1, power_lag_u_s=0.03
)
THREE_PHASES = LoadPoint("Ib 1.0", 230.0, 10.0 / 3.0, 1.0, wiring=Wiring.FOUR_WIRE)
CLOCK = RefreshClock(
    phase_s=0.0,
    period_s=REFRESH_S,
    period_relative_uncertainty=4e-5,
    residual_s=0.05,
    bracket_s=0.03,
    count=99,
)


def swinging_power_W() -> FloatArray:
    """81 refreshes: 80 steps of +2, +2, -2, -2 W."""
    steps = np.tile([2.0, 2.0, -2.0, -2.0], 20)
    return MEAN_POWER_W - 2.0 + np.concatenate(([0.0], np.cumsum(steps)))


def made_run(
    power_W: FloatArray | None = None,
    card: ReferenceCard = CARD,
    clock: RefreshClock = CLOCK,
    register_Wh: FloatArray | None = None,
    *,
    latency_s: float = 0.04,
) -> AlignedRun:
    """A run whose grid shows these powers; the register steps by r with the true energy where none is given."""
    power_W = swinging_power_W() if power_W is None else power_W
    refresh_s = clock.instant_s(np.arange(len(power_W)))
    swept_Wh = np.concatenate(([0.0], np.cumsum(power_W * clock.period_s / 3600.0)))
    curve = EnergyCurve(np.concatenate(([refresh_s[0] - clock.period_s], refresh_s)), swept_Wh)
    if register_Wh is None:
        register_Wh = np.floor(swept_Wh[1:] / card.energy_step_Wh) * card.energy_step_Wh
    return AlignedRun(
        origin_ns=0,
        card=card,
        readings=ReferenceReadings.empty(),
        latency_s=latency_s,
        duration_s=float(refresh_s[-1] - refresh_s[0]),
        grid=RefreshGrid(clock, refresh_s, register_Wh, power_W, curve),
        reference_pulse_s=None,
    )


def made_pulses(first_s: float, last_s: float, intervals: int) -> MeterPulses:
    """Evenly spaced pulses of a meter without a lattice on a balanced load."""
    at_s = np.linspace(first_s, last_s, intervals + 1)
    return MeterPulses(np.rint(at_s * 1e9).astype(np.int64), at_s, None, THREE_PHASES)
