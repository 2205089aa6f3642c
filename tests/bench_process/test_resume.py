"""A run that was interrupted is gone on with: what is valid is taken over, what is not is measured again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.config import parse_config
from bench.errors import OperatorError
from bench.resume import resume
from calibration.quantities import Outcome
from tests.bench_process.support import BENCH, PLAN, plan_of, virtual_bench

TWO_POINTS = PLAN.replace("load_points", "repeats_of_invalid = 0\nload_points").replace(
    '["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]'
)


def disturbed_run(folder: Path) -> str:
    """The second load point loses an edge: PASS, INVALID."""
    with virtual_bench(folder, 'faults = ["lost_edge@12#2"]') as bench:
        summary = bench.run(plan_of(TWO_POINTS))
    assert [r["verdict"] for r in summary.results["1"].values()] == ["PASS", "INVALID"]
    return summary.run_id


def test_only_what_is_not_valid_is_measured_again(tmp_path: Path) -> None:
    earlier = disturbed_run(tmp_path)
    with virtual_bench(tmp_path) as bench:
        checked = plan_of(TWO_POINTS)
        summary = bench.run(checked, resume(tmp_path, earlier, checked, bench.card))
        kinds = [r.kind for r in bench.recorder.read(0, 1000) if r.run_id == summary.run_id]
    assert summary.verdict is Outcome.PASS
    assert kinds.count("window") == 1
    assert summary.results["1"]["0"]["taken_over"]
    found = replay_run(tmp_path, summary.run_id)
    assert (found.results, found.differences) == (1, ())


def test_a_run_of_another_plan_is_not_gone_on_with(tmp_path: Path) -> None:
    earlier = disturbed_run(tmp_path)
    with virtual_bench(tmp_path) as bench:
        other = plan_of(TWO_POINTS.replace("M-1", "M-2"))
        with pytest.raises(OperatorError, match="was of another plan"):
            resume(tmp_path, earlier, other, bench.card)
        with pytest.raises(OperatorError, match="run-000009 is not in this journal; it has run-000001"):
            resume(tmp_path, "run-000009", other, bench.card)


def test_another_reference_does_not_go_on_with_a_run(tmp_path: Path) -> None:
    earlier = disturbed_run(tmp_path)
    text = BENCH.format(state_dir=tmp_path, simulation="").replace('"SIM-1"', '"SIM-2"')
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as bench:
        checked = plan_of(TWO_POINTS)
        with pytest.raises(OperatorError, match="another card of the reference standard"):
            resume(tmp_path, earlier, checked, bench.card)
