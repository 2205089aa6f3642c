"""A household's consumption looked at: compared with the same time a year before, base load, tiers, odd days, causes.

    found = analyse(series(rows), tariff)
    found.causes       the likeliest first; empty: nothing unusual, or too little is known (`found.too_short`)

What it does not know it says in `cannot_know`: keys, whose sentences the pages have. It never judges a meter: no
list of energies can (`causes.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise

import numpy as np

from calibration.household.argued import Argument, Cause, CauseKey
from calibration.household.causes import of_energy, ranked, unusual
from calibration.household.changes import LEAST_ROWS, Model
from calibration.household.days import same_day_last_year
from calibration.household.nights import Night, NightUse, night_use
from calibration.household.series import Row, Series, used_between
from calibration.household.successive import searched
from calibration.household.tier_cause import present_bill, tier_cause
from calibration.household.tiers import Crossing, Tariff, TieredBill, crossings

COMPARED_DAYS = 30
"""Of daily rows; of longer ones the last is compared."""
_LEAST_COVERED = 0.8
_LOWEST_SHARE = 0.1
_HOURS = 24
_A_YEAR_DAYS = 365
_ODD_SCALES = 5.0
_ODD_RATIO = 1.8
_MOST_ODD = 5
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
    the base load cannot be above; None for longer rows. nights: where hours are known. now: the present period's bill,
    where there is a tariff. second: of another change at another time, the likeliest first; empty without a clear one.
    """

    series: Series
    compared: Compared | None
    base_W: float | None
    nights: NightUse | None
    odd_days: tuple[OddDay, ...]
    crossings: tuple[Crossing, ...]
    now: TieredBill | None
    causes: tuple[Cause, ...]
    second: tuple[Cause, ...]
    usual_kWh: tuple[float, ...]
    cannot_know: tuple[str, ...]
    too_short: bool


def analyse(series: Series, tariff: Tariff | None = None, nights: Sequence[Night] = ()) -> Analysis:
    """Everything that is found in a series; nights: of the same household, where its hours are known."""
    search, second = searched(series) if len(series.rows) >= LEAST_ROWS else (None, None)
    found = search.models if search is not None else []
    # Against the best explanation: what a new heater makes of a cold day is no odd day.
    explained = next((model for model, _ in unusual(found)), found[0]) if found else None
    odd = _odd_days(series, explained) if explained is not None and series.is_daily else ()
    beside = [
        cause
        for cause in (
            tier_cause(series, tariff) if tariff is not None else None,
            _length_cause(series),
            _estimated_cause(series),
            _single_days_cause(series, odd),
        )
        if cause is not None
    ]
    energy = of_energy(series, search.use, found, nights) if search is not None else []
    beside_it = of_energy(series, second.use, second.models, nights) if second is not None else []
    return Analysis(
        series=series,
        compared=_compared(series),
        base_W=_base_W(series),
        nights=night_use(nights, series.end),
        odd_days=odd,
        crossings=tuple(crossings(tariff, series.dated)) if tariff is not None else (),
        now=present_bill(series, tariff) if tariff is not None else None,
        causes=ranked(energy, beside),
        second=tuple(beside_it),
        usual_kWh=tuple(float(mu) for mu in found[0].fit.mu) if found else (),
        cannot_know=tuple(_cannot_know(series, tariff, [*energy, *beside_it], not found, bool(nights))),
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


def _odd_days(series: Series, expected: Model) -> tuple[OddDay, ...]:
    fit = expected.fit
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


def _cannot_know(
    series: Series, tariff: Tariff | None, energy: list[Cause], too_short: bool, has_nights: bool
) -> list[str]:
    keys = ["meter"]
    if too_short:
        keys.append("too_short")
    elif series.end - series.first < _A_YEAR_DAYS + COMPARED_DAYS:
        keys.append("less_than_a_year")
    if any(cause.key in (CauseKey.HEATING, CauseKey.COOLING) for cause in energy):
        keys.append("weather")
    if any(CauseKey.PROPORTIONAL in cause.keys for cause in energy):
        keys.append("proportional")
    if any(CauseKey.STANDBY in cause.keys for cause in energy):
        keys.append("standby")
    if not has_nights:
        keys.append("night_of_days" if series.is_daily else "night_of_months")
    if tariff is None:
        keys.append("no_tariff")
    if series.gaps:
        keys.append("gaps")
    return keys
