"""Planted causes are found again: a few households of each; the study is `./dev bench consumption`."""

from __future__ import annotations

import pytest

from calibration.household.analysis import analyse
from tests.household.households import Planted, planted
from tests.household.judging import is_found


@pytest.mark.parametrize("cause", list(Planted))
def test_the_planted_cause_is_among_the_first_two(cause: Planted) -> None:
    households = [planted(seed, cause) for seed in range(300, 304)]
    found = [is_found(cause, analyse(one.daily(), one.tariff)) for one in households]
    assert sum(found) >= 3
