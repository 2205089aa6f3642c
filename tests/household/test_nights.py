"""What runs at night, from energies by the hour."""

from __future__ import annotations

from datetime import date

import pytest

from calibration.household.analysis import analyse
from calibration.household.argued import CauseKey
from calibration.household.days import day_number
from calibration.household.nights import Night, night_use
from tests.household.households import Planted, planted

END = day_number("2025-03-01")


def test_the_middle_half_of_the_last_nights_counts() -> None:
    quiet = [Night(END - n, 100.0) for n in range(1, 31)]
    charged = [Night(night.day, 3000.0 if n % 8 == 0 else 100.0) for n, night in enumerate(quiet)]
    found = night_use(charged, END)
    assert found is not None
    assert (found.power_W, found.nights, found.before_W) == (100.0, 30, None)


def test_the_same_nights_a_year_before_stand_beside_them() -> None:
    before = [Night(END - 365 - n, 80.0) for n in range(1, 31)]
    found = night_use([*before, *(Night(END - n, 120.0) for n in range(1, 31))], END)
    assert found is not None
    assert (found.power_W, found.before_W) == (120.0, 80.0)
    assert night_use(before, END) is None


@pytest.mark.parametrize("agrees", [True, False])
def test_nights_speak_for_a_constant_load_or_against_it(agrees: bool) -> None:
    household = planted(303, Planted.STANDBY)
    series = household.daily()
    since = (household.since - date(1970, 1, 1)).days
    added_W = float((household.kWh - household.without)[-1]) * 1000 / 24
    nights = [
        Night(day, 90.0 + (added_W if agrees and day >= since else 0))
        for day in range(series.first, series.end)
    ]
    found = analyse(series, nights=nights)
    assert not {"night_of_days"} & set(found.cannot_know)
    cause = next(one for one in found.causes if one.key is CauseKey.STANDBY)
    for_it, against = (
        "nights" in {one.key for one in said} for said in (cause.speaks_for, cause.speaks_against)
    )
    assert (for_it, against) == (agrees, not agrees)
