"""The calculator: what a device uses in a year, and what energy costs in a tiered tariff. Sentences, no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from calibration.household.appliances import DAYS_OF_A_YEAR, HOURS_OF_A_DAY, MOST_W, Example, Use
from calibration.household.tiers import MOST_KWH, Tariff, TierPeriod, bill
from web import numbers
from web.consumption.tariff_form import tariff_of
from web.consumption.words import kWh, money
from web.forms import Form
from web.texts import text

LIMITS: dict[str, Decimal] = {
    "power": MOST_W,
    "hours": HOURS_OF_A_DAY,
    "days": DAYS_OF_A_YEAR,
    "used": MOST_KWH,
    "used_before": MOST_KWH,
}
"""The most of each field; the least is 0."""
_DEVICE = ("power", "hours", "days")


@dataclass(frozen=True, slots=True)
class Computed:
    """device, bill: sentences, empty where nothing was asked. shares: a line of each tier (tier, kWh, price, cost)."""

    device: tuple[str, ...]
    bill: tuple[str, ...]
    shares: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownExample:
    name: str
    power: str
    runs: str
    energy: str
    note: str


def computed(form: Form, language: str) -> Computed | None:
    """What the form asks; what is wrong stands in its errors. The price of a device's energy is that of the next
    kWh."""
    tariff = tariff_of(form, required=True)
    wants_device = any(form.value(name).strip() for name in _DEVICE)
    wants_bill = bool(form.value("used").strip())
    if not wants_device and not wants_bill:
        form.wrong("power", "missing")
    device = [form.number(name, least=0, most=LIMITS[name], required=wants_device) for name in _DEVICE]
    used = form.number("used", least=0, most=LIMITS["used"], required=False)
    before = form.number("used_before", least=0, most=LIMITS["used_before"], required=False) or Decimal(0)
    if form.errors or tariff is None:
        return None
    currency = form.value("currency")
    price = bill(tariff, used or Decimal(0), before).price_now
    power, hours, days = device
    of_device = (
        _of_device(Use(power, hours, days), price, tariff, currency, language)
        if power is not None and hours is not None and days is not None
        else ()
    )
    if used is None:
        return Computed(of_device, (), ())
    return _with_bill(of_device, tariff, used, before, currency, language)


def _of_device(use: Use, price: Decimal, tariff: Tariff, currency: str, language: str) -> tuple[str, ...]:
    prices = sorted(tier.price_per_kWh for tier in tariff.tiers)
    return (
        text("calculator.device_uses", language, kWh=kWh(float(use.energy_kWh_a_year)),
             month=kWh(float(use.energy_kWh_a_year / 12))),
        text("calculator.device_costs", language, cost=money(use.cost_a_year(price), currency, language),
             price=money_of_kWh(price, currency, language), low=money(use.cost_a_year(prices[0]), currency, language),
             high=money(use.cost_a_year(prices[-1]), currency, language)),
    )  # fmt: skip


def _with_bill(
    device: tuple[str, ...], tariff: Tariff, used: Decimal, before: Decimal, currency: str, language: str
) -> Computed:
    found = bill(tariff, used, before)
    period = text(f"consumption.of_{TierPeriod(tariff.period)}", language)
    said = [
        text("calculator.bill_is", language, kWh=kWh(float(used)), cost=money(found.cost, currency, language),
             mean=money_of_kWh(found.mean_price, currency, language)),
        text("calculator.tier_is", language, tier=found.tier_now, period=period,
             price=money_of_kWh(found.price_now, currency, language)),
    ]  # fmt: skip
    if found.left_kWh is not None:
        said.append(text("calculator.left_is", language, kWh=kWh(float(found.left_kWh))))
    shares = tuple(
        (str(share.tier), kWh(float(share.energy_kWh)), money_of_kWh(share.price_per_kWh, currency, language),
         money(share.cost, currency, language))
        for share in found.shares
    )  # fmt: skip
    return Computed(device, tuple(said), shares)


def money_of_kWh(price: Decimal, currency: str, language: str) -> str:
    """A price with at most four decimals."""
    shown = format(price.quantize(Decimal("0.0001")).normalize(), "f")
    return numbers.money(shown, currency, language, per="kWh")


def examples(known: Sequence[Example], language: str) -> list[ShownExample]:
    """Kinds of devices with their ranges; all of them unsure."""
    return [
        ShownExample(
            text(f"appliance.{one.key}", language),
            f"{one.low_W:f}–{one.high_W:f} W",
            text("calculator.runs", language, hours=f"{one.hours_a_day:f}", days=f"{one.days_a_year:f}"),
            f"{_few(one.least)}–{_few(one.most)} kWh",
            "" if one.is_counted else text("calculator.not_counted", language),
        )
        for one in known
    ]


def _few(use: Use) -> str:
    """Two significant digits: more would be a precision that an example has not."""
    energy = use.energy_kWh_a_year
    rounded = energy.quantize(Decimal(1).scaleb(energy.adjusted() - 1))
    return format(rounded, "f") if rounded != rounded.to_integral_value() else f"{int(rounded)}"
