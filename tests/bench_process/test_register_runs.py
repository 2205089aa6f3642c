"""The meter constant test on the simulated bench in virtual time: slow meters, lost pulses, wrong constants, meters
whose register counts the primary side."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.canonical import JsonObject
from bench.configuration.config import parse_config
from bench.plans.plan import parse_plan
from bench.ports import MeterPort, MeterReading
from bench.process import MeasuringProcess
from tests.bench_process.support import BENCH, METER, leisurely

PLAN = 'tests = ["meter_constant"]\nrepeats_of_invalid = 0\n' + METER


def run(
    folder: Path,
    position: str,
    nameplate: str,
    simulation: str = "",
    constant: float = 1200.0,
    bench: str = BENCH,
) -> JsonObject:
    """The result of a bench that looks often, so that hardly more energy is passed than was asked for."""
    text = bench.format(state_dir=folder, simulation=simulation)
    text = text.replace("evaluation_period_s = 5.0", "evaluation_period_s = 0.25")
    text = text.replace("simulated_error_pct = 0.4", f'meter_port = "sim"\n{position}')
    source = PLAN.replace("1200.0", str(constant)) + nameplate
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as process:
        if "constant_is_primary" in nameplate:
            count_primary(process)
        summary = process.run(parse_plan(source, ["1"]))
    assert replay_run(folder, summary.run_id).differences == ()
    return summary.results["1"]["0"]


class PrimaryPort:
    """The port of a meter that displays the primary side of transformers of 100 in all."""

    def __init__(self, secondary: MeterPort) -> None:
        self._secondary = secondary

    def read(self) -> MeterReading:
        at_terminals = self._secondary.read()
        total_kWh = (100 * at_terminals.total_kWh).quantize(Decimal("0.01"))
        return dataclasses.replace(
            at_terminals, total_kWh=total_kWh, decimals=2, meter_constant_imp_per_kWh=Decimal(12)
        )

    def close(self) -> None:
        self._secondary.close()


def count_primary(bench: MeasuringProcess) -> None:
    ports = {p: PrimaryPort(port) for p, port in bench.equipment.meter_ports.items()}
    bench.equipment = dataclasses.replace(bench.equipment, meter_ports=ports)


@pytest.mark.parametrize(("error_pct", "verdict"), [(-0.5, "PASS"), (-1.5, "FAIL"), (-5.0, "FAIL")])
def test_a_slow_meter_is_judged_and_not_sent_away_for_a_coarse_register(
    tmp_path: Path, error_pct: float, verdict: str
) -> None:
    position = f"simulated_error_pct = {error_pct}\nsimulated_register_decimals = 2"
    shown = run(tmp_path, position, "register_decimals = 2\n", bench=leisurely(BENCH))
    assert shown["verdict"] == verdict, shown
    assert float(shown["figures"]["register_error_pct"]) == pytest.approx(error_pct, abs=0.15)


def test_a_line_that_was_out_for_a_moment_is_not_the_meters_fault(tmp_path: Path) -> None:
    faults = 'faults = ["unplugged_line@100+0.6#2"]'
    position = "simulated_error_pct = 0.4\nsimulated_register_decimals = 3"
    shown = run(tmp_path, position, "register_decimals = 3\n", faults)
    assert (shown["verdict"], shown["reasons"][0]["reason"]) == ("INVALID", "constant_differs"), shown


@pytest.mark.parametrize("constant", [1230.0, 1300.0])
def test_a_wrong_constant_in_the_plan_is_found_however_small(tmp_path: Path, constant: float) -> None:
    position = (
        f"simulated_error_pct = 0.1\nsimulated_constant_imp_per_kWh = {constant}\n"
        "simulated_declared_constant_imp_per_kWh = 1200.0"
    )
    shown = run(tmp_path, position, "register_decimals = 4\n")
    assert shown["verdict"] == "INVALID"
    assert [reason["reason"] for reason in shown["reasons"]] == ["constant_differs"]


@pytest.mark.parametrize(("error_pct", "verdict"), [(0.3, "PASS"), (-1.5, "FAIL")])
def test_a_meter_behind_transformers_is_judged_on_the_primary_side(
    tmp_path: Path, error_pct: float, verdict: str
) -> None:
    nameplate = "register_decimals = 2\nconstant_is_primary = true\nct_ratio = 10.0\nvt_ratio = 10.0\n"
    position = f"simulated_error_pct = {error_pct}\nsimulated_register_decimals = 6"
    shown = run(tmp_path, position, nameplate, constant=12.0)
    assert shown["verdict"] == verdict, shown
    assert float(shown["figures"]["reference_kWh"]) == pytest.approx(
        10.3, abs=1.5
    )  # not a hundred times as much
