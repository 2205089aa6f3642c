"""What an analysis says beside its causes of the energy: comparison, base load, tiers, periods, odd rows, limits."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from calibration.household.analysis import analyse, night_base
from calibration.household.argued import CauseKey
from calibration.household.days import day_number, days_of_month, same_day_last_year
from calibration.household.series import Row, Series, SeriesError, Trouble, of_day, of_month, series
from calibration.household.tiers import Tariff, Tier, TierPeriod
from tests.household.households import Planted, planted


def months(energies: dict[str, str]) -> Series:
    return series(of_month(month, Decimal(energy)) for month, energy in energies.items())


def days(energies: list[float], first: str = "2024-01-01") -> Series:
    start = day_number(first)
    return series(Row(start + n, 1, Decimal(f"{energy:.2f}")) for n, energy in enumerate(energies))


def noisy(count: int) -> list[float]:
    return list(8 * np.exp(np.random.default_rng(5).normal(0, 0.15, count)))


TWO_TIERS = Tariff((Tier(Decimal(1000), Decimal("0.5")), Tier(None, Decimal("1"))), TierPeriod.YEAR)


def test_the_last_days_are_compared_with_the_same_days_a_year_before() -> None:
    found = analyse(days([10.0] * 366 + [10.0] * 335 + [12.0] * 30)).compared
    assert found is not None
    assert (found.now_kWh, found.before_kWh) == (pytest.approx(12), pytest.approx(10))
    assert found.change_pct == pytest.approx(20)


def test_without_a_year_before_there_is_no_comparison() -> None:
    found = analyse(days(noisy(200)))
    assert found.compared is None
    assert "less_than_a_year" in found.cannot_know


def test_the_base_load_is_not_above_the_lowest_days() -> None:
    found = analyse(days([10.0] * 90 + [2.4] * 10))
    assert found.base_W == pytest.approx(100)
    assert analyse(months({"2025-01": "10", "2025-02": "20"})).base_W is None


def test_a_night_is_known_to_the_step_of_the_register() -> None:
    found = night_base(Decimal("100.5"), Decimal("101.3"), Decimal(8), Decimal("0.1"))
    assert (found.power_W, found.give_or_take_W) == (100, Decimal("12.5"))
    with pytest.raises(ValueError, match="count back"):
        night_base(Decimal(2), Decimal(1), Decimal(8), Decimal(1))


def test_a_bill_that_rose_by_its_price_is_the_tiers() -> None:
    found = analyse(days([8.0] * 160), TWO_TIERS)
    assert [(one.day, one.tier) for one in found.crossings] == [("2024-05-05", 2)]
    assert found.causes[0].key is CauseKey.TIER
    assert found.causes[0].size == pytest.approx(1.0)
    assert found.now is not None
    assert found.now.cost == Decimal("500") + Decimal("280")


def test_a_list_that_begins_within_the_period_does_not_know_its_tier() -> None:
    assert analyse(days([8.0] * 100, "2024-03-01"), TWO_TIERS).now is None


def test_a_longer_period_explains_its_share() -> None:
    start = day_number("2025-01-06")
    found = analyse(series([Row(start, 30, Decimal(300)), Row(start + 30, 40, Decimal(400))]))
    [cause] = found.causes
    assert (cause.key, cause.weight) == (CauseKey.LENGTH, pytest.approx(1.0))
    assert found.too_short


def test_a_month_of_31_days_after_february_is_no_longer_period() -> None:
    assert analyse(months({"2025-02": "100", "2025-03": "111"})).causes == ()


def test_rows_that_are_exactly_alike_are_called_estimated() -> None:
    energies = {f"2024-{n:02}": str(200 + n) for n in range(1, 13)} | {
        "2025-01": "210", "2025-02": "210", "2025-03": "210", "2025-04": "400",
    }  # fmt: skip
    assert CauseKey.ESTIMATED in [cause.key for cause in analyse(months(energies)).causes]


def test_a_single_day_far_above_is_named() -> None:
    energies = noisy(400)
    energies[390] = 60
    found = analyse(days(energies))
    assert [day.row.first - found.series.first for day in found.odd_days] == [390]
    assert CauseKey.SINGLE_DAYS in [cause.key for cause in found.causes[:2]]


def test_a_proportional_change_says_that_it_may_be_either() -> None:
    found = analyse(planted(300, Planted.FAST).daily())
    assert {"meter", "proportional"} <= set(found.cannot_know)
    cause = next(one for one in found.causes if CauseKey.PROPORTIONAL in one.keys)
    share = cause.same if cause.same is not None and cause.key is CauseKey.STANDBY else cause
    assert share.key is CauseKey.PROPORTIONAL
    assert 0.1 < share.size < 0.35
    assert cause.speaks_for
    assert cause.speaks_against


@pytest.mark.parametrize(
    ("rows", "trouble"),
    [
        ([], Trouble.NO_ROWS),
        ([of_day("2025-01-01", Decimal(-1))], Trouble.NEGATIVE),
        ([of_day("2025-01-01", Decimal("NaN"))], Trouble.NEGATIVE),
        ([of_day("2025-01-01", Decimal(10_001))], Trouble.TOO_MUCH),
        ([of_day("2025-01-05", Decimal(1)), of_month("2025-01", Decimal(1))], Trouble.OVERLAP),
        ([of_day("2005-01-05", Decimal(1)), of_day("2025-01-05", Decimal(1))], Trouble.SPAN_TOO_LONG),
    ],
)
def test_what_is_no_series_is_refused(rows: list[Row], trouble: Trouble) -> None:
    with pytest.raises(SeriesError) as refused:
        series(rows)
    assert refused.value.trouble is trouble


def test_days_and_months_are_those_of_the_calendar() -> None:
    assert days_of_month("2024-02") == (day_number("2024-02-01"), 29)
    assert same_day_last_year(day_number("2024-02-29")) == day_number("2023-02-28")
    for wrong in ("2025-02-29", "2025-1-1", "1889-01-01", "２０２５-01-01"):
        with pytest.raises(ValueError, match=r"day|Day"):
            day_number(wrong)


def test_the_first_year_that_a_list_may_have_is_compared_with_none() -> None:
    assert analyse(days(noisy(60), "1990-01-01")).compared is None


def test_after_energy_that_costs_nothing_the_tier_is_crossed_and_no_cause() -> None:
    free = Tariff((Tier(Decimal(1000), Decimal(0)), Tier(None, Decimal(1))), TierPeriod.YEAR)
    found = analyse(months({f"2025-{month:02}": "100" for month in range(1, 13)}), free)
    assert [crossing.day for crossing in found.crossings] == ["2025-11-01"]
    assert CauseKey.TIER not in [cause.key for cause in found.causes]


def year_of_months(energy: str, count: int, first: int = 2024) -> Series:
    # Not all alike, as if they were estimated.
    return months(
        {
            f"{first + n // 12}-{1 + n % 12:02}": str(Decimal(energy) + Decimal(n % 2) / 10)
            for n in range(count)
        }
    )


def test_a_crossing_within_the_last_month_is_named_with_the_price_of_the_next_kWh() -> None:
    found = analyse(year_of_months("240", 17), TWO_TIERS)
    [cause] = found.causes
    assert (cause.key, cause.size) == (CauseKey.TIER, pytest.approx(1.0))
    assert [one.key for one in cause.speaks_against] == ["within_last_row"]


def test_a_crossing_after_the_list_is_reckoned_ahead() -> None:
    found = analyse(year_of_months("240", 16), TWO_TIERS)
    [cause] = found.causes
    assert cause.key is CauseKey.TIER_AHEAD
    assert cause.first == day_number("2025-05-01") + 4  # 39.8 kWh at 8 kWh a day
    assert analyse(year_of_months("240", 14), TWO_TIERS).causes == ()


def test_a_crossing_in_a_year_that_is_over_explains_the_bills_until_its_end_and_a_quarter_later_none() -> (
    None
):
    [cause] = analyse(year_of_months("110", 14), TWO_TIERS).causes
    new_year = day_number("2025-01-01")
    assert cause.key is CauseKey.TIER
    assert cause.end == new_year
    assert cause.size == pytest.approx(1.0, abs=0.2)
    assert "counted_anew" in [one.key for one in cause.speaks_against]
    assert analyse(year_of_months("110", 16), TWO_TIERS).causes == ()


def test_the_first_month_of_a_year_may_have_the_crossing_too() -> None:
    found = analyse(year_of_months("1100", 14), TWO_TIERS)
    assert found.causes[0].key is CauseKey.TIER


def test_tiers_of_a_month_are_crossed_each_month_and_no_cause() -> None:
    by_month = Tariff(TWO_TIERS.tiers, TierPeriod.MONTH)
    assert analyse(year_of_months("1100", 14), by_month).causes == ()


def test_a_month_far_below_is_an_absence_and_not_spared_as_an_odd_one() -> None:
    energies = {
        f"{year}-{month:02}": str(200 + 5 * month) for year in (2023, 2024, 2025) for month in range(1, 13)
    }
    found = analyse(months(energies | {"2025-08": "60"}))
    assert found.causes[0].key is CauseKey.VACANCY


def test_what_cannot_be_told_apart_shares_a_place() -> None:
    found = analyse(planted(300, Planted.FAST, (3.0, 4.0)).monthly())
    assert set(found.causes[0].keys) == {CauseKey.STANDBY, CauseKey.PROPORTIONAL}
    assert {"proportional", "standby"} <= set(found.cannot_know)
