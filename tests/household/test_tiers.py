"""A tiered tariff: the bill, its tiers, the day of a crossing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.household.tiers import Tariff, Tier, TierPeriod, bill, costs, crossings


def tariff(*tiers: tuple[str | None, str], period: TierPeriod = TierPeriod.YEAR) -> Tariff:
    return Tariff(
        tuple(Tier(None if end is None else Decimal(end), Decimal(price)) for end, price in tiers), period
    )


THREE = tariff(("2000", "0.50"), ("4000", "0.60"), (None, "0.90"))
MONTHLY = tariff(("100", "0.5"), (None, "1"), period=TierPeriod.MONTH)
ENERGIES = st.decimals(0, 9000, places=3)


def test_each_kWh_costs_what_its_tier_says() -> None:
    found = bill(THREE, Decimal(4500))
    assert found.cost == 2000 * Decimal("0.50") + 2000 * Decimal("0.60") + 500 * Decimal("0.90")
    assert [(share.tier, share.energy_kWh) for share in found.shares] == [(1, 2000), (2, 2000), (3, 500)]
    assert (found.tier_now, found.price_now, found.left_kWh) == (3, Decimal("0.90"), None)


def test_what_was_used_before_is_not_paid_again() -> None:
    found = bill(THREE, Decimal(200), used_before_kWh=Decimal(1900))
    assert found.cost == 100 * Decimal("0.50") + 100 * Decimal("0.60")
    assert (found.tier_now, found.left_kWh) == (2, 1900)


def test_at_an_end_the_next_kWh_is_the_next_tiers() -> None:
    found = bill(THREE, Decimal(2000))
    assert [share.tier for share in found.shares] == [1]
    assert (found.tier_now, found.price_now) == (2, Decimal("0.60"))


def test_no_energy_costs_nothing_and_the_next_kWh_has_a_price() -> None:
    found = bill(THREE, Decimal(0))
    assert (found.cost, found.shares, found.mean_price) == (0, (), Decimal("0.50"))


@given(ENERGIES, ENERGIES)
def test_in_two_parts_it_costs_the_same(first: Decimal, second: Decimal) -> None:
    whole = bill(THREE, first + second)
    assert bill(THREE, first).cost + bill(THREE, second, used_before_kWh=first).cost == whole.cost
    assert sum(share.energy_kWh for share in whole.shares) == whole.energy_kWh


@given(ENERGIES)
def test_the_mean_price_is_never_above_that_of_the_next_kWh(energy: Decimal) -> None:
    found = bill(THREE, energy)
    assert Decimal("0.50") <= found.mean_price <= found.price_now


def test_a_crossing_has_its_day_and_tier() -> None:
    used = [("2025-01-01", Decimal(1999)), ("2025-01-02", Decimal(1)), ("2025-01-03", Decimal("0.1"))]
    assert [(found.day, found.tier) for found in crossings(THREE, used)] == [("2025-01-03", 2)]


def test_one_day_can_cross_two_ends() -> None:
    assert [found.tier for found in crossings(THREE, [("2025-05", Decimal(4001))])] == [2, 3]


def test_each_period_begins_at_the_first_tier() -> None:
    used = [("2025-01-31", Decimal(90)), ("2025-02-01", Decimal(90)), ("2025-02-02", Decimal(20))]
    assert crossings(MONTHLY, used)[0].day == "2025-02-02"
    assert costs(MONTHLY, used) == [45, 45, 5 + 10]
    years = [("2024-12", Decimal(2000)), ("2025-01", Decimal(100))]
    assert crossings(THREE, years) == []
    assert costs(THREE, years) == [1000, 50]


def test_what_was_used_before_counts_for_the_first_period_alone() -> None:
    used = [("2025-12", Decimal(100)), ("2026-01", Decimal(100))]
    assert costs(THREE, used, used_before_kWh=Decimal(2000)) == [60, 50]


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (("100", "1"),),
        ((None, "1"), (None, "2")),
        (("200", "1"), ("100", "2"), (None, "3")),
        (("0", "1"), (None, "3")),
        ((None, "-1"),),
        ((None, "NaN"),),
        (("Infinity", "1"), (None, "3")),
        (*((str(n), "1") for n in range(1, 9)), (None, "1")),
    ],
)
def test_what_is_no_tariff_is_refused(tiers: tuple[tuple[str | None, str], ...]) -> None:
    with pytest.raises(ValueError, match=r"tier|price"):
        tariff(*tiers)


@pytest.mark.parametrize("energy", ["-1", "NaN", "Infinity", "1e9"])
def test_what_is_no_energy_is_refused(energy: str) -> None:
    with pytest.raises(ValueError, match="energy"):
        bill(THREE, Decimal(energy))
