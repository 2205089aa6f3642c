"""Whether what a reference standard says can be true at all: wrong addresses, types and word orders show at once.

A float whose words are exchanged is of some other order of magnitude, by tens of powers of ten; an integer is larger by
65,536. So wide bounds tell right from wrong, the surer the more quantities a profile has. All bounds are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.ports import ReferenceSample

_LARGEST = {"voltage_V": 5e5, "current_A": 5e4, "power_W": 1e9, "energy_Wh": 1e12}
_SMALLEST = 1e-7
"""Nothing but zero is smaller: a float of exchanged words mostly is."""
_FREQUENCIES_HZ = (40.0, 70.0)
_MOST_PHASES = 3.0
_OWN_SHARE = 1.2
"""Active power beyond U I of three phases by more than this cannot be."""


def values_of(samples: Iterable[ReferenceSample]) -> dict[str, float]:
    """The newest value of each quantity in some polls (a poll need not bring all)."""
    found: dict[str, float] = {}
    for sample in samples:
        if sample.energy_Wh is not None:
            found["energy_Wh"] = sample.energy_Wh.value
        if sample.power_W is not None:
            found["power_W"] = sample.power_W.value
        found.update(sample.auxiliary)
    return found


def is_dead(values: Mapping[str, float]) -> bool:
    """Whether there is neither voltage nor power: nothing can be told from zeros."""
    return not values.get("voltage_V") and not values.get("power_W")


def is_plausible(values: Mapping[str, float]) -> bool:
    """Whether there are values and all of them can be."""
    if "power_W" not in values:
        return False
    for name, largest in _LARGEST.items():
        size = abs(values.get(name, 0.0))
        if size > largest or 0.0 < size < _SMALLEST:
            return False
    low_Hz, high_Hz = _FREQUENCIES_HZ
    if values.get("energy_Wh", 0.0) < 0.0:
        return False
    frequency_Hz = values.get("frequency_Hz", 0.0)
    if frequency_Hz and not low_Hz <= frequency_Hz <= high_Hz:
        return False
    if abs(values.get("power_factor", 0.0)) > 1.01:
        return False
    if {"voltage_V", "current_A"} <= values.keys():
        most_W = _OWN_SHARE * _MOST_PHASES * values["voltage_V"] * values["current_A"]
        return abs(values["power_W"]) <= most_W + 10.0
    return True
