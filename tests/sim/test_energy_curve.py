"""The energy curve against independent numerical integration and root finding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sim.energy_curve import EnergyCurve, Pulsation

POWERS = st.lists(st.floats(1.0, 5000.0), min_size=3, max_size=12)


def curve_of(powers: list[float], step_s: float = 0.3) -> EnergyCurve:
    return EnergyCurve.through(step_s * np.arange(len(powers)), np.array(powers))


@given(POWERS)
def test_energy_is_the_integral_of_the_mean_power(powers: list[float]) -> None:
    curve = curve_of(powers)
    fine = np.linspace(0.0, curve.time_s[-1], 2000 * (len(powers) - 1) + 1)  # knots are among them
    p = np.interp(fine, curve.time_s, powers)
    integral = np.concatenate(([0.0], np.cumsum(0.5 * (p[1:] + p[:-1]) * np.diff(fine)))) / 3600.0
    np.testing.assert_allclose(curve.mean_energy_Wh(fine), integral, rtol=1e-6, atol=1e-9)


@given(POWERS, st.floats(0.001, 1.0))
def test_the_instant_of_an_energy_is_the_inverse_of_the_energy_at_an_instant(
    powers: list[float], share: float
) -> None:
    curve = curve_of(powers)
    level = np.array([share * curve.energy_Wh[-1]])
    instant = curve.instant_of_mean_s(level)
    assert curve.mean_energy_Wh(instant)[0] == pytest.approx(level[0], rel=1e-12)


def test_energy_goes_on_with_the_last_power_beyond_the_knots() -> None:
    curve = curve_of([3600.0, 3600.0, 1800.0])
    assert curve.mean_energy_Wh(np.array([1.6]))[0] == pytest.approx(curve.energy_Wh[-1] + 0.5)
    assert curve.mean_energy_Wh(np.array([-1.0]))[0] == pytest.approx(-1.0)


@settings(max_examples=40)
@given(st.floats(0.2, 1.0), st.floats(0.0, 6.28), st.floats(0.1, 0.9))
def test_a_level_is_found_at_its_first_crossing_even_where_energy_runs_backwards(
    power_factor: float, phase_rad: float, share: float
) -> None:
    curve = curve_of([2000.0, 2010.0, 2000.0, 1990.0])
    pulsation = Pulsation(50.0, power_factor, phase_rad)
    level = share * curve.energy_Wh[-1]
    found = curve.instant_of_total_s(np.array([level]), pulsation)[0]
    # Independently: scan in steps of a microsecond for the first sample that has reached the level.
    around = found + np.arange(-60_000, 5) * 1e-6
    reached = curve.total_energy_Wh(around, pulsation) >= level
    first = around[int(np.argmax(reached))]
    assert reached.any()
    assert found == pytest.approx(first, abs=2e-6)


@pytest.mark.parametrize("phase_rad", np.linspace(0.0, 6.0, 7))
def test_a_level_at_the_very_beginning_of_a_load_is_crossed_there(phase_rad: float) -> None:
    # Just before the beginning there is no power by which to tell how long a level takes.
    curve = EnergyCurve.through(
        np.array([0.0, 1.0, 1.0 + 1e-6, 3.0]), np.array([0.0, 0.0, 13_200.0, 13_200.0])
    )
    levels = np.array([1e-7, 1e-5, 1.0, 2.0])
    found = curve.instant_of_total_s(levels, Pulsation(50.0, 1.0, phase_rad))
    assert found[:2] == pytest.approx(1.0, abs=7e-3)  # two radians of the double frequency
    assert found[2:] == pytest.approx(1.0 + levels[2:] * 3600.0 / 13_200.0, abs=1.6e-3)


def test_the_pulsation_moves_an_edge_by_its_textbook_amount() -> None:
    curve = curve_of([2300.0, 2300.0])
    pulsation = Pulsation(50.0, 1.0, 0.0)
    at_s = np.linspace(0.0, 0.1, 10_001)
    swing_s = (curve.total_energy_Wh(at_s, pulsation) - curve.mean_energy_Wh(at_s)) * 3600.0 / 2300.0
    assert np.max(swing_s) == pytest.approx(1.592e-3, abs=1e-6)  # 1 / (2 * 2 pi 50)
    assert np.sqrt(np.mean(swing_s**2)) == pytest.approx(1.125e-3, abs=2e-6)
