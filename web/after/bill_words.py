"""What a bill would have been, in words: figures of `calibration/bill.py` written for a customer. Pure.

Nothing is computed here; the sign of an amount is a word, and an interval is written by its two ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from calibration.bill import Bill, Leaning, PointError, Span, bill
from web import numbers
from web.texts import text


@dataclass(frozen=True, slots=True)
class BillWords:
    """The sentences about a bill. middle is "" where no balanced load point was measured."""

    leaning: str
    headline: str
    interval: str
    middle: str
    used: str
    basis: str


def bill_words(
    errors: tuple[PointError, ...], consumption_kWh: str, price_per_kWh: str, currency: str, language: str
) -> BillWords | None:
    """The bill of a consumption (kWh a year) at a price; None where the run has no error that it could stand on."""
    made = bill(errors, consumption_kWh, price_per_kWh)
    if made is None:
        return None
    leaning = made.leaning
    kWh, cost = made.too_much_kWh.rounded(), made.too_much_money.rounded()
    if leaning is Leaning.TOO_LITTLE:
        kWh, cost = kWh.negated(), cost.negated()
    used = made.used_kWh.rounded()
    values = {
        "kwh_low": _plain(kWh.low),
        "kwh_high": _plain(kWh.high),
        "money_low": money(cost.low, currency, language),
        "money_high": money(cost.high, currency, language),
    }
    return BillWords(
        leaning=leaning.value,
        headline=text(f"bill.headline_{leaning}", language, **_money_of(cost, currency, language)),
        interval=text(f"bill.interval_{leaning}", language, **values),
        middle=_middle(made, currency, language),
        used=text(
            "bill.used",
            language,
            counted=_plain(made.consumption_kWh),
            low=_plain(used.low),
            high=_plain(used.high),
        ),
        basis=_basis(made, language),
    )


def _money_of(cost: Span, currency: str, language: str) -> dict[str, str]:
    return {
        "money_low": money(cost.low, currency, language),
        "money_high": money(cost.high, currency, language),
    }


def _middle(made: Bill, currency: str, language: str) -> str:
    error, kWh, cost = (
        made.error_pct.middle,
        made.too_much_kWh.rounded().middle,
        made.too_much_money.rounded().middle,
    )
    if error is None or kWh is None or cost is None:
        return ""
    way = "none" if cost == 0 else "too_much" if cost > 0 else "too_little"
    return text(
        f"bill.middle_{way}",
        language,
        error=numbers.percent(numbers.signed(str(made.error_pct.rounded().middle), 2)),
        kwh=_plain(kWh),
        money=money(cost, currency, language),
    )


def _basis(made: Bill, language: str) -> str:
    error = made.error_pct.rounded()
    return text.counted(
        "bill.basis",
        language,
        len(made.errors),
        low=numbers.percent(numbers.signed(str(error.low), 2)),
        high=numbers.percent(numbers.signed(str(error.high), 2)),
    )


def _plain(value: Decimal) -> str:
    """An amount without its sign, which the sentence says in words."""
    return f"{abs(value):f}"


def money(value: Decimal, currency: str, language: str) -> str:
    """An amount without its sign."""
    return numbers.money(_plain(value), currency, language)
