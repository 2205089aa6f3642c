"""Each fault of the reference, the load and the clock: what the input side sees."""

from datetime import datetime

import numpy as np
import pytest

from bench.sim.faults import Fault, FaultEvent
from bench.sim.plant import PlantSetup
from bench.sim.reference import ReferenceModel
from bench.sim.study import RunSetup, SimulatedRun, simulate_run
from calibration.reasons import Reason
from tests.sim.rig import FULL_LOAD, Rig

AT_S = 30.0


class Seen:
    """Registers and faults over time, whoever simulated them. Times in s from the start."""

    def __init__(self, event: FaultEvent, *, is_live: bool) -> None:
        self.is_live = is_live
        if is_live:
            rig = Rig(PlantSetup(faults=(event,)))
            rig.source.apply(FULL_LOAD)
            rig.run(60.0)
            self.at_s, self.energy_Wh, self.power_W = rig.reply_s(), rig.energy_Wh(), rig.power_W()
            self.reasons = rig.reasons()
        else:
            run = simulate_run(RunSetup(2200.0, faults=(event,)), 60.0, seed=6)
            readings = run.readings
            self.at_s = (readings.energy_Wh.reply_ns - run.first_ns) / 1e9
            self.energy_Wh, self.power_W = readings.energy_Wh.value, readings.power_W.value
            self.reasons = {str(f.finding.reason) for f in readings.faults}

    def between(self, values: np.ndarray, first_s: float, last_s: float) -> np.ndarray:
        return values[(self.at_s > first_s) & (self.at_s < last_s)]

    def energy_flowed_Wh(self, first_s: float, last_s: float) -> float:
        energy = self.between(self.energy_Wh, first_s, last_s)
        return float(energy[-1] - energy[0])


@pytest.fixture(params=[False, True], ids=["study", "live"])
def see(request):
    return lambda event: Seen(event, is_live=request.param)


def test_a_stalled_reference_stands_still_and_then_jumps_to_the_truth(see) -> None:
    seen = see(FaultEvent(Fault.REFERENCE_STALLED, AT_S, 8.0))
    assert np.ptp(seen.between(seen.energy_Wh, 30.1, 37.9)) == 0.0
    assert np.ptp(seen.between(seen.power_W, 30.1, 37.9)) == 0.0
    assert seen.reasons == set()
    assert seen.energy_flowed_Wh(20.0, 50.0) == pytest.approx(2200 * 30 / 3600, rel=0.01)


def test_a_silent_reference_gives_no_values_and_says_so(see) -> None:
    seen = see(FaultEvent(Fault.REFERENCE_SILENT, AT_S, 4.0))
    assert len(seen.between(seen.at_s, 30.1, 34.0)) == 0
    assert seen.reasons == {Reason.REFERENCE_SILENT}
    assert len(seen.between(seen.at_s, 37.0, 60.0)) > 300


def test_a_late_reply_is_no_value_and_the_line_is_drained(see) -> None:
    seen = see(FaultEvent(Fault.REFERENCE_LATE, AT_S))
    assert len(seen.between(seen.at_s, 30.1, 31.4)) == 0
    assert seen.reasons == {Reason.REFERENCE_SILENT, Reason.REFERENCE_LATE}
    assert len(seen.between(seen.at_s, 32.0, 60.0)) > 500


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.REFERENCE_NOT_A_NUMBER, Reason.REFERENCE_NOT_A_NUMBER),
        (Fault.REFERENCE_OVER_RANGE, Reason.REFERENCE_OVER_RANGE),
    ],
)
def test_what_is_no_number_is_a_fault_and_never_a_value(see, fault: Fault, reason: Reason) -> None:
    seen = see(FaultEvent(fault, AT_S, 1.0))
    assert seen.reasons == {reason}
    assert len(seen.between(seen.at_s, 30.1, 30.9)) == 0
    assert np.all(np.isfinite(seen.power_W))


def test_a_reset_starts_the_energy_at_zero(see) -> None:
    seen = see(FaultEvent(Fault.ENERGY_RESET, AT_S))
    assert seen.between(seen.energy_Wh, 30.1, 31.0)[0] < 0.3
    assert seen.energy_flowed_Wh(31.0, 59.0) == pytest.approx(2200 * 28 / 3600, rel=0.01)


@pytest.mark.parametrize(("fault", "sign"), [(Fault.ENERGY_BACKWARD, -1), (Fault.ENERGY_JUMP, 1)])
def test_the_energy_register_moves_by_what_did_not_flow(see, fault: Fault, sign: int) -> None:
    seen = see(FaultEvent(fault, AT_S, amount=5.0))
    moved = np.diff(seen.energy_Wh)
    assert moved[np.argmax(np.abs(moved))] == pytest.approx(sign * 5.0, abs=0.2)
    assert seen.energy_flowed_Wh(20.0, 50.0) == pytest.approx(2200 * 30 / 3600 + sign * 5.0, rel=0.02)


