"""Emission lattices and the energy per pulse interval, against pulses whose truth is known."""

import numpy as np
import pytest

from calibration.load_points import LoadPoint
from calibration.meter_edges import find_lattice, interval_energy, pulsation_amplitude_s
from calibration.nameplate import Wiring

SINGLE = LoadPoint("Ib 1.0", 220.0, 5.0, 1.0)
BALANCED = LoadPoint("Ib 1.0", 220.0, 5.0, 1.0, wiring=Wiring.FOUR_WIRE)
POWER_W = 1100.0


def energy_at(at_s):
    return POWER_W / 3600.0 * at_s


def on_lattice(period_s, interval_s, count, phase_s=0.0123, meter_ppm=40.0):
    due = np.arange(count) * interval_s + 5.0
    frame = period_s * (1.0 + meter_ppm * 1e-6)
    return np.ceil((due - phase_s) / frame) * frame + phase_s


@pytest.mark.parametrize("period_s", [0.02, 0.1, 1.0])
def test_a_lattice_is_found_though_the_meters_clock_is_off(period_s):
    found = find_lattice(on_lattice(period_s, 2.7183, 60))
    assert found is not None
    assert found.period_s == pytest.approx(period_s, rel=1e-4)
    assert found.is_certain


def test_free_pulses_are_hardly_ever_taken_for_a_lattice():
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(500):
        interval = rng.uniform(0.3, 5.0)
        pulses = np.arange(60) * interval + np.cumsum(rng.normal(0.0, 0.002 * interval, 60))
        found += find_lattice(pulses) is not None
    assert found <= 2


def test_a_lattice_seen_in_few_pulses_is_not_called_certain():
    found = find_lattice(on_lattice(1.0, 7.7, 8))
    assert found is not None
    assert not found.is_certain


def test_the_energy_of_free_pulses_is_that_between_first_and_last():
    pulses = np.arange(11) * 2.5 + 1.0
    found = interval_energy(pulses, energy_at, None, BALANCED, 0.0)
    assert found.energy_Wh == pytest.approx(POWER_W / 3600.0 * 2.5, rel=1e-12)


def test_all_pulses_of_a_lattice_narrow_what_two_ends_leave_open():
    interval_s = 2.7183
    errors, stated = [], []
    for phase in np.linspace(0.0, 1.0, 60, endpoint=False):
        pulses = on_lattice(1.0, interval_s + phase * 1e-3, 40, phase)
        lattice = find_lattice(pulses)
        assert lattice is not None
        found = interval_energy(pulses, energy_at, lattice, BALANCED, 0.0)
        errors.append(found.energy_Wh / energy_at(interval_s + phase * 1e-3) - 1.0)
        stated.append(found.relative_uncertainty)
        assert found.distribution == "set membership, frames of 1.0000 s found"
    ends_alone = 1.0 / np.sqrt(6.0) / (39 * interval_s)
    assert np.mean(stated) < 0.5 * ends_alone
    assert np.mean(np.abs(errors) <= 2.0 * np.array(stated)) >= 0.95


def test_the_pulsation_moves_a_pulse_as_published():
    # 1.6 ms peak and 1.1 ms rms at PF 1 and 50 Hz, twice that at PF 0.5, none for balanced three phases
    assert pulsation_amplitude_s(SINGLE) == pytest.approx(1.59e-3, rel=0.01)
    assert pulsation_amplitude_s(SINGLE) / np.sqrt(2.0) == pytest.approx(1.125e-3, rel=0.01)
    half = LoadPoint("Ib 0.5L", 220.0, 5.0, 0.5, "L")
    assert pulsation_amplitude_s(half) == pytest.approx(2.0 * pulsation_amplitude_s(SINGLE))
    assert pulsation_amplitude_s(BALANCED) == 0.0


def test_ten_seconds_of_single_phase_load_cost_what_was_published():
    pulses = np.arange(11) * 1.0
    found = interval_energy(pulses, energy_at, None, SINGLE, 0.0)
    assert 100.0 * found.relative_uncertainty == pytest.approx(0.016, abs=0.0005)


@pytest.mark.parametrize("period_s", [0.03, 0.15, 0.3, 0.4, 0.8])
def test_frames_of_any_number_of_half_periods_are_found_and_the_coarsest_wins(period_s):
    found = find_lattice(on_lattice(period_s, 2.7183, 60))
    assert found is not None
    assert found.period_s == pytest.approx(period_s, rel=1e-4)


def test_frames_of_a_60_Hz_meter_are_found():
    found = find_lattice(on_lattice(7 / 120, 2.7183, 60), mains_Hz=60.0)
    assert found is not None
    assert found.period_s == pytest.approx(7 / 120, rel=1e-4)


@pytest.mark.parametrize(("period_s", "pulses"), [(0.1, 65), (1.0, 40), (0.02, 12)])
def test_one_foreign_pulse_does_not_hide_the_frames_and_is_told(period_s, pulses):
    at_s = on_lattice(period_s, 2.7183, pulses)
    at_s[pulses // 2] -= 0.37 * period_s
    found = find_lattice(at_s)
    assert found is not None
    assert found.period_s == pytest.approx(period_s, rel=1e-4)
    assert found.strays == 1
    assert find_lattice(on_lattice(period_s, 2.7183, pulses)).strays == 0
