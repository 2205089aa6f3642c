"""The items of a verification: what a plan can ask for, in the words of the regulations."""

from __future__ import annotations

from enum import StrEnum


class Item(StrEnum):
    VISUAL = "visual"
    """Inspection by a person, as a checklist."""
    WARM_UP = "warm_up"
    NO_LOAD = "no_load"
    """Creep: voltage, no current, at most the rule's pulses."""
    STARTING = "starting"
    BASIC_ERROR = "basic_error"
    REPEATABILITY = "repeatability"
    METER_CONSTANT = "meter_constant"
    """The register against the reference standard and against the pulses."""
    POWER_TIME = "power_time"
    """Power times time, a cross-check on the comparison with the energy register."""
    CLOCK = "clock"
    TARIFF_SUM = "tariff_sum"


COMPARING = frozenset({Item.BASIC_ERROR, Item.REPEATABILITY, Item.POWER_TIME})
"""Items whose windows compare pulses with the reference."""
