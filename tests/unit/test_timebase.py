"""The refresh clock, recovered from simulated polls whose true period is known."""

from dataclasses import replace

import numpy as np
import pytest

from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.study import RunSetup, simulate_run
from calibration.quantities import PolledRegister
from calibration.set_membership import slope_between_bounds
from calibration.timebase import (
    RefreshClock,
    RunRegister,
    changes,
    correlation_factor,
    recover_refresh_clock,
    run_seconds,
)
from tests.unit.perfect_run import ORIGIN_NS, Plant

PLANT = Plant()


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


def laid(values, step_ns=200_000_000, latency_ns=20_000_000, origin_ns=0):
    asked_ns = origin_ns + np.arange(len(values)) * step_ns
    return RunRegister.of(PolledRegister(asked_ns, asked_ns + latency_ns, np.array(values, float)), origin_ns)


def perfect(plant, run_s=60.0, seed=1, keep=None):
    readings = plant.readings(run_s, seed)
    found = []
    for register in (readings.energy_Wh, readings.power_W):
        which = slice(None) if keep is None else keep(register)
        found.append(
            RunRegister.of(
                PolledRegister(register.request_ns[which], register.reply_ns[which], register.value[which]),
                ORIGIN_NS,
            )
        )
    return found


def test_a_poll_belongs_half_way_between_request_and_reply():
    found = laid([5.0, 6.0], origin_ns=10**15)
    assert found.asked_s.tolist() == [0.0, 0.2]
    assert found.answered_s.tolist() == [0.02, 0.22]
    assert found.at_s == pytest.approx([0.01, 0.21], abs=1e-15)
    assert found.value.tolist() == [5.0, 6.0]
    assert len(found) == 2


def test_brackets_of_two_registers_come_in_the_order_of_their_middles():
    energy, power = changes(laid([1, 1, 2, 2, 2, 3])), changes(laid([7, 8, 8, 8, 9, 9]))
    assert energy.middle_s == pytest.approx([0.31, 0.91])
    assert power.middle_s == pytest.approx([0.11, 0.71])
    both = energy.merged(power)
    assert len(both) == 4
    assert both.middle_s == pytest.approx([0.11, 0.31, 0.71, 0.91])
    assert both.earliest_s == pytest.approx([0.0, 0.2, 0.6, 0.8])
    assert both.latest_s == pytest.approx([0.22, 0.42, 0.82, 1.02])
    assert both.before_s == pytest.approx([0.01, 0.21, 0.61, 0.81])
    assert both.after_s == pytest.approx([0.21, 0.41, 0.81, 1.01])
    assert both.width_s == pytest.approx(np.full(4, 0.2))


def test_a_bracket_as_wide_as_the_limit_is_too_wide():
    asked = np.array([0, 100, 200, 500, 600]) * 10**6
    register = RunRegister.of(PolledRegister(asked, asked, np.array([1.0, 2.0, 2.0, 3.0, 4.0])), 0)
    found = changes(register).narrower_than(0.3)
    assert found.middle_s == pytest.approx([0.05, 0.55])
    assert found.latest_s == pytest.approx([0.1, 0.6])


def test_refreshes_are_counted_from_the_phase_and_one_begins_with_its_instant():
    clock = RefreshClock(0.25, 0.5, 1e-5, residual_s=0.05, bracket_s=0.03, count=9)
    assert clock.instant_s(np.array([0, 1, -2])).tolist() == [0.25, 0.75, -0.75]
    assert clock.index_before(np.array([0.249, 0.25, 0.74, 0.75, -0.76])).tolist() == [-1, 0, 0, 1, -3]
    assert clock.index_before(np.array([0.3])).dtype == np.int64


