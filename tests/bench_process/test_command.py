"""The `bench` command as a process: exit status, one line on stderr, one object on stdout, and kill -9."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bench.app import replay_run
from bench.clock import SystemClock
from bench.control.client import ControlClient
from firmware_io.edge_records import RECORD_BYTES, parse_records
from tests.bench_process.support import BENCH, PLAN, open_journal

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from bench.commands.cli import main; main()"]


def bench(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8"}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )


def started(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8"}
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def station(tmp_path: Path) -> Path:
    (tmp_path / "bench.toml").write_text(BENCH.format(state_dir="state", simulation=""))
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


def test_run_prints_one_object_and_passes_a_good_meter(station: Path) -> None:
    done = bench("run", "plan.toml", "--json", cwd=station)
    assert done.returncode == 0, done.stderr
    whole = json.loads(done.stdout)
    assert whole["verdict"] == "PASS"
    assert whole["kind"] == "simulated"
    (point,) = whole["points"]
    expected = {
        "position",
        "serial",
        "item",
        "load_point",
        "percentage_error_pct",
        "rounded_pct",
        "expanded_uncertainty_pct",
        "mpe_pct",
        "estimator",
        "verdict",
        "reason",
        "reasons",
        "remarks",
        "true_error_pct",
        "figures",
    }
    assert set(point) == expected
    assert (point["reason"], point["reasons"]) == (None, [])
    assert [remark["reason"] for remark in point["remarks"]] == ["repeatability_unknown"]
    assert all(
        isinstance(point[key], str)
        for key in expected - {"reason", "reasons", "remarks", "rounded_pct", "figures"}
    )


def test_a_bad_meter_ends_with_3_and_an_invalid_run_with_4(station: Path) -> None:
    config = BENCH.format(state_dir="state", simulation="")
    (station / "bad.toml").write_text(
        config.replace("simulated_error_pct = 0.4", "simulated_error_pct = 1.37")
    )
    assert bench("run", "plan.toml", "--config", "bad.toml", cwd=station).returncode == 3
    (station / "trips.toml").write_text(config + 'faults = ["load_trips@0#1", "load_trips@0#2"]\n')
    assert bench("run", "plan.toml", "--config", "trips.toml", cwd=station).returncode == 4


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ("timeout_s", "time_out_s", 2, "did you mean 'timeout_s'?"),
        ('profile = "demo-reference"', 'profile = "fluke"', 2, "unknown reference profile 'fluke'"),
        ('state_dir = "state"', 'state_dir = "/proc/nowhere"', 2, "state_dir"),
    ],
)
def test_wrong_configuration_is_one_line_and_2(
    station: Path, old: str, new: str, status: int, said: str
) -> None:
    text = BENCH.format(state_dir="state", simulation="")
    assert old in text
    (station / "bench.toml").write_text(text.replace(old, new))
    done = bench("run", "plan.toml", cwd=station)
    assert done.returncode == status
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


REAL = """
[[position]]
name = "1"
driver = "{driver}"
line = "17"
chip = "no-such-chip"
path = "no-such-file"

[reference]
driver = "modbus"
profile = "janitza-umg604"
host = "127.0.0.1"
port = {port}

[reference.card]
model = "x"
serial = "x"
accuracy_class_pct = 0.2
energy_step_Wh = 1.0
refresh_s = 0.2
power_step_W = 0.1

[load_source]
driver = "manual"

