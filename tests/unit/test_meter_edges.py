"""Emission lattices and the energy per pulse interval, against pulses whose truth is known."""

import numpy as np
import pytest

from calibration.alignment import EnergyCurve
from calibration.load_points import LoadPoint
from calibration.meter_edges import (
    Lattice,
    MeterPulses,
    find_lattice,
    interval_energy,
    meter_pulses,
    pulsation_amplitude_s,
)
from calibration.nameplate import Wiring
from calibration.quantities import Window

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


@pytest.mark.parametrize("number", [0, 1, 2])
def test_fewer_than_three_pulses_are_on_no_lattice(number):
    assert find_lattice(np.arange(float(number))) is None


def test_three_pulses_on_whole_seconds_do_not_exclude_frames_of_a_second():
    found = find_lattice(np.array([1.0, 3.0, 6.0]))
    assert found is not None
    assert found.period_s == pytest.approx(1.0, rel=2e-4)
    assert (found.pulses, found.strays, found.is_certain) == (3, 0, False)


def test_thirty_pulses_make_a_lattice_certain():
    for pulses, is_certain in ((29, False), (30, True)):
        found = find_lattice(on_lattice(0.5, 2.7183, pulses))
        assert found.pulses == pulses
        assert found.is_certain is is_certain
        said = "found" if is_certain else "not excluded"
        assert found.description == f"frames of {found.period_s:.4f} s {said}"


def test_a_frame_as_long_as_an_interval_is_not_looked_for():
    """Pulses each 0.3 s are on frames of 0.3 s, and on those of 0.15 s, 0.1 s: nothing longer than an interval."""
    assert find_lattice(np.arange(40) * 0.3).period_s == pytest.approx(0.3, rel=1e-4)
    assert find_lattice(np.arange(400) * 0.019) is None


@pytest.mark.parametrize("ppm", [-140.0, 0.0, 140.0])
def test_frames_are_found_as_far_off_as_a_meters_quartz_may_be(ppm):
    found = find_lattice(on_lattice(0.5, 7.77, 100, meter_ppm=ppm))
    assert found.period_s == pytest.approx(0.5 * (1.0 + ppm * 1e-6), rel=2e-6)


def test_frames_that_no_meter_has_are_none():
    assert find_lattice(on_lattice(0.5, 7.77, 100, meter_ppm=900.0)) is None
    assert find_lattice(on_lattice(0.237, 2.7183, 100)) is None


def test_pulses_that_scatter_within_their_frames_are_on_none():
    """Half a millisecond may be the meter's; three hundredths of a second on frames of half a second are not."""
    rng = np.random.default_rng(8)
    exact = on_lattice(0.5, 2.7183, 60)
    assert find_lattice(exact + rng.normal(0.0, 0.0002, 60)).period_s == pytest.approx(0.5, rel=1e-4)
    assert find_lattice(exact + rng.normal(0.0, 0.03, 60)) is None


@pytest.mark.parametrize(
    ("pulses", "strays", "is_found"), [(8, 1, True), (60, 3, True), (60, 5, False), (7, 1, False)]
)
def test_a_few_pulses_in_many_may_be_foreign(pulses, strays, is_found):
    at_s = on_lattice(1.0, 7.7183, pulses)
    at_s[1 : 1 + 2 * strays : 2] -= 0.43
    found = find_lattice(at_s)
    assert (found is not None and found.strays == strays) is is_found


def test_without_a_lattice_the_ends_are_as_uncertain_as_stamps_and_pulsation():
    # sqrt(2) sqrt(ripple^2/2 + (20 us)^2)/tau
    pulses = np.arange(11) * 2.5 + 1.0
    balanced = interval_energy(pulses, energy_at, None, BALANCED, 0.0)
    assert balanced.relative_uncertainty == pytest.approx(np.sqrt(2.0) * 20e-6 / 25.0)
    assert balanced.distribution == "normal"
    single = interval_energy(pulses, energy_at, None, SINGLE, 0.0)
    ripple_s = 1.0 / (4.0 * np.pi * 50.0)
    assert single.relative_uncertainty == pytest.approx(
        np.sqrt(2.0) * np.hypot(ripple_s / np.sqrt(2.0), 20e-6) / 25.0
    )


def test_a_frame_widens_the_ends_where_no_line_passes_its_gates():
    """A curve that jumps by far more than a frame's energy in the middle: the gates contradict each other."""
    pulses = np.arange(1.0, 41.0)
    jumping = lambda t: energy_at(t) + np.where(t > 20.5, 5.0, 0.0)  # noqa: E731
    found = interval_energy(pulses, jumping, Lattice(0.1, 40), BALANCED, 0.0)
    assert found.distribution == "normal"
    assert found.energy_Wh == pytest.approx((energy_at(39.0) + 5.0) / 39)
    assert found.relative_uncertainty == pytest.approx(
        np.sqrt(2.0) * np.hypot(0.1 / np.sqrt(12.0), 20e-6) / 39.0
    )


