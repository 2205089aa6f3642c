"""Meters of few pulses a kWh: each load point of a generated plan gets its number."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench
from bench.before_run.plan_making import make_plan
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.plans.plan import MeterSection, parse_plan
from calibration.evaluation import LEAST_INTERVALS
from tests.bench_process.support import BENCH, PLAN, plan_of

TRUE_ERROR_PCT = 0.4


@pytest.mark.parametrize("constant", [100.0, 400.0])
def test_a_generated_plan_asks_as_many_pulses_as_the_evaluation_needs(
    tmp_path: Path, constant: float
) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    config = parse_config(
        text.replace(
            "simulated_error_pct", f"simulated_constant_imp_per_kWh = {constant}\nsimulated_error_pct"
        ),
        "bench.toml",
    )
    meter = MeterSection("1", "S-1", "1", constant, 220.0, 60.0, 10.0)
    made = make_plan([meter], "jjg596-2012", config)
    assert made.checked.plan.minimum_pulses >= LEAST_INTERVALS
    lines = ['tests = ["basic_error"]' if x.startswith("tests") else x for x in made.text.splitlines()]
    lines = ["repeats = 1\nrepeats_of_invalid = 0" if x.startswith("repeats") else x for x in lines]
    with open_bench(config, lambda line: None) as bench:
        results = bench.run(parse_plan("\n".join(lines), ["1"])).results["1"].values()
    assert len(results) == len(made.checked.plan.load_points)
    for shown in results:
        assert shown["percentage_error_pct"] is not None, (shown["load_point"], shown["reasons"])
        error_pct, U_pct = (float(shown[key]) for key in ("percentage_error_pct", "expanded_uncertainty_pct"))
        assert abs(error_pct - TRUE_ERROR_PCT) <= U_pct, shown["load_point"]


def test_a_plan_with_fewer_pulses_than_the_evaluation_needs_is_refused() -> None:
    with pytest.raises(OperatorError, match=rf"minimum_pulses is .*at least {LEAST_INTERVALS}"):
        plan_of(PLAN.replace("load_points", f"minimum_pulses = {LEAST_INTERVALS - 1}\nload_points"))
