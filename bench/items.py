"""The items of a verification: what a plan can ask for, in the words of the regulations, and what each of them is.

What several rooms ask of an item stands here once, in `FACTS`; what only one asks is in that room, by a `match` that
mypy proves complete. `tests/methods/test_facts_of_items.py` holds the facts against the steps of the methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

TOTAL_REGISTER = "total_kWh"
TARIFF_REGISTERS = tuple(f"tariff_{number}_kWh" for number in range(1, 5))


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What an item is, as the rooms of the bench and the web ask."""

    compares: bool = False
    """Its windows compare pulses with the reference at the load of its test point."""
    counts_pulses: bool = False
    """What it finds rests on pulses, and so on the constant that the plan gives the meter."""
    is_judged_by_pulses: bool = False
    """Pulses alone fail the meter; where its constant is in doubt, so is the FAIL."""
    proves_line: bool = False
    """Silence decides it: its line is seen to live at the rated load, before and after."""
    registers: tuple[str, ...] = ()
    """The registers that it reads, with voltage alone; a person who types them gives them by these names."""
    is_inspection: bool = False
    """A person looks, says of each check whether it is ok, and takes the time it takes; no load is applied."""
    needs_authorisation: bool = True
    """Something is found out of the meter, so whoever carries it out needs an authorisation for it."""


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

    @property
    def facts(self) -> ItemFacts:
        return FACTS[self]


_BY_SILENCE = ItemFacts(counts_pulses=True, is_judged_by_pulses=True, proves_line=True)

FACTS: Mapping[Item, ItemFacts] = {
    Item.VISUAL: ItemFacts(is_inspection=True),
    Item.WARM_UP: ItemFacts(needs_authorisation=False),
    Item.NO_LOAD: _BY_SILENCE,
    Item.STARTING: _BY_SILENCE,
    Item.BASIC_ERROR: ItemFacts(compares=True, counts_pulses=True, is_judged_by_pulses=True),
    Item.REPEATABILITY: ItemFacts(compares=True, counts_pulses=True),
    Item.METER_CONSTANT: ItemFacts(counts_pulses=True, registers=(TOTAL_REGISTER,)),
    Item.POWER_TIME: ItemFacts(compares=True, counts_pulses=True),
    Item.CLOCK: ItemFacts(),
    Item.TARIFF_SUM: ItemFacts(registers=(TOTAL_REGISTER, *TARIFF_REGISTERS)),
}
