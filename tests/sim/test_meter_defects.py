"""What a meter on the plant does wrong, seen from outside: on its line and against the energy that flowed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sim.faults import Fault, FaultEvent
from bench.sim.meter import MeterModel
from bench.sim.plant import PlantSetup
from bench.sim.source import SourceModel
from calibration.load_points import LoadPoint
from calibration.nameplate import Quantity, Wiring
from calibration.quantities import NS_PER_S, RISING
from tests.sim.rig import FULL_LOAD, Rig

QUIET = MeterModel(edge_jitter_s=0.0)
STEADY = SourceModel(steadiness_pct=0.0)
VOLTAGE_ALONE = LoadPoint("Un", 220.0, 0.0, 1.0)
LATTICES = pytest.mark.parametrize("lattice_s", [None, 0.5])


def pulse_s(rig: Rig, position: int = 0) -> np.ndarray:
    return (rig.edges(position).of_kind(RISING) - rig.origin_ns) / NS_PER_S


def test_voltage_without_current_is_what_the_reference_reads() -> None:
    rig = Rig(PlantSetup((QUIET,)))
    rig.source.apply(replace(VOLTAGE_ALONE, voltage_V=253.0))
    rig.run(60.0)
    last = rig.samples[-1]
    assert last.power_W is not None
    assert (last.voltage_V, last.current_A, last.power_W.value) == (253.0, 0.0, 0.0)
    assert np.ptp(rig.energy_Wh()) == 0.0
    assert len(rig.edges()) == 0


@LATTICES
def test_a_creeping_meter_flashes_at_the_rate_of_its_creep_power(lattice_s: float | None) -> None:
    meter = replace(QUIET, meter_constant_imp_per_kWh=10_000.0, creep_W=40.0, emission_lattice_s=lattice_s)
    rig = Rig(PlantSetup((meter,)))
    rig.source.apply(replace(FULL_LOAD, current_A=0.5))
    rig.run(15.0)
    rig.source.apply(VOLTAGE_ALONE)
    rig.run(1.0)
    began_s = (rig.clock.now_ns() - rig.origin_ns) / NS_PER_S
    rig.run(600.0)
    crept = pulse_s(rig)[pulse_s(rig) > began_s]
    # 40 W at 10,000 imp/kWh: 0.4 pulses an hour and watt is a pulse in 9 s.
    assert np.diff(crept) == pytest.approx(9.0, abs=0.51 if lattice_s else 1e-6)
    assert (crept[-1] - crept[0]) / (len(crept) - 1) == pytest.approx(9.0, abs=0.01)
    assert np.ptp(rig.energy_Wh()[-5000:]) == 0.0  # nothing flowed


def test_creep_needs_voltage_and_ends_with_a_current() -> None:
    rig = Rig(PlantSetup((replace(QUIET, creep_W=3000.0), QUIET)))
    rig.source.apply(VOLTAGE_ALONE)
    rig.run(30.0)
    rig.source.remove()
    rig.run(3.0)
    crept = len(pulse_s(rig))
    assert crept == pytest.approx(30.0, abs=1.0)  # 3,000 W at 1,200 imp/kWh: one a second
    rig.run(30.0)
    assert len(pulse_s(rig)) == crept
    rig.source.apply(FULL_LOAD)
    rig.run(120.0)
    assert len(pulse_s(rig)) - crept == pytest.approx(len(pulse_s(rig, 1)), abs=1.0)


@pytest.mark.parametrize(("current_A", "counts"), [(0.04, False), (0.05, True)])
def test_a_meter_counts_nothing_below_its_threshold(current_A: float, counts: bool) -> None:
    meter = replace(QUIET, meter_constant_imp_per_kWh=100_000.0, starts_at_W=10.0)
    rig = Rig(PlantSetup((meter,), source=STEADY))
    rig.source.apply(replace(FULL_LOAD, current_A=current_A))  # 8.8 W or 11 W: a pulse in 4.1 s or 3.3 s
    rig.run(120.0)
    assert len(pulse_s(rig)) == (pytest.approx(36, abs=1) if counts else 0)


def test_a_meter_that_stood_still_goes_on_where_it_was() -> None:
    rig = Rig(PlantSetup((replace(QUIET, starts_at_W=1500.0),), source=STEADY))
    rig.source.apply(FULL_LOAD)
    rig.run(20.0)
    first_half_Wh = rig.plant.energy_Wh(rig.clock.now_ns())
    rig.source.apply(replace(FULL_LOAD, current_A=5.0))
    rig.run(100.0)
    before_Wh = rig.plant.energy_Wh(rig.clock.now_ns())
    rig.source.apply(FULL_LOAD)
    rig.run(20.0)
    counted_Wh = first_half_Wh + rig.plant.energy_Wh(rig.clock.now_ns()) - before_Wh
    assert len(pulse_s(rig)) == pytest.approx(counted_Wh * 1.2, abs=1.0)
    assert counted_Wh < 0.5 * rig.plant.energy_Wh(rig.clock.now_ns())


def test_a_meter_that_is_stopped_in_the_swing_of_its_load_stays_silent() -> None:
    """The swing holds half of a pulse's energy: a pulse may be due by the mean power and not yet by the swing."""
    meter = replace(QUIET, meter_constant_imp_per_kWh=100_000.0, starts_at_W=1000.0, lamp_width_s=1e-4)
    rig = Rig(PlantSetup((meter,), source=STEADY))
    for k in range(12):
        rig.source.apply(LoadPoint("Imax 1.0", 220.0, 60.0, 1.0))
        rig.run(1.0)
        rig.clock.wait_until(rig.clock.now_ns() + k * 900_000)  # anywhere in the 10 ms of a swing
        rig.source.apply(replace(FULL_LOAD, current_A=1.0))
        stopped_s = (rig.clock.now_ns() - rig.origin_ns) / NS_PER_S
        rig.run(5.0)
        assert not np.any(pulse_s(rig) > stopped_s + 0.1)
        assert np.min(np.diff(rig.edges().timestamp_ns)) > 50_000  # half of the lamp's time


