"""The live plant: the same physics as a simulated run, over changes of the load."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sim.meter import MeterModel
from bench.sim.plant import Plant, PlantSetup
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from calibration.load_points import LoadPoint
from calibration.nameplate import Wiring
from calibration.quantities import FALLING, NS_PER_S, RISING
from firmware_io.reference_profiles import known_profiles, load_profile
from tests.sim.rig import FULL_LOAD, Rig

QUIET = MeterModel(edge_jitter_s=0.0)
HALF_LOAD = LoadPoint("0.5 Ib 1.0", 220.0, 5.0, 1.0)


def test_without_a_load_nothing_flows_and_nothing_flashes() -> None:
    rig = Rig().run(20.0)
    assert len(rig.edges()) == 0
    assert set(rig.power_W()) == {0.0}
    assert np.ptp(rig.energy_Wh()) == 0.0


def test_the_load_is_reached_and_removed() -> None:
    rig = Rig()
    rig.source.apply(FULL_LOAD)
    rig.run(10.0)
    assert rig.power_W()[-1] == pytest.approx(2200.0, rel=0.005)
    assert rig.samples[-1].current_A == pytest.approx(10.0, rel=0.005)
    assert rig.samples[-1].voltage_V == 220.0
    rig.source.remove()
    rig.source.remove()
    rig.run(3.0)
    assert rig.power_W()[-1] == 0.0
    edges = len(rig.edges())
    rig.run(30.0)
    assert len(rig.edges()) == edges


def test_registers_and_pulses_count_on_over_changes_of_the_load() -> None:
    rig = Rig(PlantSetup((replace(QUIET, error_pct=0.8),)))
    for load in (FULL_LOAD, HALF_LOAD, FULL_LOAD, HALF_LOAD):
        rig.source.apply(load)
        rig.run(23.7)
        rig.source.remove()
        rig.run(4.1)
    energy_Wh = rig.plant.energy_Wh(rig.clock.now_ns())
    assert energy_Wh == pytest.approx(2 * 23.7 * (2200.0 + 1100.0) / 3600.0, rel=0.01)
    register = rig.energy_Wh()
    assert np.all(np.diff(register) >= 0.0)
    assert register[-1] - register[0] == pytest.approx(energy_Wh, abs=0.011)
    pulses = len(rig.edges().of_kind(RISING))
    assert pulses == pytest.approx(energy_Wh * 1.008 * 1.2, abs=1.0)
    edges = rig.edges()
    assert np.all(np.diff(edges.timestamp_ns) > 0)
    assert np.all(np.diff(edges.line_seqno) == 1)
    assert np.all(edges.kind[0::2] == RISING)
    assert np.all(edges.kind[1::2] == FALLING)


def test_a_pulse_interval_across_a_change_of_load_holds_the_energy_of_one_pulse() -> None:
    load = replace(FULL_LOAD, wiring=Wiring.FOUR_WIRE, voltage_V=220.0 / 3)  # no pulsation
    rig = Rig(PlantSetup((QUIET,), source=SourceModel(steadiness_pct=0.0)))
    rig.source.apply(load)
    rig.run(10.3)
    rig.source.apply(replace(load, current_A=2.0))
    change_s = (rig.clock.now_ns() - rig.origin_ns) / NS_PER_S
    rig.run(30.0)
    at_s = (rig.edges().of_kind(RISING) - rig.origin_ns) / NS_PER_S
    before, after = at_s[at_s < change_s][-1], at_s[at_s > change_s][0]
    energy_Wh = (
        (change_s - before) * load.compared_power + (after - change_s) * load.compared_power / 5
    ) / 3600.0
    assert energy_Wh == pytest.approx(1000.0 / 1200.0, rel=0.02)  # the ramp of 20 ms is not in this sum


@pytest.mark.parametrize("lattice_s", [None, 0.5])
@pytest.mark.parametrize("lag_s", [0.0, 1.0])
def test_the_error_of_a_live_meter_is_its_true_error(lattice_s: float | None, lag_s: float) -> None:
    meter = replace(QUIET, error_pct=-1.5, emission_lattice_s=lattice_s, lag_s=lag_s)
    rig = Rig(PlantSetup((meter,), source=SourceModel(steadiness_pct=0.0)))
    rig.source.apply(FULL_LOAD)
    rig.run(400.0)
    at = rig.edges().of_kind(RISING)[5:]
    interval_s = (at[-1] - at[0]) / NS_PER_S / (len(at) - 1)
    measured_pct = (3000.0 / 2200.0 / interval_s - 1.0) * 100.0
    assert measured_pct == pytest.approx(-1.5, abs=0.2 if lattice_s else 0.001)
    assert rig.plant.true_errors_pct(FULL_LOAD) == [-1.5]


def test_two_meters_are_two_lines_with_their_own_errors() -> None:
    rig = Rig(PlantSetup((MeterModel(error_pct=2.0), MeterModel(error_pct=-2.0))))
    rig.source.apply(FULL_LOAD)
    rig.run(300.0)
    fast, slow = (len(rig.edges(p).of_kind(RISING)) for p in (0, 1))
    assert fast - slow == pytest.approx(0.04 * 220, abs=1.1)


def test_what_was_shown_is_never_taken_back_by_a_change_of_load() -> None:
    plant = Plant(PlantSetup(reference=ReferenceModel(energy_step_Wh=1e-6)), 1, 0)
    plant.apply(FULL_LOAD, 0)
    shown = plant.reference_values(5_040_000_000).energy_Wh
    plant.remove(5_000_000_000)
    assert plant.reference_values(6_000_000_000).energy_Wh >= shown


def test_registers_of_a_wandering_jittering_reference_never_run_backwards() -> None:
    model = ReferenceModel(refresh_jitter_s=0.02, refresh_wander_s=0.05, power_average_n=3, power_lag_s=0.4)
    rig = Rig(PlantSetup(reference=model))
    for load in (FULL_LOAD, HALF_LOAD):
        rig.source.apply(load)
        rig.run(70.0)
    assert np.all(np.diff(rig.energy_Wh()) >= 0.0)
    assert rig.power_W()[-1] == pytest.approx(1100.0, rel=0.01)


def test_a_poll_waits_for_its_reply_on_the_clock() -> None:
    rig = Rig()
    before_ns = rig.clock.now_ns()
    sample = rig.reference.poll()
    assert sample.energy_Wh is not None
    assert sample.energy_Wh.request_ns == before_ns
    assert 15e6 <= sample.energy_Wh.reply_ns - before_ns <= 40e6
    assert rig.clock.now_ns() == sample.energy_Wh.reply_ns


@pytest.mark.parametrize("profile", known_profiles())
def test_the_plant_speaks_every_profile(profile: str) -> None:
    if load_profile(profile).registers.register("energy_Wh") is None:
        pytest.skip("this model's energy register is assigned by its user")
    rig = Rig(profile=profile)
    rig.source.apply(FULL_LOAD)
    rig.run(5.0)
    assert rig.power_W()[-1] == pytest.approx(2200.0, rel=0.01)


def test_the_same_seed_gives_the_same_bench() -> None:
    def stamps(seed: int) -> np.ndarray:
        rig = Rig(seed=seed)
        rig.source.apply(FULL_LOAD)
        return rig.run(60.0).edges().timestamp_ns

    assert np.array_equal(stamps(3), stamps(3))
    assert not np.array_equal(stamps(3), stamps(4))


def test_a_paced_clock_runs_at_its_speed() -> None:
    from bench.sim.clock import VirtualClock

    pace = VirtualClock(origin_ns=0)
    clock = VirtualClock(pace=pace, speed=10.0)
    start_ns = clock.now_ns()
    clock.wait_until(start_ns + 50 * NS_PER_S)
    assert pace.now_ns() == 5 * NS_PER_S
    assert clock.now_ns() == start_ns + 50 * NS_PER_S


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.02, 5.0, 60.0]), st.floats(0.0, 20.0)), max_size=8),
    st.sampled_from([None, 0.02, 0.1]),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.5, 1.0]),
)
def test_whatever_is_done_to_the_load_registers_and_lines_stay_whole(
    loads, lattice_s, lag_s, power_factor
) -> None:
    meter = MeterModel(1200.0, 0.7, emission_lattice_s=lattice_s, lag_s=lag_s)
    rig = Rig(PlantSetup((meter,)))
    for current_A, duration_s in loads:
        if current_A:
            rig.source.apply(LoadPoint("any", 220.0, current_A, power_factor))
        else:
            rig.source.remove()
        rig.run(duration_s)
    rig.source.remove()
    rig.run(3.0)
    edges, energy = rig.edges(), rig.energy_Wh()
    assert np.all(np.diff(energy) >= 0.0)
    assert energy[-1] - energy[0] == pytest.approx(rig.plant.energy_Wh(rig.clock.now_ns()), abs=0.0101)
    assert np.all(np.diff(edges.timestamp_ns) > 0)
    assert np.array_equal(edges.line_seqno, np.arange(1, len(edges) + 1))
    assert np.all(edges.kind[0::2] == RISING)
    assert np.all(edges.kind[1::2] == FALLING)
    assert len(edges.of_kind(RISING)) == pytest.approx(energy[-1] * 1.007 * 1.2, abs=1.03)
