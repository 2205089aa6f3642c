"""Meters whose registers are read over a serial line, in a run of the measuring process and in its configuration."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dlt645 import MeterServerService

from bench.app import open_bench, replay_run
from bench.canonical import JsonObject
from bench.configuration.config import parse_config
from bench.errors import InstrumentError, OperatorError
from bench.plans.plan import parse_plan
from bench.ports import MeterPort, MeterReading
from bench.sim.pty_pair import PtyPair
from firmware_io.dlt645 import DataId
from tests.bench_process.support import BENCH, METER

ADDRESS = "000102030425"
SERIAL = """
[position.meter_serial]
port = "{port}"
address = "{address}"
baud = 9600
parity = "N"
"""
PLAN = 'tests = ["tariff_sum"]\nrepeats_of_invalid = 0\n' + METER + f'address = "{ADDRESS}"\n'


def bench_text(folder: Path, port: str, address: str = ADDRESS, kind: str = "dlt645") -> str:
    position = f'name = "1"\nmeter_port = "{kind}"'
    text = BENCH.format(state_dir=folder, simulation="").replace('name = "1"', position)
    before, after = text.split("\n[reference]\n")
    return before + SERIAL.format(port=port, address=address) + "\n[reference]\n" + after


@pytest.fixture
def line() -> Iterator[tuple[str, MeterServerService]]:
    """The bench's end of a serial line, and the meter of an independent library at the other."""
    pair = PtyPair()
    server = MeterServerService.new_rtu_server(pair.paths[1], 8, 1, 9600, "N", 0.2)
    server.set_address(bytes.fromhex(ADDRESS)[::-1])
    assert server.start()
    try:
        yield pair.paths[0], server
    finally:
        server.stop()
        pair.close()


def tell(server: MeterServerService, total_kWh: float, *tariffs_kWh: float) -> None:
    assert server.set_04(int(DataId.ACTIVE_CONSTANT), "001200")
    server.set_00(int(DataId.ENERGY_FORWARD), total_kWh)
    for number, kWh in enumerate(tariffs_kWh, 1):
        server.set_00(0x00010000 + (number << 8), kWh)


def run(folder: Path, port: str, plan: str = PLAN) -> JsonObject:
    """The state at the end of a run, whose replay gives the same."""
    with open_bench(parse_config(bench_text(folder, port), "bench.toml"), lambda said: None) as process:
        summary = process.run(parse_plan(plan, ["1"]))
    assert replay_run(folder, summary.run_id).differences == ()
    return summary.state


def result_of(state: JsonObject) -> JsonObject:
    return state["positions"]["1"]["results"]["0"]


@pytest.mark.parametrize(("total_kWh", "verdict"), [(1206.42, "PASS"), (1206.44, "PASS"), (1206.45, "FAIL")])
def test_the_tariffs_of_a_meter_on_a_serial_line_are_summed(
    tmp_path: Path, line: tuple[str, MeterServerService], total_kWh: float, verdict: str
) -> None:
    port, server = line
    tell(server, total_kWh, 800.40, 300.00, 100.02, 6.00)
    shown = result_of(run(tmp_path, port))
    assert shown["verdict"] == verdict
    assert shown["figures"]["total_kWh"] == f"{total_kWh:.2f}"


def test_a_meter_on_a_wire_says_who_it_is_what_its_constant_is_and_how_late(
    tmp_path: Path, line: tuple[str, MeterServerService]
) -> None:
    port, server = line
    tell(server, 1206.42, 800.40, 300.00, 100.02, 6.00)
    assert server.set_04(int(DataId.DATE), "26010104")
    assert server.set_04(int(DataId.TIME), "000100")
    state = run(tmp_path, port)
    assert result_of(state)["verdict"] == "PASS"
    told = state["positions"]["1"]["told"]
    assert (told["address"], told["meter_constant_imp_per_kWh"]) == (ADDRESS, "1200")
    assert told["clock"] == "2026-01-01T00:01:00"
    # The simulated bench has been at work since midnight for some seconds.
    assert 40.0 < float(told["clock_ahead_s"]) < 61.0


@pytest.mark.parametrize(
    ("change", "constant", "reason"),
    [
        ((ADDRESS, "000102030426"), "001200", "meter_address_differs"),
        ((f'address = "{ADDRESS}"', ""), "001200", "meter_address_differs"),  # M-1 is no address
        (("", ""), "001600", "declared_constant_differs"),
    ],
)
def test_another_meter_on_the_wire_is_refused(
    tmp_path: Path,
    line: tuple[str, MeterServerService],
    change: tuple[str, str],
    constant: str,
    reason: str,
) -> None:
    port, server = line
    tell(server, 1206.42, 800.40, 300.00, 100.02, 6.00)
    assert server.set_04(int(DataId.ACTIVE_CONSTANT), constant)
    shown = result_of(run(tmp_path, port, PLAN.replace(*change)))
    assert shown["verdict"] == "INVALID"
    assert [r["reason"] for r in shown["reasons"]] == [reason]


