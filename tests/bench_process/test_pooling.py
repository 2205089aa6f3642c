"""The bench's pooled repeatability comes from the repeatability results of its journal."""

from __future__ import annotations

import json
import tomllib
from math import sqrt
from pathlib import Path
from statistics import stdev

import pytest
from click.testing import CliRunner

from bench.admin import admin
from bench.app import open_bench
from bench.configuration.config import load_config, parse_config
from bench.errors import OperatorError
from bench.records.pooling import pooled_of_journal
from calibration.runs import PooledRepeatability, pool
from tests.bench_process.support import BENCH, METER, plan_of

PLAN = """
tests = [{tests}]
load_points = ["Imax 1.0"]
repeatability_load_point = "Imax 1.0"
repeatability_runs = {runs}
minimum_time_s = 3.0
minimum_pulses = 3
longest_time_s = 300.0
repeats_of_invalid = 0
"""


def test_standard_deviations_are_weighted_by_their_degrees_of_freedom() -> None:
    # (9 0.02^2 + 4 0.03^2)/13 = 0.0072/13.
    assert pool([(0.02, 9), (0.03, 4)]).sd_pct == pytest.approx(sqrt(0.0072 / 13.0))
    assert pool([(0.02, 9), (0.03, 4)]).degrees_of_freedom == 13.0
    for nothing in ([], [(0.0, 9)]):
        with pytest.raises(ValueError, match="above 0"):
            pool(nothing)


def bench_file(tmp_path: Path) -> Path:
    path = tmp_path / "bench.toml"
    path.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""), "utf-8")
    return path


def run(path: Path, tests: str, runs: int = 3) -> list[float]:
    """The errors (%) of the last test point's runs."""
    with open_bench(load_config(path), lambda line: None) as process:
        summary = process.run(plan_of(PLAN.format(tests=tests, runs=runs) + METER))
    *_, last = summary.results["1"].values()
    return [float(error) for error in last["runs_pct"]]


def test_the_command_pools_the_repeatability_results_alone_and_says_what_to_write(tmp_path: Path) -> None:
    path = bench_file(tmp_path)
    run(path, '"basic_error"')
    errors = run(path, '"repeatability"', 3), run(path, '"basic_error", "repeatability"', 5)
    degrees = [len(each) - 1 for each in errors]
    assert degrees == [2, 4]
    by_hand = sqrt(sum(nu * stdev(each) ** 2 for nu, each in zip(degrees, errors, strict=True)) / 6.0)
    done = CliRunner().invoke(
        admin, ["pool-repeatability", "--lang", "en", "--config", str(path)], catch_exceptions=False
    )
    written = tomllib.loads(done.stdout)["repeatability"]
    assert written == {"sd_pct": pytest.approx(by_hand, rel=0.05), "degrees_of_freedom": 6}
    assert "2 repeatability results, 6 degrees of freedom" in done.stderr
    pooled = parse_config(path.read_text("utf-8") + done.stdout, "bench.toml").repeatability.as_pooled()
    assert pooled == PooledRepeatability(written["sd_pct"], 6.0)
    told = CliRunner().invoke(
        admin, ["pool-repeatability", "--json", "--config", str(path)], catch_exceptions=False
    )
    assert [each["runs"] for each in json.loads(told.stdout)["results"]] == [3, 5]


def test_results_of_another_reference_or_of_a_simulation_do_not_count(tmp_path: Path) -> None:
    path = bench_file(tmp_path)
    run(path, '"repeatability"')
    state_dir = load_config(path).state_dir
    assert len(pooled_of_journal(state_dir, "SIM-1", is_simulated=True)[1]) == 1
    for serial, is_simulated in (("SIM-2", True), ("SIM-1", False)):
        with pytest.raises(OperatorError, match="no repeatability result with reference standard"):
            pooled_of_journal(state_dir, serial, is_simulated=is_simulated)