def test_an_error_can_belong_to_one_loaded_phase() -> None:
    meter = replace(QUIET, error_pct=0.4, phase_error_pct=(("B", 1.5),))
    balanced = LoadPoint("Ib 1.0", 220.0, 10.0, 1.0, wiring=Wiring.FOUR_WIRE)
    for phase, truth_pct in (("", 0.4), ("A", 0.4), ("B", 1.9)):
        load = replace(balanced, loaded_phase=phase)
        rig = Rig(PlantSetup((meter,), source=STEADY))
        rig.source.apply(load)
        rig.run(400.0)
        at_s = pulse_s(rig)[2:]
        power_W = 3000.0 * (len(at_s) - 1) / (at_s[-1] - at_s[0])
        assert power_W == pytest.approx(load.compared_power * (1.0 + truth_pct / 100.0), rel=1e-5)
        assert rig.plant.true_errors_pct(load) == [pytest.approx(truth_pct)]


def test_of_a_reactive_load_the_vars_flow() -> None:
    rig = Rig(PlantSetup((QUIET,), source=STEADY))
    load = LoadPoint("Ib 0.5L", 220.0, 10.0, 0.5, "L", Wiring.FOUR_WIRE, quantity=Quantity.REACTIVE)
    rig.source.apply(load)
    rig.run(30.0)
    assert rig.power_W()[-1] == pytest.approx(3 * 220.0 * 10.0 * 0.5, rel=1e-3)


def test_an_unplugged_line_is_silent_at_its_position_only() -> None:
    fault = FaultEvent(Fault.UNPLUGGED_LINE, 20.0, 60.0, line=1, load_application=0)
    rig = Rig(PlantSetup((QUIET, QUIET, QUIET), faults=(fault,)))
    rig.source.apply(FULL_LOAD)
    rig.run(120.0)
    silent = [np.any(np.diff(pulse_s(rig, p)) > 50.0) for p in range(3)]
    assert silent == [False, True, False]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([None, 0.0, 0.02, 0.5, 5.0, 60.0]), st.floats(0.0, 20.0)), max_size=8),
    st.sampled_from([None, 0.02, 0.1]),
    st.sampled_from([0.5, 1.0]),
)
def test_standing_still_and_creeping_leave_the_line_and_the_count_whole(
    loads, lattice_s, power_factor
) -> None:
    """None: no voltage; 0: voltage alone. The energy that the meter counts is summed up beside it."""
    meter = replace(QUIET, starts_at_W=80.0, creep_W=700.0, emission_lattice_s=lattice_s)
    rig = Rig(PlantSetup((meter,), source=replace(STEADY, ramp_s=1e-6)))
    counted_Wh = 0.0
    for current_A, duration_s in loads:
        before_ns, before_Wh = rig.clock.now_ns(), rig.plant.energy_Wh(rig.clock.now_ns())
        if current_A is None:
            rig.source.remove()
        else:
            rig.source.apply(LoadPoint("any", 220.0, current_A, power_factor))
        rig.run(duration_s)
        flowed_Wh = rig.plant.energy_Wh(rig.clock.now_ns()) - before_Wh
        if current_A == 0.0:
            counted_Wh += 700.0 * (rig.clock.now_ns() - before_ns) / NS_PER_S / 3600.0
        elif current_A is not None and 220.0 * current_A * power_factor >= 80.0:
            counted_Wh += flowed_Wh
    rig.source.remove()
    rig.run(3.0)
    edges = rig.edges()
    assert np.all(np.diff(edges.timestamp_ns) > 0)
    assert np.array_equal(edges.line_seqno, np.arange(1, len(edges) + 1))
    assert np.all(edges.kind[0::2] == RISING)
    assert len(edges.of_kind(RISING)) == pytest.approx(counted_Wh * 1.2, abs=1.03)
