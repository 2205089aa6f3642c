"""Whether an analysis names what was planted."""

from __future__ import annotations

from calibration.household.analysis import Analysis
from calibration.household.argued import CauseKey
from tests.household.households import Planted

WANTED = {
    Planted.HEATER: {CauseKey.HEATING, CauseKey.COOLING},
    Planted.VACANCY: {CauseKey.VACANCY},
    Planted.TIER: {CauseKey.TIER, CauseKey.TIER_AHEAD},
    Planted.STANDBY: {CauseKey.STANDBY},
    Planted.FAST: {CauseKey.PROPORTIONAL},
}


def is_found(cause: Planted, found: Analysis, among: int = 2, alone: bool = False) -> bool:
    """The planted cause is among the first; of a household with nothing planted, nothing is said. alone: two that share
    a place count as two, the likelier first."""
    if cause is Planted.NOTHING:
        return not found.causes
    places = [one.keys for one in found.causes]
    if alone:
        places = [(key,) for keys in places for key in keys]
    return any(key in WANTED[cause] for keys in places[:among] for key in keys)


def are_both_found(earlier: Planted, later: Planted, found: Analysis) -> bool:
    """Each is the likeliest reason of a change of its own, or shares its place."""
    if not (found.causes and found.second):
        return False
    said = set(found.causes[0].keys), set(found.second[0].keys)
    return any(one & WANTED[earlier] and other & WANTED[later] for one, other in (said, said[::-1]))
