"""A tiered tariff: what energy costs where the price of a kWh rises with what was used before in the same period.

A tariff has tiers, each with the price of its kWh and an end, counted from the first day of the period, a month or a
year; the last tier has no end. The bill is the sum over the tiers of what fell into each,

    cost = sum over i of price_i * (min(W, end_i) - end_(i-1)), for each tier with end_(i-1) < W

so a kWh beyond an end costs more, and none before it becomes dearer. Crossing an end makes the bill rise faster than
the energy; by how much, `mean_price` tells before and after.

Other forms of a tariff (standing charge, time of use, taxes that depend on the sum) are not in here. All in decimal and
not rounded: who prints it rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise

_DIGITS = 60
"""More than an energy and a price have together."""
MOST_TIERS = 8
MOST_KWH = Decimal(10_000_000)
"""Of an energy and of a tier's end."""
MOST_PRICE = Decimal(10_000)
"""Of one kWh, in any currency."""


class TierPeriod(StrEnum):
    """After which time a tariff begins again at its first tier."""

    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Tier:
    """What one kWh costs, up to a use (kWh) since the period began; None: without an end."""

    up_to_kWh: Decimal | None
    price_per_kWh: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """Tiers by rising end, the last without one.

    Errors: ValueError for no tier or too many, ends that do not rise, an end that is missing or is the last one's, a
    price or an end that is none.
    """

    tiers: tuple[Tier, ...]
    period: TierPeriod

    def __post_init__(self) -> None:
        if not 1 <= len(self.tiers) <= MOST_TIERS:
            raise ValueError(f"a tariff has 1 to {MOST_TIERS} tiers")
        *ended, last = self.tiers
        if last.up_to_kWh is not None or any(tier.up_to_kWh is None for tier in ended):
            raise ValueError("each tier has an end but the last")
        ends = [Decimal(0), *self.ends_kWh]
        if any(not (end.is_finite() and end <= MOST_KWH) for end in ends):
            raise ValueError("an end of a tier is a number of kWh")
        if any(end <= before for before, end in pairwise(ends)):
            raise ValueError("the ends of the tiers rise")
        if any(not (t.price_per_kWh.is_finite() and 0 <= t.price_per_kWh <= MOST_PRICE) for t in self.tiers):
            raise ValueError("a price is a number that is not below 0")

    @property
    def ends_kWh(self) -> tuple[Decimal, ...]:
        """The ends of all tiers but the last."""
        return tuple(tier.up_to_kWh for tier in self.tiers if tier.up_to_kWh is not None)

    def tier_after(self, used_kWh: Decimal) -> int:
        """In which tier (1 is the first) the next kWh falls, after so much of the period."""
        return 1 + sum(used_kWh >= end for end in self.ends_kWh)


@dataclass(frozen=True, slots=True)
class TierShare:
    """What of a bill fell into one tier (1 is the first)."""

    tier: int
    energy_kWh: Decimal
    price_per_kWh: Decimal

    @property
    def cost(self) -> Decimal:
        return self.energy_kWh * self.price_per_kWh


@dataclass(frozen=True, slots=True)
class TieredBill:
    """An energy and what it costs, in the currency of the prices.

    shares: the tiers that something fell into. tier_now, price_now: where the next kWh falls. left_kWh: until the next
    tier, None in the last.
    """

    energy_kWh: Decimal
    cost: Decimal
    shares: tuple[TierShare, ...]
    tier_now: int
    price_now: Decimal
    left_kWh: Decimal | None

    @property
    def mean_price(self) -> Decimal:
        """Of one of these kWh; of no energy, that of the next one."""
        if self.energy_kWh == 0:
            return self.price_now
        with localcontext() as context:
            context.prec = _DIGITS
            return self.cost / self.energy_kWh


@dataclass(frozen=True, slots=True)
class Crossing:
    """The day (ISO) within which the use of a period went beyond an end, and the tier that began then."""

    day: str
    tier: int


def bill(tariff: Tariff, energy_kWh: Decimal, used_before_kWh: Decimal = Decimal(0)) -> TieredBill:
    """What an energy costs within one period, of which so much was used before. Errors: ValueError for no energy."""
    for energy in (energy_kWh, used_before_kWh):
        if not (energy.is_finite() and 0 <= energy <= MOST_KWH):
            raise ValueError("an energy is a number of kWh that is not below 0")
    with localcontext() as context:
        context.prec = _DIGITS
        after = used_before_kWh + energy_kWh
        shares = tuple(_shares(tariff, used_before_kWh, after))
        now = tariff.tier_after(after)
        ends = tariff.ends_kWh
        return TieredBill(
            energy_kWh=energy_kWh,
            cost=sum((share.cost for share in shares), Decimal(0)),
            shares=shares,
            tier_now=now,
            price_now=tariff.tiers[now - 1].price_per_kWh,
            left_kWh=ends[now - 1] - after if now <= len(ends) else None,
        )


def _shares(tariff: Tariff, before: Decimal, after: Decimal) -> Iterable[TierShare]:
    begins = Decimal(0)
    for number, tier in enumerate(tariff.tiers, start=1):
        ends = after if tier.up_to_kWh is None else min(after, tier.up_to_kWh)
        energy = ends - max(begins, before)
        if energy > 0:
            yield TierShare(number, energy, tier.price_per_kWh)
        begins = ends


def costs(
    tariff: Tariff, used: Sequence[tuple[str, Decimal]], used_before_kWh: Decimal = Decimal(0)
) -> list[Decimal]:
    """What each energy costs, of days or months by rising date (ISO, `2025-01` or `2025-01-31`).

    used_before_kWh: of the first one's period, before it. Each period begins anew.
    """
    return [
        bill(tariff, energy, before).cost for _, energy, before in _with_before(tariff, used, used_before_kWh)
    ]


def crossings(
    tariff: Tariff, used: Sequence[tuple[str, Decimal]], used_before_kWh: Decimal = Decimal(0)
) -> list[Crossing]:
    """Where the use of each period went beyond an end; of days or months by rising date, as of `costs`.

    A use that is just the end is still in the tier below.
    """
    return [
        Crossing(date, number)
        for date, energy, before in _with_before(tariff, used, used_before_kWh)
        for number, end in enumerate(tariff.ends_kWh, start=2)
        if before <= end < before + energy
    ]


def _with_before(
    tariff: Tariff, used: Sequence[tuple[str, Decimal]], used_before_kWh: Decimal
) -> Iterable[tuple[str, Decimal, Decimal]]:
    """Each date and energy, with what was used before it in its period."""
    before, period = used_before_kWh, None
    for date, energy in used:
        of_date = date[:4] if tariff.period is TierPeriod.YEAR else date[:7]
        if period is not None and of_date != period:
            before = Decimal(0)
        period = of_date
        yield date, energy, before
        before += energy
