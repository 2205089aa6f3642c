"""A tiered tariff as somebody types it: up to four tiers, a year's or a month's. Without any figure there is none."""

from __future__ import annotations

from decimal import Decimal

from calibration.household.tiers import MOST_KWH, MOST_PRICE, Tariff, Tier, TierPeriod
from web.casework.consumption import CURRENCIES
from web.forms import Form

TIERS = 4
FIELDS = tuple(f"{what}_{number}" for number in range(1, TIERS + 1) for what in ("end", "price"))
PERIODS = tuple(TierPeriod)
EXAMPLE = {
    "end_1": "2880",
    "price_1": "0.49",
    "end_2": "4800",
    "price_2": "0.54",
    "price_3": "0.79",
    "period": "year",
    "currency": "CNY",
}
"""Yearly tiers in the form that is common in China. The figures are an example and stand for no utility's tariff."""


def tariff_of(form: Form, *, required: bool) -> Tariff | None:
    """The tariff; None where none was typed, or something is wrong with it (`form.errors`)."""
    period = form.choice("period", PERIODS, required=required)
    form.choice("currency", CURRENCIES, required=required)
    ends = [form.number(f"end_{n}", least=0, most=MOST_KWH, required=False) for n in range(1, TIERS + 1)]
    prices = [
        form.number(f"price_{n}", least=0, most=MOST_PRICE, required=False) for n in range(1, TIERS + 1)
    ]
    if any(name in form.errors for name in FIELDS):
        return None
    used = sum(price is not None for price in prices)
    if not used and not any(end is not None for end in ends):
        if required:
            form.wrong("price_1", "missing")
        return None
    for number in range(1, TIERS + 1):
        _check(form, number, used, ends, prices)
    if form.errors:
        return None
    tiers = tuple(
        Tier(ends[n] if n < used - 1 else None, price) for n, price in enumerate(prices) if price is not None
    )
    return Tariff(tiers, TierPeriod(period or TierPeriod.YEAR))


def _check(
    form: Form, number: int, used: int, ends: list[Decimal | None], prices: list[Decimal | None]
) -> None:
    """One tier: its price, where one after it has one; its end, but of the last; above the end before."""
    end, price = ends[number - 1], prices[number - 1]
    if price is None and (end is not None or number < used or any(p is not None for p in prices[number:])):
        form.wrong(f"price_{number}", "missing")
    if number < used and end is None:
        form.wrong(f"end_{number}", "missing")
    if number == used and end is not None:
        form.wrong(f"end_{number}", "last_tier_has_no_end")
    before = ends[number - 2] if number > 1 else Decimal(0)
    if end is not None and before is not None and end <= before:
        form.wrong(f"end_{number}", "ends_rise")
