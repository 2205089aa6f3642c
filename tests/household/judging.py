"""Whether an analysis names what was planted."""

from __future__ import annotations

from calibration.household.analysis import Analysis
from calibration.household.causes import CauseKey
from tests.household.households import Planted

WANTED = {
    Planted.HEATER: {CauseKey.HEATING, CauseKey.COOLING},
    Planted.VACANCY: {CauseKey.VACANCY},
    Planted.TIER: {CauseKey.TIER},
    Planted.STANDBY: {CauseKey.STANDBY},
    Planted.FAST: {CauseKey.PROPORTIONAL},
}


def is_found(cause: Planted, found: Analysis, among: int = 2) -> bool:
    """The planted cause is among the first; of a household with nothing planted, nothing is said."""
    if cause is Planted.NOTHING:
        return not found.causes
    return any(one.key in WANTED[cause] for one in found.causes[:among])
