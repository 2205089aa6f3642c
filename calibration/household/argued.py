"""One cause of what is seen in a household's figures, with its numbers for and against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CauseKey(StrEnum):
    HEATING = "heating"
    COOLING = "cooling"
    VACANCY = "vacancy"
    STANDBY = "standby"
    PROPORTIONAL = "proportional"
    TIER = "tier"
    TIER_AHEAD = "tier_ahead"
    LENGTH = "length"
    ESTIMATED = "estimated"
    SINGLE_DAYS = "single_days"


@dataclass(frozen=True, slots=True)
class Argument:
    """A key, and numbers whose units are in their names (kWh, pct, W, days) or that are ISO days."""

    key: str
    values: Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. weight: 0 to 1, for the order. is_more: it makes the use, or the bill, higher.

    first, end: day numbers of its time, where it has one. size: kWh a day, or a share, as of `changes.Model`.
    like: causes that explain these figures about as well, so that they cannot be told apart from it. same: one that
    shares its place, since these figures say nothing about which of the two it is.
    """

    key: CauseKey
    weight: float
    is_more: bool
    speaks_for: tuple[Argument, ...]
    speaks_against: tuple[Argument, ...]
    first: int | None = None
    end: int | None = None
    size: float = 0.0
    like: tuple[CauseKey, ...] = ()
    same: Cause | None = None

    @property
    def keys(self) -> tuple[CauseKey, ...]:
        """Its key, and that of the one that shares its place."""
        return (self.key,) if self.same is None else (self.key, self.same.key)
