"""How the measuring process fares: figures of a run with faults, of this machine, and nothing of whose meter it is."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.app import replay_run
from bench.commands.cli import cli
from bench.control.client import ControlClient
from bench.ports import MachineState
from bench.records.journal_reading import JournalReader
from bench.replay.recorded_run import recorded_state
from bench.service import BenchCommands, Service
from bench.service_health import process_health
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
        assert process_health(process, is_run_under_way=False)["machine"] == told


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


class Sequence:
    """A computer that says one thing after another, then the last one for ever."""

    def __init__(self, *states: MachineState) -> None:
        self._states = list(states)

    def read(self) -> MachineState:
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]


def machine_records(folder: Path, run_id: str) -> list[dict[str, object]]:
    journal = JournalReader(folder)
    try:
        return [r.fields() for r in journal.run(run_id) if r.kind == "machine_read"]
    finally:
        journal.close()


def test_undervoltage_is_in_the_record_at_once_and_a_replay_does_without_it(tmp_path: Path) -> None:
    good, low = MachineState(51.04, False), MachineState(53.0, True)
    with virtual_bench(tmp_path) as process:
        process.equipment = replace(process.equipment, machine=Sequence(good, good, low, low, good))
        summary = process.run(plan_of())
    kept = machine_records(tmp_path, summary.run_id)
    assert [r["is_undervolted"] for r in kept[:3]] == [False, True, False]
    assert kept[0]["temperature_C"] == "51.04"
    changed_s = (kept[2]["at_ns"] - kept[1]["at_ns"]) / 1e9  # type: ignore[operator]
    assert 1 <= changed_s <= 10, "a change is not waited for a minute"
    later = [r["at_ns"] for r in kept[2:]]
    assert all(b - a >= 60e9 for a, b in pairwise(later))  # type: ignore[operator]
    expected = {
        "temperature_C": "51.0", "highest_C": "53.0", "is_undervolted": False, "was_undervolted": True,
    }  # fmt: skip
    assert summary.state["machine"] == expected
    assert replay_run(tmp_path, summary.run_id).differences == ()
    journal = JournalReader(tmp_path)
    try:
        assert recorded_state(journal, journal.run(summary.run_id))["machine"] == expected
    finally:
        journal.close()
    shown = CliRunner().invoke(cli, ["show", summary.run_id, "--state-dir", str(tmp_path), "--lang", "en"])
    assert "supply was too low" in " ".join(shown.output.split())


def test_a_computer_that_tells_nothing_writes_nothing(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        process.equipment = replace(process.equipment, machine=Sequence(MachineState()))
        summary = process.run(plan_of())
    assert machine_records(tmp_path, summary.run_id) == []
    assert summary.state["machine"] is None
