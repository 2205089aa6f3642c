"""A simulated fault that was asked for and never happened is told: it tested nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench
from tests.bench_process.support import bench_config, plan_of


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("lost_edge@5#99", ["simulated fault lost_edge at 5 s of load 99 never occurred"]),
        ("lost_edge@50000", ["simulated fault lost_edge at 50000 s of load 1 never occurred"]),
        ("lost_edge@5", []),
    ],
)
def test_a_fault_that_never_occurred_is_told_at_the_end(tmp_path: Path, fault: str, told: list[str]) -> None:
    lines: list[str] = []
    with open_bench(bench_config(tmp_path, f'faults = ["{fault}"]'), lines.append) as process:
        process.run(plan_of())
    assert lines == told
