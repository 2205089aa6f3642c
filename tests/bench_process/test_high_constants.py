"""Meters of many pulses a kWh on a pulsating load: each load point of a generated plan gets its number."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench
from bench.before_run.plan_making import make_plan
from bench.configuration.config import parse_config
from bench.plans.plan import MeterSection, parse_plan
from calibration.nameplate import Wiring
from tests.bench_process.support import BENCH

TRUE_ERROR_PCT = 0.4


@pytest.mark.parametrize(
    ("constant", "wiring", "load_points"),
    [
        (100_000.0, Wiring.SINGLE_PHASE, 15),
        (50_000.0, Wiring.SINGLE_PHASE, 15),
        (100_000.0, Wiring.FOUR_WIRE, 33),
    ],
)
def test_the_loads_pulsation_is_no_fault_of_a_fast_pulse_line(
    tmp_path: Path, constant: float, wiring: Wiring, load_points: int
) -> None:
    true = f"simulated_error_pct = {TRUE_ERROR_PCT}"
    text = BENCH.format(state_dir=tmp_path, simulation="")
    config = parse_config(
        text.replace(true, f"{true}\nsimulated_constant_imp_per_kWh = {constant}"), "bench.toml"
    )
    meter = MeterSection(
        position="1",
        serial="S-1",
        accuracy_class="1",
        meter_constant_imp_per_kWh=constant,
        nominal_voltage_V=220.0,
        basic_current_A=10.0,
        maximum_current_A=60.0,
        wiring=wiring,
    )
    lines = make_plan([meter], "jjg596-2012", config).text.splitlines()
    lines = ['tests = ["basic_error"]' if line.startswith("tests") else line for line in lines]
    lines = ["repeats = 1\nrepeats_of_invalid = 0" if line.startswith("repeats") else line for line in lines]
    with open_bench(config, lambda line: None) as bench:
        results = bench.run(parse_plan("\n".join(lines), ["1"])).results["1"].values()
    assert len(results) == load_points
    for shown in results:
        assert shown["percentage_error_pct"] is not None, (shown["load_point"], shown["reasons"])
        error_pct, U_pct = (float(shown[key]) for key in ("percentage_error_pct", "expanded_uncertainty_pct"))
        assert abs(error_pct - TRUE_ERROR_PCT) <= U_pct, shown["load_point"]
