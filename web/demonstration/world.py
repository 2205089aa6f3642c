"""Who takes part in the demonstration, which days are worked on, and which appointments are still free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar

from web.casework.model import Customer
from web.casework.store import Casework
from web.demonstration.stage import Stage, here

ADMINISTRATOR, OFFICE = "P1", "P2"
PAIRS = (("P3", "P5"), ("P4", "P6"))
"""Verifier and checker, as `bench/commands/demo_full.py` registers them; a retest is for the other pair."""
NAMES = {"P3": "李伟 Li Wei", "P4": "陈静 Chen Jing", "P5": "王芳 Wang Fang", "P6": "周强 Zhou Qiang"}
"""As they sign."""
OWNERS = {"counter": OFFICE, "meter_reading": "P6", "metering": "P4", "billing": ADMINISTRATOR, "other": "P5"}
"""Who answers for a department's requests."""
AREAS = ("D1", "D2", "D3")
_SLOTS = ((9, 0), (14, 0))
"""Beginnings of visits; each takes less than three hours."""
_SATURDAY = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot:
    verifier: str
    checker: str
    at: datetime

    @property
    def appointment(self) -> str:
        """As casework keeps it: by the clocks of the place."""
        return self.at.replace(tzinfo=None).isoformat(timespec="minutes")


@dataclass(slots=True)
class World:
    """seed: the same seed and the same end make the same play."""

    cw: Casework
    stage: Stage
    seed: int
    _booked: set[tuple[str, datetime]] = field(default_factory=set)
    _customers: int = 0

    def dice(self, name: str) -> Random:
        """A story's own, so that no story changes another one."""
        return Random(f"{self.seed} {name}")

    def today(self) -> date:
        return self.stage.at.astimezone().date()

    def book(self, earliest: date, pair: int) -> Slot:
        """The first free visit of a pair from that day on."""
        verifier, checker = PAIRS[pair]
        day = worked(earliest)
        while True:
            for hour, minute in _SLOTS:
                at = here(day, hour, minute)
                if (verifier, at) not in self._booked:
                    self._booked.add((verifier, at))
                    return Slot(verifier, checker, at)
            day = worked(day + timedelta(days=1))

    def customer(self) -> Customer:
        """The next one. There is no such person, street or telephone."""
        self._customers += 1
        number = self._customers
        return Customer(
            f"演示客户 {number:02d} / Demo customer {number:02d}",
            f"演示路 {number} 号（无此地址） / {number} Demo Road (no such address)",
            f"000 0000 {number:04d}",
        )


def worked(day: date) -> date:
    """That day, or the Monday after it."""
    return day if day.weekday() < _SATURDAY else day + timedelta(days=7 - day.weekday())


def worked_before(day: date) -> date:
    """The last day before it on which there was work."""
    before = day - timedelta(days=1)
    return (
        before if before.weekday() < _SATURDAY else before - timedelta(days=before.weekday() - _SATURDAY + 1)
    )


def office_hour(day: date, dice: Random) -> datetime:
    """Some time of a day at which the office is open, at latest at five."""
    return here(worked(day), dice.randint(8, 16), dice.randint(0, 59))


def any_hour(day: date, dice: Random) -> datetime:
    """Some time at which a customer writes."""
    return here(day, dice.randint(7, 21), dice.randint(0, 59))


def in_turn(words: Sequence[T], number: int) -> T:
    return words[number % len(words)]
