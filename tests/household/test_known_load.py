"""One known load: what is stated beforehand holds in simulated households, and the answer is never a verdict."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from calibration.household.found import Found
from calibration.household.known_load import (
    ALLOWED_PCT,
    KnownLoad,
    LoadKind,
    known_load_found,
    needed_s,
    resolution,
)
from calibration.rule_files import load_rule_set
from calibration.rules import Balance
from tests.benchmarks.household import share, study

FIVE_HOURS_S = 5 * 3600.0
LAMP = KnownLoad(LoadKind.HEATING, 200.0, 5.0, 220.0, 209.0, 231.0, 0.0, 0.0, 0.01, 60.0)
EXACT = KnownLoad(LoadKind.REGULATED, 200.0, 0.0, 220.0, 209.0, 231.0, 0.0, 0.0, 0.1, 0.0, allowed_pct=0.0)


def test_a_thousand_households() -> None:
    """A correct meter is called inconsistent in under 1 %, one beyond the stated size in over 95 %; asked about less
    than the stated size, no household says that it is consistent."""
    answers = study(1000, seed=20261127)
    assert share(answers["correct"], Found.INCONSISTENT) < 0.01
    assert share(answers["edge"], Found.INCONSISTENT) < 0.01
    assert share(answers["beyond"], Found.INCONSISTENT) > 0.95
    assert answers["below"][Found.CONSISTENT] == 0
    assert answers["asked"][Found.CONSISTENT] == 0
    assert min(group.total() for group in answers.values()) > 800


def test_a_lamp_of_200_W_for_five_hours_is_one_kWh() -> None:
    can = resolution(EXACT, FIVE_HOURS_S)
    assert can.expected_kWh == pytest.approx(1.0)
    assert (can.lowest_kWh, can.highest_kWh) == pytest.approx((0.9, 1.1))


def test_a_register_of_a_tenth_adds_ten_percent_at_each_reading() -> None:
    """By hand: 1 kWh, so a fast meter is found when (1 + e) - 0.1 reaches 1.1."""
    can = resolution(EXACT, FIVE_HOURS_S)
    assert (can.fast_pct, can.slow_pct) == pytest.approx((20.0, 20.0))
    assert {one.name: one.above_pct for one in can.shares}["register"] == pytest.approx(10.0)


def test_a_heater_goes_with_the_square_of_the_voltage_and_a_regulated_load_does_not() -> None:
    assert LAMP.voltage_factor == pytest.approx((0.95**2, 1.05**2))
    assert replace(LAMP, kind=LoadKind.LED).voltage_factor == pytest.approx((0.95, 1.05))
    assert replace(LAMP, kind=LoadKind.REGULATED).voltage_factor == (1.0, 1.0)


def test_the_interval_of_power_is_that_of_all_at_their_ends() -> None:
    load = replace(LAMP, background_W=3.0, background_within_W=5.0)
    assert load.power_W == pytest.approx((200 * 0.95 * 0.95**2, 200 * 1.05 * 1.05**2 + 8.0))


def test_longer_finds_smaller_errors_until_the_lamp_is_the_limit() -> None:
    sizes = [resolution(LAMP, hours * 3600.0).smallest_pct for hours in (1, 2, 5, 24, 300)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] > 30.0
    assert needed_s(LAMP, 25.0) is None


@pytest.mark.parametrize("wanted_pct", [35.0, 40.0, 60.0])
def test_the_time_that_is_needed_is_the_shortest(wanted_pct: float) -> None:
    needed = needed_s(LAMP, wanted_pct)
    assert needed is not None
    assert resolution(LAMP, needed).smallest_pct <= wanted_pct
    assert resolution(LAMP, 0.99 * needed).smallest_pct > wanted_pct


def test_the_errors_that_fit_hold_the_true_one() -> None:
    for error_pct in (-60.0, -5.0, 0.0, 5.0, 60.0):
        for watts in (185.0, 200.0, 220.0):
            counted = math.floor(watts * 5 / 1000 * (1 + error_pct / 100) / 0.01) * 0.01
            found = known_load_found(LAMP, FIVE_HOURS_S, counted, 20.0)
            assert found.lowest_pct <= error_pct <= found.highest_pct


def test_the_three_answers() -> None:
    def answer(counted_kWh: float, asked_pct: float) -> Found:
        return known_load_found(LAMP, FIVE_HOURS_S, counted_kWh, asked_pct).outcome

    assert answer(1.0, 40.0) is Found.CONSISTENT
    assert answer(1.0, 20.0) is Found.CANNOT_TELL  # the check finds 36 % and no less
    assert answer(1.2, 40.0) is Found.CANNOT_TELL  # 40 % may fit
    assert answer(1.3, 40.0) is answer(0.6, 20.0) is Found.INCONSISTENT


def test_what_counts_as_inconsistent_is_what_was_stated_beforehand() -> None:
    can = resolution(LAMP, FIVE_HOURS_S)
    for counted, outcome in (
        (can.highest_kWh + 1e-6, Found.INCONSISTENT),
        (can.highest_kWh - 1e-6, Found.CANNOT_TELL),
        (can.lowest_kWh + 1e-6, Found.CANNOT_TELL),
        (can.lowest_kWh - 1e-6, Found.INCONSISTENT),
    ):
        assert known_load_found(LAMP, FIVE_HOURS_S, counted, 30.0).outcome is outcome


def test_where_the_register_hardly_moves_a_meter_that_stands_still_is_not_found() -> None:
    can = resolution(replace(LAMP, step_kWh=1.0), FIVE_HOURS_S)
    assert can.slow_pct == can.smallest_pct == math.inf
    assert can.lowest_kWh == 0.0
    assert (
        known_load_found(replace(LAMP, step_kWh=1.0), FIVE_HOURS_S, 0.0, 100.0).outcome is Found.CANNOT_TELL
    )


def test_what_is_allowed_is_the_largest_limit_of_a_household_meter() -> None:
    rows = load_rule_set("jjg596-2012").limits
    small = [row for row in rows if row.balance is Balance.BALANCED and "1.0" in row.power_factors]
    assert max(row.mpe_pct["2"] for row in small if "2" in row.mpe_pct) == ALLOWED_PCT


@pytest.mark.parametrize(
    "wrong",
    [
        {"rated_W": 0.0},
        {"rated_W": math.nan},
        {"step_kWh": 0.0},
        {"lowest_V": 0.0},
        {"lowest_V": 240.0},
        {"tolerance_pct": 100.0},
        {"background_W": -1.0},
        {"within_s": math.inf},
    ],
)
def test_figures_of_no_household(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"known load|above|below"):
        replace(LAMP, **wrong)


def test_a_time_in_which_nobody_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="no longer than"):
        resolution(LAMP, 60.0)
    with pytest.raises(ValueError, match="counts up"):
        known_load_found(LAMP, FIVE_HOURS_S, -0.1, 20.0)
