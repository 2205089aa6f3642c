"""The refresh clock, recovered from simulated polls whose true period is known."""

import numpy as np
import pytest

from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.study import RunSetup, simulate_run
from calibration.quantities import PolledRegister
from calibration.timebase import RunRegister, changes, recover_refresh_clock, run_seconds


def clock_of(seed, run_s=120.0, *, dither=True, **reference):
    model = ReferenceModel(refresh_s=0.2, **reference)
    polling = PollModel(interval_s=0.033, start_jitter_s=0.013) if dither else PollModel(interval_s=0.04)
    run = simulate_run(RunSetup(reference=model, polling=polling), run_s, seed)
    registers = [RunRegister.of(r, run.first_ns) for r in (run.readings.energy_Wh, run.readings.power_W)]
    return recover_refresh_clock(*registers, 0.2), model


def test_seconds_keep_nanoseconds_after_a_month_of_uptime():
    month_ns = 30 * 86_400 * 10**9
    stamps = np.array([month_ns + 1, month_ns + 1_000_000_001])
    assert run_seconds(stamps, month_ns).tolist() == [1e-9, 1.000000001]


def test_a_change_lies_between_its_bounds():
    register = PolledRegister(np.array([0, 100, 200]), np.array([30, 130, 230]), np.array([1.0, 1.0, 2.0]))
    found = changes(RunRegister.of(register, 0))
    assert (found.earliest_s[0], found.latest_s[0]) == (100e-9, 230e-9)
    assert found.middle_s[0] == pytest.approx(165e-9)


def test_the_period_lies_inside_its_uncertainty_over_many_runs():
    ratios = []
    for seed in range(150):
        clock, model = clock_of(seed)
        ratios.append((clock.period_s / model.true_refresh_s - 1.0) / clock.period_relative_uncertainty)
    assert np.mean(np.abs(ratios) < 2.0) >= 0.95
    assert np.sqrt(np.mean(np.square(ratios))) > 0.3


def test_polls_that_keep_step_with_the_refreshes_do_not_hide_a_wrong_period():
    for seed in range(40):
        clock, model = clock_of(seed, dither=False, refresh_deviation_ppm=30.0)
        error = clock.period_s / model.true_refresh_s - 1.0
        assert abs(error) <= 2.5 * clock.period_relative_uncertainty


def test_a_nominal_period_a_tenth_of_a_percent_off_does_not_ruin_a_long_run():
    clock, model = clock_of(1, run_s=900.0, refresh_deviation_ppm=1000.0)
    assert clock.period_s == pytest.approx(model.true_refresh_s, rel=1e-5)


def test_refreshes_that_jitter_are_called_not_periodic():
    clock, _ = clock_of(1, refresh_jitter_s=0.03)
    assert not clock.is_periodic
    assert clock_of(1)[0].is_periodic


def test_seven_changes_are_too_few_for_a_clock():
    stamps = np.arange(8) * 200_000_000
    register = PolledRegister(stamps, stamps + 1_000_000, np.arange(8.0))
    still = PolledRegister(stamps, stamps + 1_000_000, np.ones(8))
    assert recover_refresh_clock(RunRegister.of(register, 0), RunRegister.of(still, 0), 0.2) is None
