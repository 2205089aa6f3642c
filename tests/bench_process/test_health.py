"""How the measuring process fares: figures of a run with faults, of this machine, and nothing of whose meter it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.control.client import ControlClient
from bench.ports import MachineState
from bench.service import BenchCommands, Service
from bench.service_health import health_of
from firmware_io.machine_sensors import MachineSensors
from tests.bench_process.support import METER, plan_of, virtual_bench

FAULTS = 'faults = ["lost_edge@15", "reference_silent@25+3"]'


class Machine:
    def __init__(self, state: MachineState) -> None:
        self.state = state

    def read(self) -> MachineState:
        return self.state


def test_a_run_with_faults_is_told_in_counts_and_without_its_meter(tmp_path: Path) -> None:
    with virtual_bench(tmp_path, FAULTS) as process:
        process.run(plan_of())
        health = BenchCommands(process).health()
    assert health["lines"]["1"]["edges"] > 100
    assert health["lines"]["1"]["lost"] >= 1
    assert health["reference"]["polls"] > 100
    assert set(health["reference"]["failed"]) == {"reference_silent"}
    journal = health["journal"]
    assert journal["commits"] >= 5
    assert float(journal["commits_s"]) >= float(journal["longest_commit_s"]) > 0
    assert (journal["refused"], journal["room"]) == (0, 10_000)
    assert not health["is_run_under_way"]
    assert float(health["disk"]["free_MB"]) > 0
    assert health["disk"]["needed_MB"] == "1"
    assert set(health["software"]["packages"]) == {"calibration", "firmware_io", "bench", "web"}
    assert "M-1" in METER
    assert "M-1" not in json.dumps(health)


@pytest.mark.parametrize(("state", "told"), [
    (MachineState(54.12, False), {"temperature_C": "54.1", "is_undervolted": False}),
    (MachineState(None, True), {"is_undervolted": True}),
    (MachineState(), {}),
])  # fmt: skip
def test_what_the_machine_does_not_know_is_left_out(
    tmp_path: Path, state: MachineState, told: dict[str, object]
) -> None:
    with virtual_bench(tmp_path) as process:
        process.equipment = replace(process.equipment, machine=Machine(state))
        assert health_of(process, is_run_under_way=False)["machine"] == told


def test_any_peer_of_the_socket_may_ask(tmp_path: Path) -> None:
    with (
        virtual_bench(tmp_path) as process,
        Service(process),
        ControlClient(process.config.socket_path) as client,
    ):
        told = client.health()
    assert told["loops"] == {}, "virtual time has no thread for a loop"
    assert told["silent"] == []


def chip(sysfs: Path, number: int, name: str, **files: str) -> None:
    folder = sysfs / "class/hwmon" / f"hwmon{number}"
    folder.mkdir(parents=True)
    (folder / "name").write_text(name + "\n")
    for file, text in files.items():
        (folder / file).write_text(text)


@pytest.mark.parametrize(("alarm", "is_undervolted"), [("0\n", False), ("1\n", True), ("", None)])
def test_the_kernel_tells_temperature_and_undervoltage(
    tmp_path: Path, alarm: str, is_undervolted: bool | None
) -> None:
    chip(tmp_path, 0, "cpu_thermal", temp1_input="61322\n")
    chip(tmp_path, 1, "rpi_volt", in0_lcrit_alarm=alarm)
    assert MachineSensors(tmp_path).read() == MachineState(61.322, is_undervolted)


def test_another_machine_does_not_know(tmp_path: Path) -> None:
    chip(tmp_path, 0, "acpitz", temp1_input="20000\n")
    assert MachineSensors(tmp_path).read() == MachineState()