def test_gates_are_a_frame_wide_and_widened_by_pulsation_noise_and_stamps():
    """Two pulses, gates of Delta + 2 margin each: the slope's triangle has u = gate/(s sqrt 6)."""
    pulses = np.array([10.0, 35.0])
    ripple_s = 1.0 / (4.0 * np.pi * 50.0)
    for load, noise_s, margin_s in ((BALANCED, 0.0, 60e-6), (SINGLE, 0.002, ripple_s + 0.002 + 60e-6)):
        found = interval_energy(pulses, energy_at, Lattice(0.5, 2), load, noise_s)
        gate_s = 0.5 + 2.0 * margin_s
        assert found.energy_Wh == pytest.approx(energy_at(25.0), rel=1e-6)
        assert found.relative_uncertainty == pytest.approx(gate_s / (25.0 * np.sqrt(6.0)), rel=3e-3)
        assert found.distribution == "set membership, frames of 0.5000 s not excluded"


@pytest.mark.parametrize(("off_s", "passes"), [(0.011, True), (0.019, True), (0.045, True), (0.085, False)])
def test_gates_are_widened_up_to_four_times_before_they_are_given_up(off_s, passes):
    """A curve that is off by some margins at one pulse in the middle; 10 ms of noise are expected."""
    pulses = np.arange(0.0, 41.0)
    bent = lambda t: energy_at(t) + energy_at(np.where(np.abs(t - 20.0) < 0.5, off_s, 0.0))  # noqa: E731
    found = interval_energy(pulses, bent, Lattice(0.001, 41), BALANCED, 0.01)
    assert (found.distribution != "normal") is passes


def test_the_pulses_of_a_window_lie_inside_the_curve_with_their_whole_gates():
    stamps = 10**12 + np.arange(100, dtype=np.int64) * 1_371_000_000
    free = meter_pulses(stamps, 10**12, 1.371, 100.0, BALANCED)
    assert free.lattice is None
    assert free.frame_s == 0.0
    assert free.at_s[0] == 1.371
    assert free.intervals == 71
    assert free.window == Window(10**12 + 1_371_000_000, 10**12 + 72 * 1_371_000_000, 71)
    assert free.duration_s == pytest.approx(71 * 1.371)
    at_ns = 10**12 + np.rint(on_lattice(1.0, 2.7183, 60) * 1e9).astype(np.int64)
    at_s = (at_ns - 10**12) / 1e9
    framed = meter_pulses(at_ns, 10**12, at_s[0], at_s[-1], BALANCED)
    assert framed.frame_s == pytest.approx(1.0, rel=1e-4)
    # A frame and 40 ms before the first pulse, 40 ms after the last: so the first (or two) and the last are left out.
    margin_s = 0.04
    inside = (at_s - framed.frame_s - margin_s >= at_s[0]) & (at_s + margin_s <= at_s[-1])
    assert framed.at_s.tolist() == at_s[inside].tolist()
    assert framed.at_ns.tolist() == at_ns[inside].tolist()
    assert framed.lattice.pulses == 60


def test_the_energy_of_a_window_is_that_of_its_intervals_with_the_row_of_its_timing():
    pulses = MeterPulses(np.arange(11) * 10**9, np.arange(11.0), None, BALANCED)
    curve = EnergyCurve(np.array([0.0, 20.0]), np.array([0.0, 20.0 * POWER_W / 3600.0]))
    energy_Wh, row = pulses.energy_of(curve)
    assert energy_Wh == pytest.approx(10.0 * POWER_W / 3600.0)
    assert (row.source, row.distribution, row.shared) == ("pulse_timing", "normal", True)
    assert row.standard_uncertainty_pct == pytest.approx(100.0 * np.sqrt(2.0) * 20e-6 / 10.0)


@pytest.mark.parametrize("ppm", [-77.0, 77.0])
def test_over_hours_the_search_is_as_fine_as_the_phases_drift(ppm):
    found = find_lattice(on_lattice(0.5, 7.77, 1500, meter_ppm=ppm))
    assert found is not None
    assert found.period_s == pytest.approx(0.5 * (1.0 + ppm * 1e-6), rel=1e-7)
    assert found.strays == 0


def test_a_foreign_pulse_close_to_another_does_not_end_the_search_for_long_frames():
    """It makes one interval a tenth of a second; the meter's frames are of a second all the same."""
    at_s = on_lattice(1.0, 5.7183, 40)
    at_s[20] = at_s[19] + 0.1
    found = find_lattice(at_s)
    assert found is not None
    assert found.period_s == pytest.approx(1.0, rel=1e-4)
    assert found.strays == 1


def test_two_half_periods_of_60_Hz_are_a_frame():
    found = find_lattice(on_lattice(1 / 60, 2.7183, 60), mains_Hz=60.0)
    assert found is not None
    assert found.period_s == pytest.approx(1 / 60, rel=1e-4)


@pytest.mark.parametrize(("after_s", "is_kept"), [(0.045, True), (0.035, False)])
def test_a_pulse_on_frames_needs_40_ms_of_curve_behind_it(after_s, is_kept):
    at_ns = 10**12 + np.rint(on_lattice(1.0, 2.7183, 60) * 1e9).astype(np.int64)
    last_s = (at_ns[-1] - 10**12) / 1e9
    found = meter_pulses(at_ns, 10**12, 0.0, last_s + after_s, BALANCED)
    assert (found.at_ns[-1] == at_ns[-1]) == is_kept
