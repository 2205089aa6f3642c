"""A simulated bench in virtual time for the tests of the measuring process."""

from __future__ import annotations

from pathlib import Path

from bench.app import open_bench
from bench.configuration.config import Config, parse_config
from bench.keys.log_key import open_log_key
from bench.plans.plan import CheckedPlan, parse_plan
from bench.ports import ClockState
from bench.process import MeasuringProcess
from bench.records.journal import Journal, Signing

BENCH = """
[bench]
id = "test"
state_dir = "{state_dir}"
edge_period_s = 0.25
publish_period_s = 2.0
evaluation_period_s = 5.0
minimum_free_MB = 1.0

[clock]
driver = "simulated"

[[position]]
name = "1"
driver = "sim"
simulated_error_pct = 0.4

[reference]
driver = "sim"
profile = "demo-reference"
timeout_s = 0.25

[reference.card]
model = "demo-reference"
serial = "SIM-1"
accuracy_class_pct = 0.05
energy_step_Wh = 0.01
refresh_s = 0.2
power_step_W = 0.1
calibration_U_pct = 0.02

[load_source]
driver = "sim"
settle_timeout_s = 10.0

[simulation]
seed = 7
speed = 0
{simulation}
"""

METER = """
[[meter]]
position = "1"
serial = "M-1"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 10.0
maximum_current_A = 60.0
"""

PLAN = (
    """
load_points = ["Imax 1.0"]
minimum_time_s = 20.0
longest_time_s = 60.0
"""
    + METER
)


def open_journal(state_dir: Path, clock: ClockState) -> Journal:
    """As the recorder opens it."""
    signing = Signing("meter-test-bench/test", lambda may_make: open_log_key(state_dir, may_make=may_make))
    return Journal(state_dir, clock, signing)


def bench_config(state_dir: Path, simulation: str = "") -> Config:
    return parse_config(BENCH.format(state_dir=state_dir, simulation=simulation), "bench.toml")


def leisurely(text: str) -> str:
    """The same bench with a fifth of the polls, which are what a run of hours takes its time for.

    For tests of silence, constants and registers: the uncertainty of a window grows with the time between polls.
    """
    assert "\nrefresh_s = 0.2\n" in text
    text = text.replace("\nrefresh_s = 0.2\n", "\nrefresh_s = 1.0\n")
    return text.replace("[reference]\n", "[reference]\npoll_interval_s = 0.225\n")


def plan_of(text: str = PLAN) -> CheckedPlan:
    return parse_plan(text, ["1"], "plan.toml")


def virtual_bench(state_dir: Path, simulation: str = "") -> MeasuringProcess:
    return open_bench(bench_config(state_dir, simulation), lambda line: None)


def real_bench(position: str) -> str:
    """A bench without anything simulated."""
    text = BENCH.format(state_dir="var", simulation="").replace('driver = "simulated"', 'driver = "system"')
    text = text.replace('driver = "sim"\nsimulated_error_pct = 0.4\n', position)
    text = text.replace('driver = "sim"\nprofile', 'driver = "modbus"\nhost = "127.0.0.1"\nprofile')
    return text.replace('driver = "sim"\nsettle', 'driver = "manual"\nsettle')
