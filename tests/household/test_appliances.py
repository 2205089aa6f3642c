"""Power times hours times days."""

from __future__ import annotations

from decimal import Decimal

import pytest

from calibration.household.appliances import EXAMPLES, Use, example


def test_a_kettle_for_a_quarter_of_an_hour_a_day() -> None:
    use = Use(Decimal(2000), Decimal("0.25"), Decimal(365))
    assert use.energy_kWh_a_year == Decimal("182.5")
    assert use.cost_a_year(Decimal("0.6")) == Decimal("109.5")


@pytest.mark.parametrize(
    ("power", "hours", "days"),
    [("-1", "1", "1"), ("1", "24.1", "1"), ("1", "1", "366"), ("NaN", "1", "1"), ("1e9", "1", "1")],
)
def test_what_no_appliance_does_is_refused(power: str, hours: str, days: str) -> None:
    with pytest.raises(ValueError, match="a number from 0"):
        Use(Decimal(power), Decimal(hours), Decimal(days))


@pytest.mark.parametrize("price", ["-0.1", "NaN"])
def test_a_price_is_none_below_zero(price: str) -> None:
    with pytest.raises(ValueError, match="price"):
        Use(Decimal(1), Decimal(1), Decimal(1)).cost_a_year(Decimal(price))


def test_every_example_has_a_range_and_a_key_of_its_own() -> None:
    assert len({found.key for found in EXAMPLES}) == len(EXAMPLES)
    for found in EXAMPLES:
        assert 0 < found.least.energy_kWh_a_year < found.most.energy_kWh_a_year
        assert example(found.key) is found


def test_lamp_and_display_of_a_meter_are_a_small_part_of_it_and_not_counted() -> None:
    parts = [example("meter_lamp"), example("meter_display")]
    assert sum(part.most.energy_kWh_a_year for part in parts) < example("meter_itself").most.energy_kWh_a_year
    assert not any(part.is_counted for part in (*parts, example("meter_itself")))
    assert example("meter_lamp").most.energy_kWh_a_year < 1