[panel]
driver = "gpiozero"
start_button = "GPIO13"
"""


def test_an_unreachable_reference_is_one_line_and_5(station: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody can take the port, nobody answers
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (station / "bench.toml").write_text(REAL.format(driver="file", port=port))
        done = bench("run", "plan.toml", cwd=station)
    assert done.returncode == 5
    assert f"127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_in_use_is_one_line_and_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = bench("demo", "--port", port, "--speed", "0", "--exit-when-done", cwd=tmp_path)
    assert done.returncode == 2
    assert port in done.stderr
    assert "did not start: cannot serve pages" in done.stderr, "what it says, not a line of the log"
    assert done.stderr.count("\n") == 1


def slow(station: Path) -> None:
    """The same bench at real speed with a long window: something to interrupt."""
    text = BENCH.format(state_dir="state", simulation="").replace("speed = 0", "speed = 1")
    text = text.replace("publish_period_s = 2.0", "publish_period_s = 0.2")
    (station / "bench.toml").write_text(
        text.replace("evaluation_period_s = 5.0", "evaluation_period_s = 1.0")
    )
    (station / "plan.toml").write_text(PLAN.replace("minimum_time_s = 20.0", "minimum_time_s = 60.0"))


def wait_for_pulses(socket_path: Path, process: subprocess.Popen[str], wanted: int) -> None:
    """Subscribe until the run has counted so many pulses."""
    assert process.stderr is not None
    assert "Listening" in process.stderr.readline()
    with ControlClient(socket_path, timeout_s=30) as client:
        client.start((socket_path.parent.parent / "plan.toml").read_text())
    with ControlClient(socket_path, timeout_s=30) as client:
        for message in client.subscribe():
            patch = message.get("patch", {})
            if patch.get("positions", {}).get("1", {}).get("pulses", 0) >= wanted:
                return


def test_kill_9_leaves_an_interrupted_run_with_its_raw_data(station: Path) -> None:
    slow(station)
    process = started("serve", cwd=station)
    try:
        wait_for_pulses(station / "state" / "bench.sock", process, 8)
    finally:
        process.kill()
        process.communicate()
    again = started("serve", cwd=station)
    try:
        assert again.stderr is not None
        assert "Listening" in again.stderr.readline()
        assert "bench start PLAN.toml --resume run-000001 --config bench.toml" in again.stderr.readline()
    finally:
        again.kill()
        again.communicate()
    journal = open_journal(station / "state", SystemClock().state())
    kinds = [record.kind for record in journal.run("run-000001")]
    last = journal.run("run-000001")[-1].fields()
    journal.close()
    assert kinds[0] == "run_started"
    assert kinds[-1] == "interrupted"
    written = (station / "state" / "runs" / "run-000001" / "edges-1.bin").read_bytes()
    raw = parse_records(written[: len(written) // RECORD_BYTES * RECORD_BYTES])
    # 13.2 kW at 1,200 imp/kWh is 4.4 pulses a second: at most the last second is missing.
    assert (raw.kind == 1).sum() >= 8 - 5
    assert last["raw_files"]["edges-1.bin"]["bytes"] >= 48 * len(raw)
    assert replay_run(station / "state", "run-000001").was_interrupted


def test_sigterm_ends_the_run_in_order(station: Path) -> None:
    slow(station)
    process = started("serve", cwd=station)
    try:
        wait_for_pulses(station / "state" / "bench.sock", process, 2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    journal = open_journal(station / "state", SystemClock().state())
    end = journal.run("run-000001")[-1].fields()
    journal.close()
    assert (end["kind"], end["verdict"]) == ("run_ended", "INVALID")
    assert end["findings"][0]["reason"] == "stopped_by_operator"


def test_a_run_is_started_and_stopped_from_the_command_line(station: Path) -> None:
    slow(station)
    process = started("serve", cwd=station)
    try:
        assert process.stderr is not None
        assert "start a run: bench start PLAN.toml --config bench.toml" in process.stderr.readline()
        begun = bench("start", "plan.toml", "--json", cwd=station)
        assert json.loads(begun.stdout) == {"run": "run-000001"}
        busy = bench("start", "plan.toml", cwd=station)  # one run at a time
        assert busy.returncode == 2
        assert "a run is under way" in busy.stderr
        assert "正在检定；请等它结束" in busy.stderr
        stopped = bench("stop", "--lang", "zh", cwd=station)
        assert (stopped.returncode, stopped.stderr) == (0, "测量结束, 负载正在断开\n")
        while bench("stop", cwd=station).returncode == 0:
            pass
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    refused = bench("stop", cwd=station)
    assert refused.returncode == 2
    assert "start bench serve" in refused.stderr
    assert "请先启动 bench serve" in refused.stderr


@pytest.mark.parametrize("command", ["run", "start"])
def test_a_plan_that_is_wrong_refuses_the_run_in_both_languages(station: Path, command: str) -> None:
    (station / "plan.toml").write_text(PLAN.replace("minimum_time_s", "minimum_tim_s"))
    refused = bench(command, "plan.toml", cwd=station)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "did you mean 'minimum_time_s'?" in refused.stderr
    assert "检定方案 plan.toml 有误，没有开始检定" in refused.stderr


def test_replay_of_the_command_line_says_how_many_figures_differ(station: Path) -> None:
    assert bench("run", "plan.toml", cwd=station).returncode == 0
    done = bench("replay", "run-000001", "--json", cwd=station)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["differences"] == []


def test_a_run_without_an_end_is_told_so_and_no_figure_differs(station: Path) -> None:
    assert bench("run", "plan.toml", cwd=station).returncode == 0
    database = sqlite3.connect(station / "state" / "journal.sqlite")
    with database:
        for table, condition in (("record", "kind = 'run_ended'"), ("checkpoint", "size > 0")):
            database.execute(f"DROP TRIGGER {table}_is_never_removed")
            database.execute(f"DELETE FROM {table} WHERE {condition}")
    database.close()
    done = bench("replay", "1", cwd=station)
    first, second = done.stderr.splitlines()
    assert first == "run-000001: 1 result, 0 figures differ"
    assert second.startswith("it has no end in the journal: it is under way")
    assert done.returncode == 4


def test_a_missing_configuration_says_how_to_name_another(tmp_path: Path) -> None:
    done = bench("runs", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "bench: bench.toml: there is no such file; give --config PATH, the configuration of the bench\n"
    )


def test_check_agrees_with_a_true_card(station: Path) -> None:
    done = bench("check", "--current", "10", "--json", cwd=station)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["agrees"] is True
    assert {c["setting"] for c in found["reference"]["comparisons"]} >= {
        "energy_step_Wh",
        "refresh_s",
        "power_lag_s",
    }


def test_help_is_there_for_every_command(tmp_path: Path) -> None:
    done = bench("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("demo", "run", "serve", "start", "stop", "answer", "web", "check", "replay", "plan"):
        assert command in done.stdout
