"""Two changes in one list, and none that is not there; the study is `./dev bench consumption`."""

from __future__ import annotations

import pytest

from calibration.household.analysis import analyse
from calibration.household.days import day_number
from calibration.household.season import spring_festival
from tests.household.households import SPRING_FESTIVAL, Planted, planted
from tests.household.judging import are_both_found


@pytest.mark.parametrize(
    ("earlier", "later"), [(Planted.VACANCY, Planted.STANDBY), (Planted.STANDBY, Planted.VACANCY)]
)
def test_two_changes_are_both_named(earlier: Planted, later: Planted) -> None:
    found = [analyse(planted(seed, later, earlier=earlier).daily()) for seed in range(300, 303)]
    assert sum(are_both_found(earlier, later, one) for one in found) >= 2


def test_one_change_is_not_called_two() -> None:
    found = [analyse(planted(seed, Planted.STANDBY).daily()) for seed in range(300, 303)]
    assert all(one.causes and not one.second for one in found)


def test_two_changes_are_found_in_months() -> None:
    later = planted(301, Planted.STANDBY, (3.0, 4.0), Planted.VACANCY)
    assert are_both_found(Planted.VACANCY, Planted.STANDBY, analyse(later.monthly()))


@pytest.mark.parametrize("year", SPRING_FESTIVAL)
def test_the_festival_is_where_the_calendar_has_it(year: int) -> None:
    month, day = SPRING_FESTIVAL[year]
    assert abs(spring_festival(year) - day_number(f"{year}-{month:02}-{day:02}")) <= 1
