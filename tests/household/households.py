"""Made-up households whose use has one planted cause: day by day, with weather, weekends, holidays and scatter.

Nothing of `calibration/household/` is in here: weather has its own noise, a season begins when it is cold, people are
away or have guests on the holidays of a Chinese year, and a day scatters with its use. `planted(seed, cause)` is always
the same household.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np

from calibration.household.series import Row, Series, of_month, series
from calibration.household.tiers import Tariff, Tier, TierPeriod

SPRING_FESTIVAL = {2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17)}


class Planted(StrEnum):
    NOTHING = "nothing"
    HEATER = "heater"
    VACANCY = "vacancy"
    TIER = "tier"
    STANDBY = "standby"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Household:
    """first: the first day. kWh: of each day. since: the day of the cause, of a tier that of the crossing. tariff: what
    it pays."""

    first: date
    kWh: np.ndarray
    since: date
    tariff: Tariff
    known: np.ndarray
    """Which days the list has; a few are missing."""
    without: np.ndarray
    """kWh of each day if the cause were not there."""

    def daily(self) -> Series:
        return series(
            Row((self.first - date(1970, 1, 1)).days + index, 1, Decimal(f"{energy:.2f}"))
            for index, energy in enumerate(self.kWh)
            if self.known[index]
        )

    def monthly(self) -> Series:
        """Whole months alone."""
        return self._months(self.kWh)

    def monthly_without(self) -> Series:
        """The same months if the cause were not there."""
        return self._months(self.without)

    def _months(self, kWh: np.ndarray) -> Series:
        months: dict[str, list[float]] = {}
        for index, energy in enumerate(kWh):
            months.setdefault((self.first + timedelta(index)).isoformat()[:7], []).append(float(energy))
        rows = [(of_month(month, Decimal(f"{sum(days):.1f}")), len(days)) for month, days in months.items()]
        return series(row for row, days in rows if days == row.days)


def _weather(rng: np.random.Generator, first: date, days: int, is_hot: bool) -> np.ndarray:
    """Mean temperature (degrees C) of each day, of a place where it is hot enough to cool, or of any."""
    of_year = np.array([(first + timedelta(n)).timetuple().tm_yday for n in range(days)])
    noise = np.zeros(days)
    for n in range(1, days):
        noise[n] = 0.75 * noise[n - 1] + rng.normal(0, 2.2)
    mean, swing = rng.uniform(17.5 if is_hot else 14, 20 if is_hot else 18), rng.uniform(9.5, 13)
    yearly = np.repeat(rng.normal(0, 0.8, days // 365 + 2), 365)[:days]
    shown: np.ndarray = (
        mean - swing * np.cos(2 * np.pi * (of_year - rng.uniform(12, 28)) / 365) + noise + yearly
    )
    return shown


def _holidays(rng: np.random.Generator, first: date, days: int) -> np.ndarray:
    """What a holiday multiplies the activity of a day with."""
    factor = np.ones(days)
    goes_away = rng.random() < 0.5
    for n in range(days):
        day = first + timedelta(n)
        month, number = SPRING_FESTIVAL[day.year]
        since = (day - date(day.year, month, number)).days
        if -2 <= since <= 5:
            factor[n] = 0.15 if goes_away else 1.3
        if day.month == 10 and day.day <= 7 and goes_away:
            factor[n] = 0.4
    return factor


def planted(
    seed: int, cause: Planted, years: tuple[float, float] = (1.4, 2.0), earlier: Planted | None = None
) -> Household:
    """One household with so many years of days that end anywhere in a year. earlier: another cause, 280 to 380 days
    before the end."""
    rng = np.random.default_rng([seed, list(Planted).index(cause)])
    days = int(365 * rng.uniform(*years))
    last = date(2025, 1, 15) + timedelta(int(rng.integers(0, 365)))
    if cause is Planted.HEATER:  # at the end of a season, or in the next one: else there is nothing to see
        last = date(2025, 1, 10) + timedelta(int(rng.integers(0, 80)))
    is_cooling = cause is Planted.HEATER and rng.random() < 0.5
    if is_cooling:
        last = date(2025, 8, 1) + timedelta(int(rng.integers(0, 60)))
    first = last - timedelta(days - 1)
    weather = _weather(rng, first, days, is_cooling)
    weekend = np.array([(first + timedelta(n)).weekday() >= 5 for n in range(days)])
    base = rng.uniform(1.2, 3.5)
    activity = rng.uniform(2, 7) * np.where(weekend, rng.uniform(1.0, 1.35), 1.0)
    scatter = np.zeros(days)
    for n in range(1, days):
        scatter[n] = 0.3 * scatter[n - 1] + rng.normal(0, rng.uniform(0.15, 0.25))
    drift = 1 + rng.uniform(-0.04, 0.04) * np.arange(days) / 365
    season = rng.uniform(0, 0.35) * np.clip(12 - weather, 0, None) + rng.uniform(0, 0.5) * np.clip(
        weather - 25, 0, None
    )
    at_home = _holidays(rng, first, days)
    for n in np.flatnonzero(rng.random(days // 7) < 0.05) * 7:
        at_home[n : n + 2] *= 0.3  # a weekend away
    use = base + (activity * drift + season) * at_home * np.exp(scatter)
    mean = float(use.mean())
    without = use
    begin = days - int(rng.integers(70, 200))
    after = np.arange(days) >= begin
    match cause:
        case Planted.HEATER:
            begin = days - int(rng.integers(45, 90)) if is_cooling else days - int(rng.integers(50, 100))
            degrees = np.clip(weather - 24, 0, None) if is_cooling else np.clip(14 - weather, 0, None)
            wanted = rng.uniform(0.35, 0.8) * mean / max(float(degrees[begin:].mean()), 0.3)
            use = use + np.where(
                np.arange(days) >= begin, degrees * wanted * at_home * np.exp(rng.normal(0, 0.3, days)), 0
            )
        case Planted.VACANCY:
            length = int(rng.integers(21, 60))
            begin = days - length - int(rng.integers(30, 200))
            away = (np.arange(days) >= begin) & (np.arange(days) < begin + length)
            use = np.where(away, base * rng.uniform(0.4, 1.0) * np.exp(rng.normal(0, 0.05, days)), use)
        case Planted.STANDBY:
            use = use + np.where(after, rng.uniform(0.2, 0.4) * mean * np.exp(rng.normal(0, 0.03, days)), 0)
        case Planted.FAST:
            use = use * np.where(after, 1.2, 1.0)
    if earlier is not None:
        use = _with_earlier(np.random.default_rng([seed, 99]), earlier, use, base, mean)
    tariff, crossing = _tariff(
        rng, first, use, days - int(rng.integers(25, 70)) if cause is Planted.TIER else None
    )
    begin = crossing if cause is Planted.TIER else begin
    return Household(
        first, use, first + timedelta(begin), tariff, rng.random(days) > rng.uniform(0, 0.03), without
    )


def _with_earlier(
    rng: np.random.Generator, cause: Planted, use: np.ndarray, base: float, mean: float
) -> np.ndarray:
    days = np.arange(len(use))
    begin = len(use) - int(rng.integers(280, 380))
    match cause:
        case Planted.VACANCY:
            away = (days >= begin) & (days < begin + rng.integers(21, 60))
            return np.where(away, base * rng.uniform(0.4, 1.0) * np.exp(rng.normal(0, 0.05, len(use))), use)
        case Planted.STANDBY:
            more = rng.uniform(0.2, 0.4) * mean * np.exp(rng.normal(0, 0.03, len(use)))
            return use + np.where(days >= begin, more, 0)
        case Planted.FAST:
            return use * np.where(days >= begin, 1.2, 1.0)
    raise ValueError(f"{cause} is not planted before another one")


_WEEKS_OF_A_NEW_YEAR = 15
"""In days."""


def _tariff(
    rng: np.random.Generator, first: date, use: np.ndarray, crossing: int | None
) -> tuple[Tariff, int]:
    """Yearly tiers, and the index of the day on which the end of the first is crossed; its length: never."""
    if crossing is None:
        crossing = len(use)
        end = float(use.sum()) + 1000
    else:
        # Never in the first weeks of a year, when a period has just begun, and never after the end of the list.
        if (first + timedelta(crossing)).timetuple().tm_yday <= _WEEKS_OF_A_NEW_YEAR:
            crossing -= 2 * _WEEKS_OF_A_NEW_YEAR
        new_year = (date((first + timedelta(crossing)).year, 1, 1) - first).days
        end = float(use[new_year:crossing].sum())
    price = rng.uniform(0.4, 0.6)
    return Tariff(
        (
            Tier(Decimal(f"{end:.1f}"), Decimal(f"{price:.4f}")),
            Tier(None, Decimal(f"{price * rng.uniform(1.25, 1.7):.4f}")),
        ),
        TierPeriod.YEAR,
    ), crossing
