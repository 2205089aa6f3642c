"""Screening over simulated runs: clean ones pass, each fault is found and called by its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.sim.faults import Fault, FaultEvent
from bench.sim.meter import MeterModel
from bench.sim.source import SourceModel
from bench.sim.study import simulate_run
from calibration.reasons import Reason
from tests.unit.simulated_screening import ensemble, plain_setup, screen

CLEAN_RUNS = 250


def test_clean_runs_are_not_refused() -> None:
    """Fewer than 1 in 100 by the requirement; the limits are such that 250 seeds give none."""
    refused = {}
    for seed in range(CLEAN_RUNS):
        setup, duration_s = ensemble(seed)
        if found := screen(simulate_run(setup, duration_s, seed), setup):
            refused[seed] = found
    assert refused == {}


NAMES = {
    Fault.LOST_EDGE: Reason.PULSES_LOST,
    Fault.VANISHED_EDGE: Reason.EDGES_NOT_ALTERNATING,
    Fault.BOUNCED_EDGE: Reason.PULSE_DOUBLED,
    Fault.MISSING_PULSE: Reason.PULSE_MISSING,
    Fault.DOUBLED_PULSE: Reason.PULSE_DOUBLED,
    Fault.EARLY_PULSE: Reason.PULSE_EARLY,
    Fault.QUEUE_OVERFLOW: Reason.PULSES_LOST,
    Fault.UNPLUGGED_LINE: Reason.LINE_SILENT,
    Fault.REFERENCE_STALLED: Reason.REFERENCE_STALLED,
    Fault.REFERENCE_LATE: Reason.REFERENCE_LATE,
    Fault.REFERENCE_SILENT: Reason.REFERENCE_SILENT,
    Fault.REFERENCE_NOT_A_NUMBER: Reason.REFERENCE_NOT_A_NUMBER,
    Fault.REFERENCE_OVER_RANGE: Reason.REFERENCE_OVER_RANGE,
    Fault.ENERGY_RESET: Reason.REFERENCE_RESET,
    Fault.ENERGY_BACKWARD: Reason.REFERENCE_BACKWARD,
    Fault.ENERGY_JUMP: Reason.REFERENCE_JUMP,
    Fault.RANGE_CHANGE: Reason.REFERENCE_RANGE_CHANGED,
    Fault.LOAD_MOVES: Reason.LOAD_UNSTEADY,
}
LASTING_S = {
    Fault.UNPLUGGED_LINE: 12.0,
    Fault.REFERENCE_STALLED: 4.0,
    Fault.REFERENCE_SILENT: 3.0,
    Fault.REFERENCE_NOT_A_NUMBER: 0.5,
    Fault.REFERENCE_OVER_RANGE: 0.5,
}


@pytest.mark.parametrize("steadiness_pct", [0.05, 0.5])
@pytest.mark.parametrize("fault", NAMES, ids=str)
def test_each_fault_is_found_and_named(fault: Fault, steadiness_pct: float) -> None:
    for seed in range(5):
        event = FaultEvent(fault, at_s=12.0 + 7.0 * seed, duration_s=LASTING_S.get(fault, 0.0))
        setup = plain_setup(source=SourceModel(steadiness_pct=steadiness_pct), faults=(event,))
        found = screen(simulate_run(setup, 60.0, seed), setup)
        assert found, f"seed {seed}: nothing found"
        assert found[0].reason is NAMES[fault], f"seed {seed}: {found}"


def test_an_overflow_says_exactly_how_many_edges_were_lost() -> None:
    setup = plain_setup(faults=(FaultEvent(Fault.QUEUE_OVERFLOW, at_s=20.0, amount=23.0),))
    (lost, *_) = screen(simulate_run(setup, 60.0, 1), setup)
    assert (lost.reason, lost.values["lost"]) == (Reason.PULSES_LOST, "23")


@pytest.mark.parametrize("fault", [Fault.MISSING_PULSE, Fault.DOUBLED_PULSE])
def test_a_whole_pulse_does_not_hide_in_a_lattice_of_three_quarters_of_an_interval(fault: Fault) -> None:
    # 2.3 kW at 1,200 imp/kWh: 1.3 s a pulse, so within 2 x 1 s one interval of 2.6 s proves nothing.
    meter = MeterModel(emission_lattice_s=1.0)
    for seed in range(12):
        clean = plain_setup(meters=(meter,))
        assert screen(simulate_run(clean, 180.0, seed), clean) == []
        faulty = replace(clean, faults=(FaultEvent(fault, at_s=40.0 + 8.0 * seed),))
        found = screen(simulate_run(faulty, 180.0, seed), faulty)
        assert found, f"seed {seed}: nothing found"
        assert found[0].reason in (Reason.COUNT_STEP, Reason.PULSE_DOUBLED, Reason.PULSE_MISSING)


def test_a_wall_clock_step_is_no_fault_of_the_input() -> None:
    setup = plain_setup(faults=(FaultEvent(Fault.WALL_CLOCK_STEP, at_s=20.0),))
    assert screen(simulate_run(setup, 60.0, 3), setup) == []
