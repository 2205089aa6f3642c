"""Every input fault makes the window INVALID with a reason that names it; a clean run is hardly ever refused."""

import pytest

from bench.sim.faults import PANEL_FAULTS, Fault
from tests.benchmarks.faults import RIGHT, clean_refused, detection, unchanged_by_wall_clock_step


def test_every_fault_the_simulator_knows_has_its_reasons_or_must_change_nothing():
    # Those of the panel end a run by themselves: tests of the panel.
    assert set(Fault) - PANEL_FAULTS == set(RIGHT) | {Fault.WALL_CLOCK_STEP}


@pytest.mark.parametrize("fault", list(RIGHT), ids=str)
def test_a_fault_never_becomes_a_number_and_is_named(fault):
    counts, reasons = detection(fault, 20, seed=20261123)
    assert counts["number"] == 0, reasons
    assert counts["right"] >= 19, reasons


def test_at_most_one_clean_run_in_fifty_is_refused():
    assert sum(clean_refused(100, seed=20261123).values()) <= 2


def test_a_wall_clock_step_of_an_hour_changes_no_digit():
    assert unchanged_by_wall_clock_step(7)
