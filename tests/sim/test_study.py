"""Simulated runs against what they must be by construction, computed independently."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bench.measurement.acquisition import PollLoop
from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel, exchanges
from bench.sim.reference import ReferenceModel
from bench.sim.source import LoadStep, SourceModel, fluctuation
from bench.sim.study import RunSetup, SimulatedRun, simulate_run
from calibration.quantities import FALLING, NS_PER_S, RISING

QUIET = MeterModel(edge_jitter_s=0.0)


def pulse_errors_pct(run: SimulatedRun, constant: float) -> np.ndarray:
    """Error of each pulse interval by the true energy of the plant, pulsation included."""
    at = run.meters[0].of_kind(RISING)
    energy = np.array([run.truth.energy_Wh(int(a), int(b)) for a, b in pairwise(at)])
    return (1000.0 / constant / energy - 1.0) * 100.0


@pytest.mark.parametrize("single_phase", [True, False])
@pytest.mark.parametrize("power_factor", [1.0, 0.5])
@pytest.mark.parametrize("error_pct", [1.37, -2.0, 0.0])
def test_every_pulse_interval_holds_the_energy_that_the_true_error_says(
    error_pct: float, power_factor: float, single_phase: bool
) -> None:
    meter = replace(QUIET, error_pct=error_pct)
    setup = RunSetup(power_factor=power_factor, single_phase=single_phase, meters=(meter,))
    run = simulate_run(setup, 120.0, seed=5)
    np.testing.assert_allclose(pulse_errors_pct(run, 1200.0), error_pct, atol=5e-6)
    assert run.truth.meter_errors_pct == (error_pct,)


def test_the_count_of_pulses_is_the_energy_times_the_constant() -> None:
    run = simulate_run(RunSetup(power_W=6000.0, meters=(MeterModel(6400.0),)), 300.0, seed=2)
    energy_Wh = run.truth.mean_energy_Wh(run.first_ns, run.last_ns)
    assert len(run.meters[0].of_kind(RISING)) == pytest.approx(energy_Wh * 6.4, abs=2.0)


def test_edges_alternate_and_are_numbered_without_a_gap() -> None:
    edges = simulate_run(RunSetup(power_W=12000.0, meters=(MeterModel(10_000.0),)), 60.0, 1).meters[0]
    assert np.all(np.diff(edges.timestamp_ns) > 0)
    assert np.all(edges.kind[0::2] == RISING)
    assert np.all(edges.kind[1::2] == FALLING)
    assert np.array_equal(edges.line_seqno, np.arange(1, len(edges) + 1))


def test_the_lamp_is_lit_for_its_width_and_shorter_at_a_high_rate() -> None:
    for power_W, width_s in ((2300.0, 0.08), (12000.0, 0.4 * 3600.0 / (12000.0 * 10.0))):
        meter = replace(QUIET, meter_constant_imp_per_kWh=10_000.0 if power_W > 9999 else 1200.0)
        edges = simulate_run(RunSetup(power_W, meters=(meter,)), 30.0, 1).meters[0]
        lit_s = (edges.of_kind(FALLING) - edges.of_kind(RISING)) / NS_PER_S
        assert np.median(lit_s) == pytest.approx(width_s, rel=0.02)


def test_the_error_of_a_meter_follows_its_curve_over_the_load() -> None:
    meter = MeterModel(error_pct=0.1, error_curve=((100.0, -1.0), (10_000.0, 1.0)))
    assert meter.true_error_pct(1000.0) == pytest.approx(0.1)
    assert meter.true_error_pct(50.0) == pytest.approx(-0.9)
    run = simulate_run(RunSetup(3000.0, meters=(replace(meter, edge_jitter_s=0.0),)), 60.0, 3)
    np.testing.assert_allclose(pulse_errors_pct(run, 1200.0), meter.true_error_pct(3000.0), atol=5e-6)


@pytest.mark.parametrize("lattice_s", [0.02, 0.1, 1.0])
def test_a_lattice_meter_emits_on_its_lattice_and_no_pulse_is_lost(lattice_s: float) -> None:
    meter = replace(QUIET, emission_lattice_s=lattice_s)
    at = simulate_run(RunSetup(meters=(meter,)), 200.0, 4).meters[0].of_kind(RISING) / NS_PER_S
    frames = (at - at[0]) / lattice_s
    np.testing.assert_allclose(frames, np.rint(frames), atol=1e-6)
    free = simulate_run(RunSetup(meters=(QUIET,)), 200.0, 4).meters[0].of_kind(RISING)
    assert abs(len(at) - len(free)) <= 1


def test_a_lattice_that_is_too_slow_for_the_load_is_refused() -> None:
    meter = MeterModel(10_000.0, emission_lattice_s=1.0)
    with pytest.raises(ValueError, match="frame"):
        simulate_run(RunSetup(6000.0, meters=(meter,)), 10.0, 1)


def test_a_lagging_meter_shows_a_load_step_later() -> None:
    source = SourceModel(steadiness_pct=0.0, steps=(LoadStep(30.0, 2.0),))
    meters = (replace(QUIET, meter_constant_imp_per_kWh=20_000.0),)
    lagging = (replace(meters[0], lag_s=1.0),)

    def step_s(meter: tuple[MeterModel, ...]) -> float:
        run = simulate_run(RunSetup(1000.0, single_phase=False, source=source, meters=meter), 60.0, 1)
        at = run.meters[0].of_kind(RISING)
        change = int(np.argmax(np.diff(at) < 0.75 * np.median(np.diff(at[:50]))))
        return float(at[change] - run.first_ns) / NS_PER_S

    assert step_s(meters) == pytest.approx(30.0, abs=0.4)
    assert step_s(lagging) - step_s(meters) == pytest.approx(1.0, abs=0.4)


def registers(model: ReferenceModel, **more: object) -> tuple[np.ndarray, np.ndarray, SimulatedRun]:
    run = simulate_run(RunSetup(reference=model, **more), 60.0, 9)  # type: ignore[arg-type]
    return run.readings.energy_Wh.value, run.readings.power_W.value, run


@pytest.mark.parametrize("step_Wh", [0.01, 1.0, 10.0])
def test_the_energy_register_shows_whole_steps_of_what_has_flowed(step_Wh: float) -> None:
    energy, _, run = registers(ReferenceModel(energy_step_Wh=step_Wh))
    np.testing.assert_allclose(energy / step_Wh, np.rint(energy / step_Wh), atol=1e-9)
    at = run.readings.energy_Wh.reply_ns
    true = np.array([run.truth.mean_energy_Wh(int(at[0]), int(t)) for t in at])
    # A register is late by less than a refresh and the latency, and low by less than a step, at both ends.
    slack_Wh = step_Wh + 2300.0 * 0.25 / 3600.0
    assert np.all(np.abs((energy - energy[0]) - true) <= slack_Wh)


def test_the_registers_change_only_at_the_refresh() -> None:
    _, power, run = registers(ReferenceModel(refresh_s=1.0, refresh_deviation_ppm=0.0, power_step_W=0.0))
    middle = (run.readings.power_W.request_ns + run.readings.power_W.reply_ns)[1:] / 2
    changes = middle[np.diff(power) != 0.0] / NS_PER_S
    assert len(changes) in (59, 60)
    np.testing.assert_allclose(np.diff(changes), 1.0, atol=0.08)


def test_the_power_register_is_the_mean_of_the_interval_before_the_refresh() -> None:
    source = SourceModel(steadiness_pct=0.0, steps=(LoadStep(30.0, 2.0),), ramp_s=0.001)
    model = ReferenceModel(refresh_s=1.0, power_step_W=0.0, energy_step_Wh=1e-6)
    energy, power, _ = registers(model, source=source)
    at_change = np.flatnonzero(np.diff(energy) > 0)[1:]
    from_energy = np.diff(energy[at_change + 1]) * 3600.0 / model.true_refresh_s
    np.testing.assert_allclose(power[at_change[1:] + 1], from_energy, rtol=2e-5)


@pytest.mark.parametrize(("lag_s", "average_n", "delay_s"), [(0.0, 1, 0.5), (1.0, 1, 1.5), (0.0, 4, 2.0)])
def test_a_lagging_or_averaging_power_register_shows_a_step_late(
    lag_s: float, average_n: int, delay_s: float
) -> None:
    source = SourceModel(steadiness_pct=0.0, steps=(LoadStep(30.0, 2.0),))
    model = ReferenceModel(refresh_s=1.0, power_step_W=0.0, power_lag_s=lag_s, power_average_n=average_n)
    _, power, run = registers(model, source=source)
    at_s = (run.readings.power_W.reply_ns - run.first_ns) / NS_PER_S
    # The area between the true step and the shown one is the step times its delay (half a T of holding).
    shown = np.trapezoid(2.0 - power / 2300.0, at_s) - 30.0 + at_s[0]
    assert shown == pytest.approx(delay_s + 0.5, abs=0.55)


def test_gain_offset_and_rounding_of_the_power_register() -> None:
    source = SourceModel(steadiness_pct=0.0)
    model = ReferenceModel(power_gain_pct=0.05, power_offset_W=0.5, power_step_W=0.2)
    _, power, _ = registers(model, source=source)
    np.testing.assert_allclose(power, np.rint((2300.0 * 1.0005 + 0.5) / 0.2) * 0.2)


def test_an_error_of_indication_is_in_both_registers() -> None:
    model = ReferenceModel(indication_error_pct=1.0, energy_step_Wh=1e-4, power_step_W=0.0)
    energy, power, run = registers(model, source=SourceModel(steadiness_pct=0.0))
    assert power[-1] == pytest.approx(2323.0, rel=1e-6)
    at = run.readings.energy_Wh.reply_ns
    true = run.truth.mean_energy_Wh(int(at[0]), int(at[-1]))
    assert (energy[-1] - energy[0]) / true == pytest.approx(1.01, abs=0.005)


def test_a_float32_register_loses_resolution_as_it_counts_up() -> None:
    model = ReferenceModel(energy_is_float32=True, energy_register_unit_Wh=1000.0, start_Wh=10e6)
    energy, _, _ = registers(model)
    steps = np.unique(np.diff(energy))
    assert np.min(steps[steps > 0]) == pytest.approx(1.0, abs=0.05)  # spacing of float32 at 10,000 kWh


def test_every_reply_comes_within_the_latency_that_was_set() -> None:
    polling = PollModel(0.05, forward_s=(0.002, 0.003), backward_s=(0.030, 0.035))
    _, _, run = registers(ReferenceModel(), polling=polling)
    took_s = (run.readings.energy_Wh.reply_ns - run.readings.energy_Wh.request_ns) / NS_PER_S
    assert took_s.min() >= 0.032
    assert took_s.max() <= 0.038
    spacing_s = np.diff(run.readings.energy_Wh.request_ns) / NS_PER_S
    assert spacing_s.mean() == pytest.approx(0.05, rel=1e-3)


def test_requests_never_overlap_where_replies_are_slower_than_the_interval() -> None:
    _, _, run = registers(ReferenceModel(), polling=PollModel(0.02, split_registers=True))
    energy, power = run.readings.energy_Wh, run.readings.power_W
    assert np.all(power.request_ns >= energy.reply_ns)
    assert np.all(energy.request_ns[1:] >= power.reply_ns[:-1])


def test_jitter_and_wander_of_the_refresh_are_as_large_as_asked() -> None:
    from bench.sim.reference import refresh_instants_s

    rng = np.random.default_rng(1)
    jitter, _ = refresh_instants_s(ReferenceModel(refresh_jitter_s=0.003), 0.0, 5000, 0.0, rng)
    even = ReferenceModel().true_refresh_s * np.arange(5000)
    assert np.std(jitter - even) == pytest.approx(0.003, rel=0.05)
    ends = [
        refresh_instants_s(ReferenceModel(refresh_wander_s=0.01), 0.0, 300, 0.0, rng)[1][-1]
        for _ in range(400)
    ]
    assert np.std(ends) == pytest.approx(0.01, rel=0.12)  # after 300 refreshes of 0.2 s


def test_pulses_of_the_reference_carry_its_energy() -> None:
    model = ReferenceModel(pulse_constant_imp_per_Wh=50.0, indication_error_pct=0.5)
    _, _, run = registers(model)
    assert run.reference_pulses is not None
    at = run.reference_pulses.of_kind(RISING)
    true = run.truth.mean_energy_Wh(int(at[0]), int(at[-1]))
    assert (len(at) - 1) / 50.0 / true == pytest.approx(1.005, rel=1e-5)


def test_the_fluctuation_has_its_variance_and_correlation_time() -> None:
    values = fluctuation(np.random.default_rng(3), 200_000, 0.1, 2.0)
    assert np.std(values) == pytest.approx(1.0, rel=0.05)
    assert np.mean(values[20:] * values[:-20]) == pytest.approx(np.exp(-1.0), abs=0.05)


def test_a_fluctuation_drawn_in_pieces_goes_on_where_it_was() -> None:
    decay = np.exp(-0.1 / 20.0)
    piece = fluctuation(np.random.default_rng(3), 1, 0.1, 20.0, before=5.0)
    assert abs(piece[0] - 5.0 * decay) < 5 * np.sqrt(1 - decay**2)


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    setup = RunSetup(reference=ReferenceModel(refresh_jitter_s=0.001))
    first, again, other = (simulate_run(setup, 30.0, seed) for seed in (7, 7, 8))
    assert np.array_equal(first.meters[0].timestamp_ns, again.meters[0].timestamp_ns)
    assert np.array_equal(first.readings.energy_Wh.reply_ns, again.readings.energy_Wh.reply_ns)
    assert not np.array_equal(first.readings.power_W.reply_ns, other.readings.power_W.reply_ns)


def test_simulated_polls_are_as_far_apart_as_the_bench_makes_them() -> None:
    quick = PollModel(0.045, (0.0, 1e-3), (0.0, 1e-3))
    even, dithered = (
        exchanges(replace(quick, dither=dither), 600.0, np.random.default_rng(5))[0].request_s
        for dither in (0.0, PollLoop._DITHER)
    )
    apart_s = np.diff(dithered) / 0.045
    assert np.std(np.diff(even)) < 0.2e-3
    assert (apart_s.min(), apart_s.max()) == pytest.approx((0.75, 1.25), abs=0.02)
    assert np.std(apart_s) == pytest.approx(0.5 / 12**0.5, rel=0.03)
