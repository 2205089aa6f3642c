"""Starting, no load and the clock while an instrument is at fault: INVALID with its reason, no FAIL and no PASS."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.quantities import Outcome
from tests.bench_process.test_verification import reasons_of, verify


@pytest.mark.parametrize(
    ("item", "fault", "position", "reason"),
    [
        ("starting", "load_trips@30#2", "", "load_unsteady"),
        ("starting", "reference_silent@30#2", "", "reference_silent"),
        ("no_load", "load_trips@1#2", "simulated_creep_W = 5.0", "voltage_not_reached"),
        ("no_load", "load_trips@9#2", "simulated_creep_W = 5.0", "voltage_not_held"),
        ("no_load", "load_trips@30#2", "", "voltage_not_held"),
        ("no_load", "reference_silent@30#2", "", "reference_silent"),
    ],
)
def test_a_load_that_goes_away_while_a_meter_is_watched_is_no_meters_fault_and_no_proof(
    tmp_path: Path, item: str, fault: str, position: str, reason: str
) -> None:
    verdict, results = verify(tmp_path, (item,), position, f'faults = ["{fault}"]')
    assert verdict is Outcome.INVALID
    assert reasons_of(results[item]) == [reason]


@pytest.mark.parametrize(
    ("item", "position"),
    [("starting", ""), ("no_load", "simulated_creep_W = 1.2")],
)
def test_a_contact_that_bounces_makes_no_second_pulse(tmp_path: Path, item: str, position: str) -> None:
    verdict, results = verify(tmp_path, (item,), position, 'faults = ["bounced_edge@1#2"]')
    assert verdict is Outcome.INVALID
    assert reasons_of(results[item]) == ["pulse_doubled"]


def test_a_line_that_is_dead_only_while_the_meter_should_start_is_not_the_meters_fault(
    tmp_path: Path,
) -> None:
    """Of two watches on a line that was proven alive around both, the first is silent and the second is not."""
    verdict, results = verify(tmp_path, ("starting",), "", 'faults = ["unplugged_line@5+1225#2"]')
    assert verdict is Outcome.INVALID
    assert reasons_of(results["starting"]) == ["watches_disagree"]


def test_a_clock_is_not_judged_after_a_warm_up_that_the_reference_did_not_see(tmp_path: Path) -> None:
    verdict, results = verify(tmp_path, ("clock",), "", 'faults = ["reference_silent@30#1"]')
    assert verdict is Outcome.INVALID
    assert reasons_of(results["clock"]) == ["reference_silent"]
