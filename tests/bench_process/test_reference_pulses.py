"""The reference standard's own pulses on a second line: the result needs no register then."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.configuration.config import parse_config
from tests.bench_process.support import BENCH, plan_of

WIRED = BENCH.replace(
    "[load_source]",
    'reference_pulse_constant_imp_per_Wh = 20.0\n\n[reference.pulses]\ndriver = "sim"\n\n[load_source]',
)


@pytest.mark.parametrize("error_pct", [0.4, -1.2])
def test_pulses_of_the_reference_give_the_result_and_replay(tmp_path: Path, error_pct: float) -> None:
    text = WIRED.format(state_dir=tmp_path, simulation="")
    text = text.replace("simulated_error_pct = 0.4", f"simulated_error_pct = {error_pct}")
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as process:
        summary = process.run(plan_of())
    result = summary.results["1"]["0"]
    assert result["estimator"] == "reference_pulses"
    assert abs(float(result["percentage_error_pct"]) - error_pct) <= float(result["expanded_uncertainty_pct"])
    replayed = replay_run(tmp_path, summary.run_id)
    assert (replayed.results, replayed.differences) == (1, ())
