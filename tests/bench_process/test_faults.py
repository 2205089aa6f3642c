"""Every fault of the input side, through the whole measuring process: INVALID with its reason, never a number."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import replay_run
from bench.canonical import JsonObject
from bench.sim.faults import Fault
from calibration.quantities import Outcome
from tests.bench_process.support import PLAN, plan_of, virtual_bench
from tests.benchmarks.faults import RIGHT

ONE_ATTEMPT = PLAN.replace("load_points", "repeats_of_invalid = 0\nload_points")


def run_with(state_dir: Path, fault: str) -> tuple[Outcome, JsonObject, list[JsonObject]]:
    with virtual_bench(state_dir, f'faults = ["{fault}"]') as process:
        summary = process.run(plan_of(ONE_ATTEMPT))
        records = [record.fields() for record in process.recorder.read(0, 100)]
    return summary.verdict, summary.results["1"]["0"], records


@pytest.mark.parametrize("fault", sorted(RIGHT))
def test_a_fault_of_the_input_side_is_invalid_with_its_reason(tmp_path: Path, fault: Fault) -> None:
    lasts = "" if fault is Fault.LOAD_TRIPS else "+3"  # a load that trips stays away
    verdict, shown, _ = run_with(tmp_path, f"{fault.value}@12{lasts}")
    assert verdict is Outcome.INVALID
    assert shown["percentage_error_pct"] is None
    assert {reason["reason"] for reason in shown["reasons"]} & RIGHT[fault]
    assert replay_run(tmp_path, "run-000001").differences == ()


def test_a_step_of_the_wall_clock_changes_nothing_and_is_recorded(tmp_path: Path) -> None:
    verdict, stepped, records = run_with(tmp_path / "stepped", f"{Fault.WALL_CLOCK_STEP.value}@12")
    _, usual, _ = run_with(tmp_path / "usual", f"{Fault.WALL_CLOCK_STEP.value}@100000")
    assert verdict is Outcome.PASS
    assert stepped == usual
    stamps = [(r["clock"]["monotonic_ns"], r["clock"]["wall_time"]) for r in records]
    assert stamps == sorted(stamps)
    assert {wall[11:13] for _, wall in stamps} == {"00", "01"}, "the hour is in the record"
