"""Nothing switched on, and the lamp watched: the time, and what a number of flashes says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calibration.household.found import Found
from calibration.household.no_load_watch import (
    NoLoadWatch,
    kWh_a_year,
    needed_current,
    no_load_found,
    no_load_watch,
)

WATCH = no_load_watch("2", 1200, 220.0, maximum_current_A=60.0)


def test_the_time_is_that_of_the_rule_set() -> None:
    """480 x 10^6/(1200 x 220 x 60) min."""
    assert WATCH.duration_s == pytest.approx(480e6 / (1200 * 220 * 60) * 60)
    assert (WATCH.max_pulses, WATCH.rule_set) == (1, "jjg596-2012")
    three = no_load_watch("2", 1200, 220.0, phases=3, maximum_current_A=60.0)
    assert three.duration_s == pytest.approx(WATCH.duration_s / 3)


def test_a_meter_of_the_newer_regulation_needs_its_smallest_current() -> None:
    assert (needed_current("2"), needed_current("A")) == ("maximum", "minimum")
    assert no_load_watch("A", 1200, 220.0, minimum_current_A=0.25).rule_set == "jjg596-2026"
    with pytest.raises(ValueError, match="Imin"):
        no_load_watch("A", 1200, 220.0, maximum_current_A=60.0)


def test_a_starting_current_counts_where_its_time_is_longer() -> None:
    """240 x 10^3/(1200 x 1.1 x 220 x 0.02) min; a large one changes nothing."""
    small = no_load_watch("2", 1200, 220.0, maximum_current_A=60.0, starting_current_A=0.02)
    assert small.duration_s == pytest.approx(240e3 / (1200 * 1.1 * 220 * 0.02) * 60)
    large = no_load_watch("2", 1200, 220.0, maximum_current_A=60.0, starting_current_A=0.05)
    assert large == WATCH


def test_what_it_can_see_in_numbers() -> None:
    assert WATCH.flash_Wh == pytest.approx(1 / 1.2)
    assert WATCH.shows_W == pytest.approx(3.6e6 / (1200 * WATCH.duration_s))
    assert WATCH.notices_W == pytest.approx(2 * WATCH.shows_W)
    assert kWh_a_year(WATCH.shows_W) == pytest.approx(14.454, abs=0.01)


@pytest.mark.parametrize(
    ("flashes", "times", "outcome"),
    [
        (0, 1.0, Found.CONSISTENT),
        (1, 1.0, Found.CONSISTENT),
        (2, 1.0, Found.INCONSISTENT),
        (2, 0.1, Found.INCONSISTENT),
        (0, 0.99, Found.CANNOT_TELL),
        (1, 0.5, Found.CANNOT_TELL),
        (1, 3.0, Found.CONSISTENT),
        (2, 1.5, Found.CANNOT_TELL),  # one in each of two times
        (3, 1.5, Found.INCONSISTENT),
    ],
)
def test_flashes_and_time_make_the_answer(flashes: int, times: float, outcome: Found) -> None:
    assert no_load_found(WATCH, flashes, times * WATCH.duration_s).outcome is outcome


def test_the_power_that_was_counted_lies_between_the_two_that_are_said() -> None:
    """Pulses of a steady power from an unknown place on: 2,000 of them, by counting."""
    rng = np.random.default_rng(9)
    for _ in range(2000):
        power_W, watched_s = float(rng.uniform(0, 12)), WATCH.duration_s * float(rng.uniform(0.2, 3))
        counted = power_W * watched_s * 1200 / 3.6e6
        phase = float(rng.uniform())
        flashes = math.floor(phase + counted) - math.floor(phase)
        found = no_load_found(WATCH, flashes, watched_s)
        assert found.above_W <= power_W <= found.below_W
        if power_W < 0.999 * WATCH.shows_W:
            assert found.outcome is not Found.INCONSISTENT


def test_from_the_power_that_is_noticed_on_every_phase_shows_it() -> None:
    counted = 1.0001 * WATCH.notices_W * WATCH.duration_s * 1200 / 3.6e6
    for phase in np.linspace(0, 0.9999, 101):
        flashes = math.floor(phase + counted)
        assert no_load_found(WATCH, flashes, WATCH.duration_s).outcome is Found.INCONSISTENT


@pytest.mark.parametrize("wrong", [("5", 1200, 220.0), ("2", 0, 220.0), ("2", 1200, -1.0)])
def test_a_nameplate_that_is_none(wrong: tuple[str, float, float]) -> None:
    with pytest.raises(ValueError, match=r"class|above 0"):
        no_load_watch(*wrong, maximum_current_A=60.0)


def test_a_count_that_is_none() -> None:
    for flashes, watched_s in ((-1, 60.0), (0, 0.0)):
        with pytest.raises(ValueError, match="counted from 0"):
            no_load_found(NoLoadWatch(60.0, 1, 1200, "jjg596-2012"), flashes, watched_s)
