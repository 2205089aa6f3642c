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
