"""A household's consumption looked at: compared with the same time a year before, base load, tiers, odd days, causes.

    found = analyse(series(rows), tariff)
    found.causes       the likeliest first; empty: nothing unusual, or too little is known (`found.too_short`)

What it does not know it says in `cannot_know`: keys, whose sentences the pages have. It never judges a meter: no
list of energies can (`causes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise

import numpy as np

from calibration.household.causes import Argument, Cause, CauseKey, of_energy, ranked
from calibration.household.changes import LEAST_ROWS, Model, models
from calibration.household.days import day_number, day_text, same_day_last_year
from calibration.household.series import Row, Series
from calibration.household.tiers import Crossing, Tariff, TieredBill, bill, crossings

COMPARED_DAYS = 30
"""Of daily rows; of longer ones the last is compared."""
_LEAST_COVERED = 0.8
_LOWEST_SHARE = 0.1
_HOURS = 24
_A_YEAR_DAYS = 365
_ODD_SCALES = 5.0
_ODD_RATIO = 1.8
_MOST_ODD = 5
_LEAST_PRICE_SHARE = 0.1
_ALL_OF_IT = 0.995
"""The share of the price that is 100 % when it is said: nothing is left to speak against it."""
_LEAST_LONGER = 0.08
_EQUAL_MONTHS, _EQUAL_DAYS = 3, 5
_LEAST_ENERGY_OF_EQUAL = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Compared:
    """The last days against the same days a year before (kWh a day each); first, days: of the last ones."""

    first: int
    days: int
    now_kWh: float
    before_kWh: float

    @property
    def change_pct(self) -> float | None:
        return 100 * (self.now_kWh / self.before_kWh - 1) if self.before_kWh > 0 else None


@dataclass(frozen=True, slots=True)
class OddDay:
    """A row far above what is usual; both kWh."""

    row: Row
    usual_kWh: float


@dataclass(frozen=True, slots=True)
class NightBase:
    """The mean power of a night (W) from two readings, and how far off it may be by the step of the register."""

    power_W: Decimal
    give_or_take_W: Decimal


@dataclass(frozen=True, slots=True)
class Analysis:
    """compared: None where a year before is not known. base_W: the mean power of the days with the lowest use, which
    the base load cannot be above; None for longer rows. now: the present period's bill, where there is a tariff."""

    series: Series
    compared: Compared | None
    base_W: float | None
    odd_days: tuple[OddDay, ...]
    crossings: tuple[Crossing, ...]
    now: TieredBill | None
    causes: tuple[Cause, ...]
    usual_kWh: tuple[float, ...]
    cannot_know: tuple[str, ...]
    too_short: bool


def analyse(series: Series, tariff: Tariff | None = None) -> Analysis:
    """Everything that is found in a series."""
    found = models(series) if len(series.rows) >= LEAST_ROWS else []
    odd = _odd_days(series, found[0]) if found and series.is_daily else ()
    beside = [
        cause
        for cause in (
            _tier_cause(series, tariff) if tariff is not None else None,
            _length_cause(series),
            _estimated_cause(series),
            _single_days_cause(series, odd),
        )
        if cause is not None
    ]
    energy = of_energy(series, found) if found else []
    return Analysis(
        series=series,
        compared=_compared(series),
        base_W=_base_W(series),
        odd_days=odd,
        crossings=tuple(crossings(tariff, series.dated)) if tariff is not None else (),
        now=_present(series, tariff) if tariff is not None else None,
        causes=ranked(energy, beside),
        usual_kWh=tuple(float(mu) for mu in found[0].fit.mu) if found else (),
        cannot_know=tuple(_cannot_know(series, tariff, energy, not found)),
        too_short=not found,
    )


def night_base(
    evening_kWh: Decimal, morning_kWh: Decimal, hours: Decimal, register_step_kWh: Decimal
) -> NightBase:
    """From a reading in the evening and one in the morning. Each is known to its step, so the difference to two halves
    of a step either way. Errors: ValueError for a morning below the evening, or a night that is none."""
    if not (0 < hours <= _HOURS and morning_kWh >= evening_kWh and register_step_kWh > 0):
        raise ValueError("a night has hours, and a register does not count back")
    power = (morning_kWh - evening_kWh) * 1000 / hours
    return NightBase(power, register_step_kWh * 1000 / hours)


def used_between(series: Series, first: int, end: int) -> tuple[float, int]:
    """(kWh, days that are known) from a day to before another; of a row that reaches beyond, its share."""
    energy, known = 0.0, 0
    for row in series.rows:
        days = min(row.end, end) - max(row.first, first)
        if days > 0:
            energy += row.kWh_a_day * days
            known += days
    return energy, known