def test_jitter_is_what_brackets_do_not_explain():
    clock = RefreshClock(0.0, 1.0, 1e-5, residual_s=0.05, bracket_s=0.03, count=9)
    assert clock.jitter_s == pytest.approx(0.04)
    assert not clock.is_periodic
    assert replace(clock, residual_s=0.02).jitter_s == 0.0
    assert replace(clock, residual_s=1.3 * 0.03).is_periodic
    assert not replace(clock, residual_s=1.301 * 0.03).is_periodic


def test_a_clock_without_noise_is_recovered_within_what_it_says_of_itself():
    plant = Plant(period_s=0.997, phase_s=0.4)
    for seed in range(5):
        clock = recover_refresh_clock(*perfect(plant, 120.0, seed), 1.0)
        assert clock.count == pytest.approx(2 * 120, abs=4)
        assert abs(clock.period_s / 0.997 - 1.0) <= 3.0 * clock.period_relative_uncertainty
        # Brackets of 0.1 s, uniform, 29 ms: u(T) = 29 ms sqrt(f)/sqrt(n^3/12) with n = 120 refreshes, each seen twice.
        assert 1e-5 < clock.period_relative_uncertainty < 3.5e-4
        assert clock.bracket_s == pytest.approx(0.1 / 12**0.5, rel=0.05)
        assert clock.residual_s == pytest.approx(clock.bracket_s, rel=0.2)
        off_s = (clock.phase_s - 0.4) / 0.997
        assert abs(off_s - round(off_s)) < 0.03


@pytest.mark.parametrize(("nominal_s", "is_found"), [(0.91, True), (1.09, True), (0.9, False), (1.12, False)])
def test_a_period_a_tenth_off_the_nominal_one_is_another_reference(nominal_s, is_found):
    assert (recover_refresh_clock(*perfect(PLANT), nominal_s) is not None) is is_found


