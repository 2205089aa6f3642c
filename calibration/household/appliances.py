"""What an appliance uses in a year: its power, the hours of a day and the days of a year that it runs.

    W = P t d / 1000    (kWh; W, hours a day, days a year)

P is the mean while it runs: a refrigerator's compressor and an air conditioner switch by themselves, so their mean is
far below what the nameplate says.

The examples are ours, from what such devices commonly state or use; **none of them was measured here, and all of them
are unsure**: two devices of one kind may differ by more than the range. They are there to be overwritten. Of a meter,
IEC 62053-21:2003, 7.1, allows a voltage circuit 2 W with its supply; lamp and display are a small part of it. That a
meter's own supply is taken before its measuring element, and so is not counted, is how meters are commonly built
(unsure for a given one).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

_DIGITS = 60
MOST_W = Decimal(100_000)
HOURS_OF_A_DAY = Decimal(24)
DAYS_OF_A_YEAR = Decimal(365)
_W_OF_A_KW = 1000


@dataclass(frozen=True, slots=True)
class Use:
    """How something runs: mean power (W), hours a day, days a year. Errors: ValueError for what no appliance does."""

    power_W: Decimal
    hours_a_day: Decimal
    days_a_year: Decimal

    def __post_init__(self) -> None:
        for value, most in (
            (self.power_W, MOST_W),
            (self.hours_a_day, HOURS_OF_A_DAY),
            (self.days_a_year, DAYS_OF_A_YEAR),
        ):
            if not (value.is_finite() and 0 <= value <= most):
                raise ValueError(f"a number from 0 to {most} is needed")

    @property
    def energy_kWh_a_year(self) -> Decimal:
        with localcontext() as context:
            context.prec = _DIGITS
            return self.power_W * self.hours_a_day * self.days_a_year / _W_OF_A_KW

    def cost_a_year(self, price_per_kWh: Decimal) -> Decimal:
        """In the currency of the price. Errors: ValueError for a price that is none."""
        if not (price_per_kWh.is_finite() and price_per_kWh >= 0):
            raise ValueError("a price is a number that is not below 0")
        with localcontext() as context:
            context.prec = _DIGITS
            return self.energy_kWh_a_year * price_per_kWh


@dataclass(frozen=True, slots=True)
class Example:
    """A kind of device: from `low_W` to `high_W`, and how long it may run. Unsure, all of it.

    is_counted: False for parts of the meter itself, whose use a meter commonly does not count.
    """

    key: str
    low_W: Decimal
    high_W: Decimal
    hours_a_day: Decimal
    days_a_year: Decimal
    is_counted: bool = True

    @property
    def least(self) -> Use:
        return Use(self.low_W, self.hours_a_day, self.days_a_year)

    @property
    def most(self) -> Use:
        return Use(self.high_W, self.hours_a_day, self.days_a_year)


def _example(
    key: str, low_W: str, high_W: str, hours_a_day: str, days_a_year: str, is_counted: bool = True
) -> Example:
    return Example(
        key, Decimal(low_W), Decimal(high_W), Decimal(hours_a_day), Decimal(days_a_year), is_counted
    )


EXAMPLES = (
    _example("meter_lamp", "0.01", "0.1", "24", "365", is_counted=False),
    _example("meter_display", "0.01", "0.3", "24", "365", is_counted=False),
    _example("meter_itself", "0.5", "2", "24", "365", is_counted=False),
    _example("standby_device", "0.3", "5", "20", "365"),
    _example("set_top_box", "2", "15", "20", "365"),
    _example("idle_charger", "0.05", "0.5", "24", "365"),
    _example("router", "4", "15", "24", "365"),
    _example("refrigerator", "15", "50", "24", "365"),
    _example("freezer", "20", "60", "24", "365"),
    _example("air_conditioner_cooling", "400", "1200", "8", "90"),
    _example("air_conditioner_heating", "600", "1800", "8", "90"),
    _example("fan_heater", "1000", "2000", "4", "90"),
    _example("floor_heating", "1500", "4000", "8", "90"),
    _example("water_heater", "1500", "3000", "1.5", "365"),
    _example("kettle", "1500", "2000", "0.25", "365"),
    _example("rice_cooker", "500", "1000", "0.7", "330"),
    _example("induction_cooker", "1000", "2200", "1", "330"),
    _example("washing_machine", "200", "600", "1", "150"),
    _example("clothes_dryer", "700", "2500", "1", "100"),
    _example("dehumidifier", "150", "400", "8", "90"),
    _example("television", "50", "200", "4", "330"),
    _example("computer", "40", "300", "5", "300"),
    _example("led_lamp", "5", "15", "5", "365"),
    _example("filament_lamp", "40", "200", "5", "365"),
    _example("electric_car", "1500", "7000", "1", "330"),
)

_BY_KEY = {found.key: found for found in EXAMPLES}


def example(key: str) -> Example:
    """Errors: KeyError for a key that none has."""
    return _BY_KEY[key]
