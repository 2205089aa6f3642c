"""Whether a dearer tier is behind a bill: it was crossed in the list, or is about to be just after its end.

Of a crossing with rows after it the mean price of a kWh before and after is compared, and how much of the rise in money
is price and not energy. A list of months that ends within the month of the crossing has no row at the new price yet,
and one that ends before it does not have the crossing: then the price of the next kWh is what can be said, and the day
on which the end of the tier comes at the pace of this list. Of a crossing whose year is over, the dear days are those
until its end.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from calibration.household.argued import Argument, Cause, CauseKey
from calibration.household.days import day_number, day_text
from calibration.household.series import Series, used_between
from calibration.household.tiers import Crossing, Tariff, TieredBill, TierPeriod, bill, crossings

_WINDOW_DAYS = 30
_LOOKED_BACK_DAYS = 180
_OVER_DAYS = 92
"""A crossing whose year, or month, is over for longer explains no bill any more."""
_AHEAD_DAYS = 31
"""A month, which the next row of a list of months will have."""
_LEAST_PRICE_SHARE = 0.1
_LEAST_RISE = 1.01
_ALL_OF_IT = 0.995
"""The share of the price that is 100 % when it is said: nothing is left to speak against it."""
_WEIGHT_AHEAD = 0.3


def tier_cause(series: Series, tariff: Tariff) -> Cause | None:
    """The tier as a cause, of the last crossing or the next one; None where neither is near."""
    money = _money(tariff, series)
    crossed = [one for one in crossings(tariff, series.dated) if day_number(one.day) in money]
    is_of_months = not series.is_daily and tariff.period is TierPeriod.YEAR
    if crossed and series.end - day_number(crossed[-1].day) <= _LOOKED_BACK_DAYS:
        if is_of_months and crossed[-1].day == series.rows[-1].date:
            return _just_crossed(series, tariff, money, crossed[-1])
        return _crossed(series, tariff, money, crossed[-1])
    return _ahead(series, tariff) if is_of_months else None


def present_bill(series: Series, tariff: Tariff) -> TieredBill | None:
    """The bill of the present period so far; None where its first days are not known, so that nothing can be said."""
    last = series.rows[-1]
    start = _begin_of_period(last.date, tariff)
    if series.first > start:
        return None
    used = sum((row.energy_kWh for row in series.rows if row.first >= start), Decimal(0))
    return bill(tariff, used)


def _begin_of_period(date: str, tariff: Tariff) -> int:
    """Day number of the first day of the year or month in which a tier of this tariff is counted."""
    return day_number(f"{date[:4]}-01-01" if tariff.period is TierPeriod.YEAR else f"{date[:7]}-01")


def _end_of_period(date: str, tariff: Tariff) -> int:
    """Day number of the first day after it."""
    year, month = int(date[:4]), int(date[5:7])
    if tariff.period is TierPeriod.YEAR or month == 12:
        return day_number(f"{year + 1}-01-01")
    return day_number(f"{year}-{month + 1:02}-01")


def _money(tariff: Tariff, series: Series) -> dict[int, tuple[float, float]]:
    """(cost, kWh) by the first day of each row. Periods whose beginning is not known are left out: their tier is not
    known."""
    money: dict[int, tuple[float, float]] = {}
    for begins, rows in groupby(series.rows, key=lambda row: _begin_of_period(row.date, tariff)):
        used = Decimal(0)
        is_known = False
        for number, row in enumerate(rows):
            is_known = is_known or (number == 0 and row.first - begins <= 1)
            if is_known:
                money[row.first] = (float(bill(tariff, row.energy_kWh, used).cost), float(row.energy_kWh))
            used += row.energy_kWh
    return money


def _before(
    series: Series, tariff: Tariff, money: dict[int, tuple[float, float]], crossing: Crossing
) -> tuple[float, float] | None:
    """(price of a kWh, kWh a row) before a crossing: of the rows of the same period, and of one that begins with the
    crossing the price of the tier before it. Rows as long as a period have the crossing each, or none."""
    crossed = day_number(crossing.day)
    first = crossed - _window(series)
    if tariff.period is TierPeriod.MONTH and not series.is_daily:
        return _mean_price(money, first, crossed)
    return _mean_price(money, max(first, _begin_of_period(crossing.day, tariff)), crossed) or (
        float(tariff.tiers[crossing.tier - 2].price_per_kWh),
        money[crossed][1],
    )


def _window(series: Series) -> int:
    """Of longer rows one fits in, whichever month it is."""
    return _WINDOW_DAYS if series.is_daily else max(row.days for row in series.rows[-12:])


def _crossed(
    series: Series, tariff: Tariff, money: dict[int, tuple[float, float]], crossing: Crossing
) -> Cause | None:
    """The last days against those before the last crossing; where a new year has begun since, those of the old one."""
    crossed = day_number(crossing.day)
    until = min(series.end, _end_of_period(crossing.day, tariff))
    if series.end - until > _OVER_DAYS:
        return None
    now = _mean_price(money, max(until - _window(series), crossed), until)
    before = _before(series, tariff, money, crossing)
    # After energy that cost nothing there is no "so much dearer".
    if now is None or before is None or before[0] == 0 or now[0] <= before[0] * _LEAST_RISE:
        return None
    share = _share_of_price(before, now)
    if share < _LEAST_PRICE_SHARE:
        return None
    (price_before, kWh_before), (price_now, kWh_now) = before, now
    energy_pct = 100 * (kWh_now / kWh_before - 1)
    bill_pct = 100 * (kWh_now * price_now / (kWh_before * price_before) - 1)
    against = []
    if share < _ALL_OF_IT:
        against.append(Argument("price_share", {"share_pct": 100 * share}))
    if until < series.end:
        against.append(Argument("counted_anew", {"day": day_text(until)}))
    compared = Argument("bill_and_energy", {"bill_pct": bill_pct, "energy_pct": energy_pct})
    return _of_price(crossed, until, price_before, price_now, share, [compared], against)


def _just_crossed(
    series: Series, tariff: Tariff, money: dict[int, tuple[float, float]], crossing: Crossing
) -> Cause | None:
    """The last row has the crossing in it: what the next kWh costs against one before, each of the same energy."""
    crossed = day_number(crossing.day)
    now, before = present_bill(series, tariff), _before(series, tariff, money, crossing)
    if now is None or before is None or before[0] == 0 or float(now.price_now) <= before[0] * _LEAST_RISE:
        return None
    price_now = float(now.price_now)
    share = _share_of_price(before, (price_now, float(series.rows[-1].energy_kWh)))
    within = Argument("within_last_row", {"day": day_text(crossed)})
    return _of_price(crossed, series.end, before[0], price_now, share, [], [within])


def _share_of_price(before: tuple[float, float], now: tuple[float, float]) -> float:
    """How much of the rise in money is price and not energy; each: price of a kWh, kWh a row."""
    (price_before, kWh_before), (price_now, kWh_now) = before, now
    by_price = (price_now - price_before) * kWh_now
    by_energy = max(0.0, (kWh_now - kWh_before) * price_before)
    return by_price / (by_price + by_energy)


def _of_price(
    crossed: int,
    until: int,
    price_before: float,
    price_now: float,
    share: float,
    more_for: list[Argument],
    against: list[Argument],
) -> Cause:
    """A tier that was crossed; share: of the price in the rise, which is its weight."""
    crossing = Argument(
        "crossed", {"day": day_text(crossed), "before_price": price_before, "now_price": price_now}
    )
    return Cause(
        CauseKey.TIER,
        share,
        True,
        (crossing, *more_for),
        tuple(against),
        crossed,
        until,
        price_now / price_before - 1,
    )


def _ahead(series: Series, tariff: Tariff) -> Cause | None:
    """The end of the tier of this year comes within a month after the list, at the pace of its last row and, where
    known, of the same time a year before."""
    is_new_year = day_text(series.end)[:4] != series.rows[-1].date[:4]
    now = bill(tariff, Decimal(0)) if is_new_year else present_bill(series, tariff)
    if now is None or now.left_kWh is None:
        return None
    pace = series.rows[-1].kWh_a_day
    before, days = used_between(series, series.end - 365, series.end - 365 + _AHEAD_DAYS)
    if days == _AHEAD_DAYS:
        pace = max(pace, before / days)
    if pace <= 0 or float(now.left_kWh) > pace * _AHEAD_DAYS:
        return None
    next_price = tariff.tiers[now.tier_now].price_per_kWh
    day = series.end + int(float(now.left_kWh) / pace)
    return Cause(
        CauseKey.TIER_AHEAD,
        _WEIGHT_AHEAD,
        True,
        (
            Argument("left", {"left_kWh": float(now.left_kWh), "pace_kWh": pace}),
            Argument("dearer", {"before_price": float(now.price_now), "now_price": float(next_price)}),
        ),
        (Argument("after_the_list", {"day": day_text(series.end - 1)}),),
        day,
        day + 1,
        float(next_price / now.price_now) - 1 if now.price_now else 0.0,
    )


def _mean_price(money: dict[int, tuple[float, float]], first: int, end: int) -> tuple[float, float] | None:
    """(price of a kWh, kWh a row) of the rows that begin in some days; None without any, or without energy."""
    rows = [paid for day, paid in money.items() if first <= day < end]
    energy = sum(kWh for _, kWh in rows)
    return (sum(cost for cost, _ in rows) / energy, energy / len(rows)) if energy > 0 else None