def test_eight_changes_make_a_clock():
    power = laid(np.ones(40), 250_000_000)
    for changed, is_found in ((9, True), (8, True), (7, False)):
        values = np.minimum(np.arange(40) // 4, changed).astype(float)
        clock = recover_refresh_clock(laid(values, 250_000_000), power, 1.0)
        assert (clock is not None) is is_found
        if clock is not None:
            assert clock.count == changed


def test_refreshes_nobody_saw_change_are_counted_all_the_same():
    """The energy moves at each twentieth refresh only, by a period that is 2 % longer than nominal."""
    plant = Plant(period_s=1.02, step_Wh=11.4, power_of=lambda j: np.full(len(j), 2000.0))
    clock = recover_refresh_clock(*perfect(plant, 400.0), 1.0)
    assert clock.period_s == pytest.approx(1.02, rel=1e-3)
    assert clock.count < 25


def test_a_late_poll_does_not_widen_what_the_others_show():
    def without_some(register):
        at_s = (register.request_ns - ORIGIN_NS) / 1e9
        return ~((at_s > 10.0) & (at_s < 10.7)) & ~((at_s > 30.0) & (at_s < 31.6))

    clock = recover_refresh_clock(*perfect(PLANT, keep=without_some), 1.0)
    assert clock.count == 2 * (59 - 3)
    assert clock.bracket_s == pytest.approx(0.1 / 12**0.5, rel=0.05)
    assert clock.period_s == pytest.approx(1.0, rel=1e-3)


def test_polls_in_step_leave_the_period_as_open_as_their_brackets_do():
    """Ten polls a refresh, always at the same phases: all brackets are alike, and least squares would be sure."""
    asked = np.arange(600) * 100_000_000
    value = np.floor(np.arange(600) / 10.0 - 0.05)
    register = RunRegister.of(PolledRegister(asked, asked + 20_000_000, value), 0)
    clock = recover_refresh_clock(register, register, 1.0)
    assert clock.residual_s < 1e-9
    # A gate from request to reply is 0.12 s wide; over 58 refreshes the slope is triangular: 0.12/(58 sqrt 6).
    assert clock.period_relative_uncertainty == pytest.approx(0.12 / (58 * 6**0.5), rel=0.1)
    assert clock.period_s == pytest.approx(1.0, abs=1e-6)
    assert clock.phase_s % 1.0 == pytest.approx(0.06, abs=1e-3)


def test_the_correlation_ends_at_the_first_lag_that_has_none():
    assert correlation_factor(np.array([1.0, -1.0, 1.0, -1.0])) == 1.0
    # x = 2, 1, 0, -1, -2 ...: variance 10, first lag 2*1 + 0 + 0 + 2*1 = 4, the second 0 - 1 + 0 = -1.
    assert correlation_factor(np.array([2.0, 1.0, 0.0, -1.0, -2.0, 0.0])) == pytest.approx(
        1.0 + 2.0 * 4.0 / 10.0
    )
    assert correlation_factor(np.arange(-50.0, 51.0)) > 3.0


def test_the_limit_of_a_wide_bracket_is_half_a_refresh_whatever_its_length():
    """T = 2 s, one hole of 0.9 s that holds a refresh: narrower than half of it, so it counts."""
    plant = Plant(period_s=2.0, poll_s=0.2)

    def with_hole(register):
        at_s = (register.request_ns - ORIGIN_NS) / 1e9
        return ~((at_s > 20.05) & (at_s < 20.75))

    whole, holed = (recover_refresh_clock(*perfect(plant, keep=keep), 2.0) for keep in (None, with_hole))
    assert whole.count == holed.count


def test_the_brackets_alone_explain_their_width_over_the_root_of_twelve():
    asked = np.arange(600) * 50_000_000
    value = np.floor(np.arange(600) / 10.0 - 0.05)
    register = RunRegister.of(PolledRegister(asked, asked + 20_000_000, value), 0)
    assert recover_refresh_clock(register, register, 0.5).bracket_s == pytest.approx(0.05 / 12**0.5, rel=1e-9)


def test_the_last_lags_of_a_short_row_count_too():
    # Eight values, deviations 3 3 2 2 -2 -2 -3 -3: covariances 28.. down to the third lag, which is still positive.
    x = np.array([1.0, -0.2, 0.1, 0.9, 0.9, -0.2, 0.1, 1.0])
    expected, variance = 1.0, float(x @ x)
    for lag in (1, 2, 3):
        covariance = float(x[lag:] @ x[:-lag])
        if covariance <= 0.0:
            break
        expected += 2.0 * covariance / variance
    assert correlation_factor(x) == pytest.approx(expected)


@pytest.mark.parametrize("in_step", [True, False])
def test_polls_in_step_bound_the_line_even_where_the_brackets_scatter_as_they_should(in_step):
    """The power is polled by itself, dithered, and carries all changes; the energy's polls keep step or do not."""
    plant = Plant(period_s=0.5, poll_s=0.05)
    _, power = perfect(plant, 60.0)
    step_s = np.full(600, 0.1) if in_step else np.random.default_rng(2).uniform(0.07, 0.13, 600)
    asked = ORIGIN_NS + np.rint(np.cumsum(step_s) * 1e9).astype(np.int64)
    still = RunRegister.of(PolledRegister(asked, asked + 20_000_000, np.full(600, 7.0)), ORIGIN_NS)
    clock = recover_refresh_clock(still, power, 0.5)
    found = changes(power)
    index = np.rint((found.middle_s - found.middle_s[0]) / 0.5)
    lines = slope_between_bounds(index, found.earliest_s, found.latest_s)
    fitted = np.polyfit(index, found.middle_s, 1)[0]
    assert lines.slope != pytest.approx(fitted, rel=1e-7)
    assert clock.period_s == pytest.approx(lines.slope if in_step else fitted, rel=1e-9)
    if in_step:
        assert clock.phase_s == pytest.approx(lines.intercept, abs=1e-9)
        assert clock.period_relative_uncertainty == pytest.approx(
            lines.standard_uncertainty / lines.slope, rel=1e-9
        )