def _compared(series: Series) -> Compared | None:
    last = series.rows[-1]
    first = max(series.first, series.end - COMPARED_DAYS) if series.is_daily else last.first
    before_first, before_end = same_day_last_year(first), same_day_last_year(series.end)
    now, days = used_between(series, first, series.end)
    before, days_before = used_between(series, before_first, before_end)
    if not days or days_before < _LEAST_COVERED * (before_end - before_first):
        return None
    return Compared(first, series.end - first, now / days, before / days_before)


def _base_W(series: Series) -> float | None:
    if not series.is_daily or len(series.rows) < 2 * LEAST_ROWS:
        return None
    use = np.sort([row.kWh_a_day for row in series.rows])
    lowest = use[: max(3, int(_LOWEST_SHARE * len(use)))]
    return float(np.mean(lowest)) * 1000 / _HOURS


def _odd_days(series: Series, usual: Model) -> tuple[OddDay, ...]:
    fit = usual.fit
    odd = [
        (float(row.energy_kWh) - float(mu), OddDay(row, float(mu)))
        for row, mu, residual in zip(series.rows, fit.mu, fit.residuals, strict=True)
        if residual > _ODD_SCALES * fit.scale and float(row.energy_kWh) > _ODD_RATIO * float(mu)
    ]
    return tuple(day for _, day in sorted(odd, key=lambda found: -found[0])[:_MOST_ODD])


def _single_days_cause(series: Series, odd: tuple[OddDay, ...]) -> Cause | None:
    recent = [day for day in odd if day.row.first >= series.end - 2 * COMPARED_DAYS]
    if not recent:
        return None
    extra = sum(float(day.row.energy_kWh) - day.usual_kWh for day in recent)
    whole, _ = used_between(series, series.end - 2 * COMPARED_DAYS, series.end)
    worst = recent[0]
    return Cause(
        CauseKey.SINGLE_DAYS,
        min(0.9, 4 * extra / whole) if whole > 0 else 0.0,
        True,
        (
            Argument("odd_days", {"days": len(recent), "extra_kWh": extra, "share_pct": 100 * extra / whole}),
            Argument(
                "worst_day",
                {"day": worst.row.date, "kWh": float(worst.row.energy_kWh), "usual_kWh": worst.usual_kWh},
            ),
        ),
        (Argument("odd_may_be_entry", {}),),
        worst.row.first,
        worst.row.end,
    )


def _present(series: Series, tariff: Tariff) -> TieredBill | None:
    """The bill of the present period so far; None where its first days are not known, so that nothing can be said."""
    last = series.rows[-1]
    start = day_number(f"{last.date[:4]}-01-01" if tariff.period == "year" else f"{last.date[:7]}-01")
    if series.first > start:
        return None
    used = sum((row.energy_kWh for row in series.rows if row.first >= start), Decimal(0))
    return bill(tariff, used)


def _money(tariff: Tariff, series: Series) -> dict[int, tuple[float, float]]:
    """(cost, kWh) by the first day of each row. Periods whose beginning is not known are left out: their tier is not
    known."""
    money: dict[int, tuple[float, float]] = {}
    length = 4 if tariff.period == "year" else 7
    for period, rows in groupby(series.rows, key=lambda row: row.date[:length]):
        begins = day_number(f"{period}-01-01" if length == 4 else f"{period}-01")
        used = Decimal(0)
        is_known = False
        for number, row in enumerate(rows):
            is_known = is_known or (number == 0 and row.first - begins <= 1)
            if is_known:
                money[row.first] = (float(bill(tariff, row.energy_kWh, used).cost), float(row.energy_kWh))
            used += row.energy_kWh
    return money