def test_a_range_change_shows_zero_power_and_then_another_gain(see) -> None:
    seen = see(FaultEvent(Fault.RANGE_CHANGE, AT_S, amount=1.0))
    assert np.all(seen.between(seen.power_W, 30.05, 30.45) == 0.0)
    assert np.ptp(seen.between(seen.energy_Wh, 30.05, 30.45)) == 0.0
    before, after = seen.between(seen.power_W, 20.0, 29.9), seen.between(seen.power_W, 31.0, 41.0)
    assert after.mean() / before.mean() == pytest.approx(1.01, abs=0.002)
    assert seen.energy_flowed_Wh(31.0, 59.0) == pytest.approx(2222 * 28 / 3600, rel=0.01)


def test_a_load_that_moves_moves_power_and_pulses(see) -> None:
    seen = see(FaultEvent(Fault.LOAD_MOVES, AT_S, 10.0, amount=5.0))
    assert seen.between(seen.power_W, 31.0, 39.0).mean() == pytest.approx(2310.0, rel=0.003)
    assert seen.between(seen.power_W, 41.0, 59.0).mean() == pytest.approx(2200.0, rel=0.003)


def test_a_tripped_source_gives_no_power_any_more(see) -> None:
    seen = see(FaultEvent(Fault.LOAD_TRIPS, AT_S))
    assert np.all(seen.between(seen.power_W, 31.0, 60.0) == 0.0)
    assert seen.energy_flowed_Wh(31.0, 60.0) == 0.0


def test_faults_wait_for_the_load_application_they_are_meant_for() -> None:
    event = FaultEvent(Fault.LOST_EDGE, 10.0, load_application=1)
    rig = Rig(PlantSetup(faults=(event,)))
    rig.source.apply(FULL_LOAD)
    rig.run(30.0)
    assert np.all(np.diff(rig.edges().line_seqno) == 1)
    rig.source.remove()
    rig.run(2.0)
    rig.source.apply(FULL_LOAD)
    rig.run(30.0)
    gap = np.flatnonzero(np.diff(rig.edges().line_seqno) == 2)
    assert len(gap) == 1
    at_s = (rig.edges().timestamp_ns[gap[0]] - rig.origin_ns) / 1e9
    assert at_s == pytest.approx(42.0, abs=2.0)


def test_a_load_that_moves_is_forgotten_when_another_load_is_applied() -> None:
    rig = Rig(PlantSetup(faults=(FaultEvent(Fault.LOAD_TRIPS, 20.0, load_application=0),)))
    rig.source.apply(FULL_LOAD)
    rig.run(10.0)
    rig.source.apply(FULL_LOAD)
    rig.run(30.0)
    assert rig.power_W()[-1] > 2000.0


def test_a_step_of_the_wall_clock_moves_no_stamp() -> None:
    step = (FaultEvent(Fault.WALL_CLOCK_STEP, AT_S),)
    clean, stepped = Rig(), Rig(PlantSetup(faults=step))
    walls = []
    for rig in (clean, stepped):
        rig.source.apply(FULL_LOAD)
        before = rig.clock.state()
        rig.run(60.0)
        after = rig.clock.state()
        assert after.monotonic_ns - before.monotonic_ns == pytest.approx(60e9, abs=1e8)
        walls.append(
            (
                datetime.fromisoformat(after.wall_time) - datetime.fromisoformat(before.wall_time)
            ).total_seconds()
        )
    assert walls == pytest.approx([60.0, 3660.0], abs=0.1)
    assert np.array_equal(clean.edges().timestamp_ns, stepped.edges().timestamp_ns)


def test_a_slewing_clock_says_its_rate_while_it_slews() -> None:
    rig = Rig(PlantSetup(faults=(FaultEvent(Fault.CLOCK_SLEWING, 5.0, 10.0, amount=300.0),)))
    rates = [rig.run(4.0).clock.state().frequency_ppm for _ in range(5)]
    assert rates == [0.0, 300.0, 300.0, 0.0, 0.0]


def test_a_slewing_clock_stretches_all_stamps_of_a_run() -> None:
    def run(*faults: FaultEvent) -> SimulatedRun:
        setup = RunSetup(reference=ReferenceModel(pulse_constant_imp_per_Wh=10.0), faults=faults)
        return simulate_run(setup, 60.0, 6)

    clean, slewed = run(), run(FaultEvent(Fault.CLOCK_SLEWING, 0.0, amount=1000.0))
    assert slewed.clock_slew_ppm == 1000.0
    for true, shown in (
        (clean.meters[0].timestamp_ns, slewed.meters[0].timestamp_ns),
        (clean.readings.energy_Wh.reply_ns, slewed.readings.energy_Wh.reply_ns),
        (clean.reference_pulses.timestamp_ns, slewed.reference_pulses.timestamp_ns),
    ):
        assert np.ptp(shown) / np.ptp(true) == pytest.approx(1.001, abs=1e-6)


def test_a_reference_that_restarts_twice_counts_from_zero_each_time() -> None:
    rig = Rig(PlantSetup(faults=tuple(FaultEvent(Fault.ENERGY_RESET, at_s) for at_s in (20.0, 40.0))))
    rig.source.apply(FULL_LOAD)
    rig.run(60.0)
    at_s, energy_Wh = rig.reply_s(), rig.energy_Wh()
    for first_s, last_s in ((21.0, 39.0), (41.0, 59.0)):
        counted = energy_Wh[(at_s > first_s) & (at_s < last_s)]
        assert 0.0 < counted[0] < counted[-1] < 500.0