def test_a_meter_that_does_not_answer_is_invalid_and_named(tmp_path: Path) -> None:
    pair = PtyPair()
    try:
        state = run(tmp_path, pair.paths[0])
    finally:
        pair.close()
    assert state["positions"]["1"]["told"] is None
    assert "meter_silent" in {fault["reason"] for fault in state["faults"]}
    shown = result_of(state)
    assert shown["verdict"] == "INVALID"
    (reason,) = shown["reasons"]
    assert reason["reason"] == "meter_silent"
    assert f"meter {ADDRESS} at {pair.paths[0]}" in reason["values"]["detail"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('address = "000102030425"', 'address = "12"'), "12 digits"),
        (('meter_port = "dlt645"', 'meter_port = "none"'), "belong together"),
        (('parity = "N"', 'parity = "M"'), "parity"),
    ],
)
def test_a_serial_line_that_cannot_be_is_one_line(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = bench_text(tmp_path, "/dev/ttyUSB0").replace(*change)
    with pytest.raises(OperatorError, match=said) as refused:
        parse_config(text, "bench.toml")
    assert "\n" not in str(refused.value)


def test_meters_on_one_line_have_one_rate(tmp_path: Path) -> None:
    text = bench_text(tmp_path, "/dev/ttyUSB0")
    start, end = text.index("[[position]]"), text.index("[reference]")
    second = text[start:end].replace('name = "1"', 'name = "2"').replace("9600", "2400")
    second = second.replace(ADDRESS, "000102030426")
    config = parse_config(text[:end] + second + text[end:], "bench.toml")
    with pytest.raises(OperatorError, match="position 2: /dev/ttyUSB0 is used with other settings"):
        open_bench(config, lambda said: None)


@pytest.mark.parametrize(
    ("address", "said"), [(ADDRESS, "ask the same address"), ("", "each needs its address")]
)
def test_meters_on_one_line_are_told_apart(tmp_path: Path, address: str, said: str) -> None:
    text = bench_text(tmp_path, "/dev/ttyUSB0")
    start, end = text.index("[[position]]"), text.index("[reference]")
    second = text[start:end].replace('name = "1"', 'name = "2"').replace(ADDRESS, address)
    with pytest.raises(OperatorError, match=said):
        parse_config(text[:end] + second + text[end:], "bench.toml")


class PluggedInLater:
    """A port whose adapter is put back only after somebody has looked for it in vain."""

    def __init__(self, port: MeterPort, plug_in: Callable[[], None]) -> None:
        self._port = port
        self._plug_in = plug_in
        self.read_in_vain = 0

    def read(self) -> MeterReading:
        try:
            return self._port.read()
        except InstrumentError:
            self.read_in_vain += 1
            if self.read_in_vain == 2:  # when it was asked who it is, and by the first attempt of the test
                self._plug_in()
            raise

    def close(self) -> None:
        self._port.close()


def test_an_adapter_that_comes_back_is_found_by_the_next_attempt(
    tmp_path: Path, line: tuple[str, MeterServerService]
) -> None:
    """Unplugged, the attempt is INVALID with the port's name; plugged in again, the run goes on with the meter."""
    port, server = line
    tell(server, 1206.42, 800.40, 300.00, 100.02, 6.00)
    adapter = tmp_path / "adapter"
    text = bench_text(tmp_path, str(adapter))
    with open_bench(parse_config(text, "bench.toml"), lambda said: None) as bench:
        later = PluggedInLater(bench.equipment.meter_ports["1"], lambda: adapter.symlink_to(port))
        bench.equipment = dataclasses.replace(bench.equipment, meter_ports={"1": later})
        summary = bench.run(parse_plan(PLAN.replace("of_invalid = 0", "of_invalid = 1"), ["1"]))
    assert replay_run(tmp_path, summary.run_id).differences == ()
    assert later.read_in_vain == 2
    assert summary.results["1"]["0"]["verdict"] == "PASS"
    assert summary.results["1"]["0"]["attempts"] == 2
    told = [f["values"]["detail"] for f in summary.state["faults"] if f["reason"] == "meter_silent"]
    assert len(told) == 2
    assert all(f"meter {ADDRESS} at {adapter}" in detail for detail in told)