def _tier_cause(series: Series, tariff: Tariff) -> Cause | None:
    """The last days against those before the last crossing and, where known, against the same days a year before: of
    the larger rise of the mean price, how much of the rise in money is price."""
    money = _money(tariff, series)
    crossed = [day_number(c.day) for c in crossings(tariff, series.dated) if day_number(c.day) in money]
    if not crossed or series.end - crossed[-1] > 6 * COMPARED_DAYS:
        return None
    # Of longer rows one fits in, whichever month it is.
    window = COMPARED_DAYS if series.is_daily else max(row.days for row in series.rows[-12:])
    now = _mean_price(money, max(series.end - window, crossed[-1]), series.end)
    before = _mean_price(money, crossed[-1] - window, crossed[-1])
    # After energy that cost nothing there is no "so much dearer".
    if now is None or before is None or before[0] == 0 or now[0] <= before[0] * 1.01:
        return None
    price_now, kWh_now = now
    price_before, kWh_before = before
    by_price = (price_now - price_before) * kWh_now
    by_energy = max(0.0, (kWh_now - kWh_before) * price_before)
    share = by_price / (by_price + by_energy)
    if share < _LEAST_PRICE_SHARE:
        return None
    energy_pct = 100 * (kWh_now / kWh_before - 1)
    bill_pct = 100 * (kWh_now * price_now / (kWh_before * price_before) - 1)
    return Cause(
        CauseKey.TIER,
        share,
        True,
        (
            Argument("crossed", {"day": day_text(crossed[-1]), "before_price": price_before, "now_price": price_now}),
            Argument("bill_and_energy", {"bill_pct": bill_pct, "energy_pct": energy_pct}),
        ),
        (Argument("price_share", {"share_pct": 100 * share}),) if share < _ALL_OF_IT else (),
        crossed[-1],
        series.end,
        price_now / price_before - 1,
    )  # fmt: skip


def _mean_price(money: dict[int, tuple[float, float]], first: int, end: int) -> tuple[float, float] | None:
    """(price of a kWh, kWh a row) of the rows that begin in some days; None without any, or without energy."""
    rows = [paid for day, paid in money.items() if first <= day < end]
    energy = sum(kWh for _, kWh in rows)
    return (sum(cost for cost, _ in rows) / energy, energy / len(rows)) if energy > 0 else None


def _length_cause(series: Series) -> Cause | None:
    """The last row is longer than the one before, by more than months are."""
    if series.is_daily or len(series.rows) < 2:
        return None
    *_, before, last = series.rows
    longer = last.days / before.days - 1
    if longer < _LEAST_LONGER or last.days <= 31 or last.energy_kWh <= before.energy_kWh:
        return None
    rise = float(last.energy_kWh - before.energy_kWh)
    by_days = before.kWh_a_day * (last.days - before.days)
    share = min(1.0, by_days / rise) if rise > 0 else 1.0
    return Cause(
        CauseKey.LENGTH,
        share,
        True,
        (
            Argument("days", {"days": last.days, "days_before": before.days}),
            Argument("a_day", {"now_kWh": last.kWh_a_day, "before_kWh": before.kWh_a_day}),
        ),
        (Argument("days_share", {"share_pct": 100 * share}),),
        last.first,
        last.end,
        longer,
    )


def _estimated_cause(series: Series) -> Cause | None:
    """Rows that are equal to the last digit one after another, as nobody uses energy, in the last year."""
    least = _EQUAL_DAYS if series.is_daily else _EQUAL_MONTHS
    rows = [row for row in series.rows if row.first >= series.end - _A_YEAR_DAYS - 35]
    best: list[Row] = []
    for energy, same in groupby(rows, key=lambda row: row.energy_kWh):
        group = list(same)
        if len(group) > len(best) and energy > _LEAST_ENERGY_OF_EQUAL and len(group) >= least:
            best = group
    if not best:
        return None
    after = [row for before, row in pairwise(series.rows) if before is best[-1]]
    said = [
        Argument("equal", {"rows": len(best), "kWh": float(best[0].energy_kWh), "day": best[0].date}),
        *(Argument("after_equal", {"kWh": float(row.energy_kWh), "day": row.date}) for row in after),
    ]
    jump = bool(after) and after[0].kWh_a_day > 1.2 * best[-1].kWh_a_day
    return Cause(
        CauseKey.ESTIMATED, 0.6 if jump else 0.3, True, tuple(said), (Argument("may_be_chance", {}),),
        best[0].first, best[-1].end,
    )  # fmt: skip


def _cannot_know(series: Series, tariff: Tariff | None, energy: list[Cause], too_short: bool) -> list[str]:
    keys = ["meter"]
    if too_short:
        keys.append("too_short")
    elif series.end - series.first < _A_YEAR_DAYS + COMPARED_DAYS:
        keys.append("less_than_a_year")
    if any(cause.key in (CauseKey.HEATING, CauseKey.COOLING) for cause in energy):
        keys.append("weather")
    if any(cause.key is CauseKey.PROPORTIONAL for cause in energy):
        keys.append("proportional")
    if any(cause.key is CauseKey.STANDBY for cause in energy):
        keys.append("standby")
    keys.append("night_of_days" if series.is_daily else "night_of_months")
    if tariff is None:
        keys.append("no_tariff")
    if series.gaps:
        keys.append("gaps")
    return keys
