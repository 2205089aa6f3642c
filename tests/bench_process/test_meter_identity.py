"""Which meter hangs at a position: what it tells over its port against the plan, before a current flows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.app import open_bench, replay_run
from bench.commands.cli import cli
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.methods.meter_identity import Compared, compared_with_bench, why_another
from bench.plans.plan import MeterSection, parse_plan
from bench.ports import ClockState, MeterClock, MeterReading
from bench.process import RunSummary
from bench.records.journal_reading import JournalReader
from tests.bench_process.support import BENCH, METER

PLAN = """tests = ["visual", "basic_error"]
load_points = ["Imax 1.0"]
minimum_time_s = 20.0
longest_time_s = 60.0
repeats_of_invalid = 2
"""
PORT = 'meter_port = "sim"\nmeter_identity = "serial"\nsimulated_address = "000000012345"\n'


def a_run(folder: Path, port: str, meter: str = "") -> tuple[RunSummary, list[str]]:
    """A run of a simulated meter, replayed, and the kinds of its records."""
    text = BENCH.format(state_dir=folder, simulation='[desk]\ndriver = "sim"')
    config = parse_config(text.replace("simulated_error_pct", port + "simulated_error_pct", 1), "bench.toml")
    with open_bench(config, lambda said: None) as bench:
        summary = bench.run(parse_plan(PLAN + METER.replace("M-1", "12345") + meter, ["1"]))
    found = replay_run(folder, summary.run_id)
    assert found.differences == ()
    journal = JournalReader(folder)
    try:
        return summary, [record.kind for record in journal.run(summary.run_id)]
    finally:
        journal.close()


def test_the_meter_of_the_plan_is_asked_once_and_measured(tmp_path: Path) -> None:
    summary, kinds = a_run(tmp_path, PORT)
    assert summary.results["1"]["1"]["verdict"] == "PASS"
    told = summary.state["positions"]["1"]["told"]
    assert (told["address"], told["meter_constant_imp_per_kWh"]) == ("000000012345", "1200.0")
    assert kinds.index("meters_read") < kinds.index("window")
    assert kinds.count("meters_read") == 1
    shown = CliRunner().invoke(cli, ["show", summary.run_id, "--state-dir", str(tmp_path), "--lang", "en"])
    assert "the meter at position 1 tells: address 000000012345; constant 1200.0 imp/kWh" in " ".join(
        shown.output.split()
    )


@pytest.mark.parametrize(
    ("port", "meter", "reason", "told"),
    [
        (PORT.replace("12345", "12346"), "", "meter_address_differs", "000000012346"),
        (PORT, 'address = "12345678"\n', "meter_address_differs", "000000012345"),
        (
            PORT + "simulated_declared_constant_imp_per_kWh = 1600.0\n",
            "",
            "declared_constant_differs",
            "1600.0",
        ),
    ],
)
def test_another_meter_is_refused_before_a_current_flows(
    tmp_path: Path, port: str, meter: str, reason: str, told: str
) -> None:
    summary, kinds = a_run(tmp_path, port, meter)
    result = summary.results["1"]["1"]
    assert result["verdict"] == summary.verdict.value == "INVALID"
    assert [(r["reason"], r["values"]["told"]) for r in result["reasons"]] == [(reason, told)]
    assert summary.results["1"]["0"]["verdict"] == "PASS"  # what was looked at before stands
    assert kinds.count("load_applied") == 1  # the voltage alone, and no attempt after it
    assert "window" not in kinds


@pytest.mark.parametrize(
    ("port", "asks"),
    [
        (PORT.replace('"serial"', '"serial_end"').replace("12345", "992345"), 1),
        (PORT.replace('"serial"', '"constant"').replace("12345", "9"), 1),
        (PORT.replace('"serial"', '"none"').replace("12345", "9"), 0),
        ('meter_port = "sim"\n', 0),
    ],
)
def test_what_is_compared_is_a_setting_of_the_position(tmp_path: Path, port: str, asks: int) -> None:
    plate = 'address = "77992345"\n' if "serial_end" in port else ""
    summary, kinds = a_run(tmp_path, port, plate)
    assert summary.results["1"]["1"]["verdict"] == "PASS"
    assert kinds.count("meters_read") == asks


def section(serial: str, address: str = "") -> MeterSection:
    return MeterSection("1", serial, "1", 1200.0, 220.0, 60.0, basic_current_A=10.0, address=address)


def reading(address: str, constant: str | None = None) -> MeterReading:
    told = None if constant is None else Decimal(constant)
    return MeterReading(Decimal("1.00"), (), 2, told, 0, address=address)


@pytest.mark.parametrize(
    ("told", "serial", "compared", "is_same"),
    [
        ("000102030425", "102030425", Compared.SERIAL, True),
        ("000102030425", "0001-0203-0425", Compared.SERIAL, True),
        ("ab12", "AB12", Compared.SERIAL, True),
        ("000102030425", "102030426", Compared.SERIAL, False),
        ("000102030425", "DTZY102030425", Compared.SERIAL, False),
        ("000102030425", "DTZY102030425", Compared.SERIAL_END, True),
        ("000102030425", "30425", Compared.SERIAL_END, True),
        ("000102030425", "425", Compared.SERIAL_END, False),  # three digits are shared by chance
        ("", "1", Compared.SERIAL, True),  # it does not tell
        ("000102030425", "1", Compared.CONSTANT, True),
    ],
)
def test_numbers_are_compared_without_what_only_fills(
    told: str, serial: str, compared: Compared, is_same: bool
) -> None:
    assert (why_another(reading(told), section(serial), compared) == ()) is is_same


def test_the_constant_is_compared_wherever_the_meter_is_asked() -> None:
    for compared in (Compared.CONSTANT, Compared.SERIAL, Compared.SERIAL_END):
        (found,) = why_another(reading("", "1600"), section("1"), compared)
        assert dict(found.values) == {"told": "1600", "planned": "1200"}
        assert why_another(reading("", "1200"), section("1"), compared) == ()


def bench_at(wall_time: str, utc_offset_s: int, is_disciplined: bool = True) -> ClockState:
    return ClockState("boot", 0, wall_time, is_disciplined, 0.0, "kernel", utc_offset_s)


def test_the_meters_clock_is_held_against_the_local_time_of_a_disciplined_bench() -> None:
    told = MeterClock("2026-11-26T18:30:10", age_s=2.5, half_width_s=0.7)
    compared = compared_with_bench(told, bench_at("2026-11-26T10:30:00.000+00:00", 8 * 3600))
    assert compared.ahead_s == pytest.approx(12.5)  # it said so 2.5 s before 18:30:00
    assert compared.within_s == 0.7
    assert compared_with_bench(told, bench_at("2026-11-26T10:30:00.000+00:00", 0, False)) == told
    never_set = MeterClock("2000-00-00T00:00:00", 0.0, 0.5)
    assert compared_with_bench(never_set, bench_at("2026-11-26T10:30:00.000+00:00", 0)) == never_set


def test_a_comparison_needs_a_port_that_the_bench_reads(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    for kind in ("none", "ask"):
        port = f'meter_port = "{kind}"\nmeter_identity = "serial"\n'
        with pytest.raises(OperatorError, match="needs a meter_port that the bench reads"):
            parse_config(text.replace("simulated_error_pct", port + "simulated_error_pct", 1), "bench.toml")
