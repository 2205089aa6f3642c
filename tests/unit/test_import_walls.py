"""The walls between the folders hold: each contract in pyproject.toml fails when somebody crosses it."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("calibration", "firmware_io", "bench", "web")
SCRIPTS = Path(sysconfig.get_path("scripts"))
LINT_IMPORTS = SCRIPTS / "lint-imports"
RUFF = SCRIPTS / "ruff"

CROSSINGS = [
    ("pure", "calibration/crossing.py", "import time"),
    ("pure", "calibration/crossing.py", "from datetime import datetime"),
    ("pure", "calibration/crossing.py", "import logging"),
    ("pure", "calibration/crossing.py", "import sqlite3"),
    ("pure", "calibration/crossing.py", "from bench.ports import Clock"),
    ("wires", "firmware_io/crossing.py", "from bench.run.runner import Runner"),
    ("wires", "firmware_io/crossing.py", "import sqlite3"),
    ("wires", "firmware_io/crossing.py", "from bench.configuration.config import Config"),
    ("doors", "firmware_io/crossing.py", "import serial"),
    ("doors", "firmware_io/crossing.py", "import socket"),
    ("doors", "firmware_io/crossing.py", "from pymodbus.client import ModbusTcpClient"),
    ("doors", "firmware_io/crossing.py", "import gpiod"),
    ("composition-root", "bench/crossing.py", "from firmware_io import gpio_edges"),
    ("composition-root", "bench/crossing.py", "from bench.sim.study import simulate_run"),
    ("composition-root", "bench/methods/crossing.py", "from bench.sim import plant"),
    ("composition-root", "bench/crossing.py", "import flask"),
    ("rooms", "bench/plans/crossing.py", "from bench.methods import steps"),
    ("rooms", "bench/run/crossing.py", "from bench.replay import resume"),
    ("rooms", "bench/registry/crossing.py", "from bench.terminal import cli_options"),
    ("rooms", "bench/admin/crossing.py", "from bench import calc"),
    ("time", "bench/run/crossing.py", "import time"),
    ("time", "firmware_io/crossing.py", "import time"),
    ("database", "bench/run/crossing.py", "import sqlite3"),
    ("database", "bench/crossing.py", "import sqlite3"),
    ("database", "bench/registry/crossing.py", "import sqlite3"),
    ("database", "bench/records/crossing.py", "import sqlite3"),
    ("journal", "bench/crossing.py", "from bench.records.journal import Journal"),
    ("journal", "bench/records/crossing.py", "from bench.records import journal"),
    ("methods", "bench/methods/crossing.py", "import threading"),
    ("methods", "bench/before_run/crossing.py", "from bench.clock import SystemClock"),
    ("terminal", "bench/run/crossing.py", "import click"),
    ("terminal", "web/customer/crossing.py", "import rich"),
    ("web", "web/crossing.py", "from bench.records.journal import Journal"),
    ("web", "web/customer/crossing.py", "from bench.run.runner import Runner"),
    ("web", "web/crossing.py", "import sqlite3"),
    ("web", "web/crossing.py", "from firmware_io import modbus_reference"),
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages and their contracts that may be spoilt."""
    folder = tmp_path_factory.mktemp("checkout")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT_IMPORTS), "--no-logo", "--no-cache", *options],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_code_as_it_is_crosses_no_wall(checkout: Path) -> None:
    found = lint(checkout)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("contract", "module", "line"), CROSSINGS, ids=[f"{c}: {x}" for c, _, x in CROSSINGS]
)
def test_a_crossed_wall_breaks_its_contract(checkout: Path, contract: str, module: str, line: str) -> None:
    crossing = checkout / module
    crossing.write_text(line + "\n", encoding="utf-8")
    try:
        found = lint(checkout, "--contract", contract)
    finally:
        crossing.unlink()
    assert found.returncode == 1, found.stdout + found.stderr
    assert "crossing" in found.stdout


SPOILT = [
    *(
        ("reference-reads", module, "from firmware_io import modbus_writes")
        for module in ("modbus_reference", "reference_search", "modbus_frames", "modbus_link", "exchanges")
    ),
    *(
        ("codecs", module, line)
        for module in ("dlt645", "iec62056_21", "edge_records", "registers", "modbus_frames", "source_values")
        for line in ("import os", "from firmware_io.exchanges import Link")
    ),
    ("codecs", "line_source_templates", "import socket"),
    ("codecs", "register_blocks", "from pathlib import Path"),
    ("codecs", "recording", "import threading"),
    ("drivers", "modbus_reference", "from firmware_io import modbus_source"),
    ("drivers", "recorded_edges", "from firmware_io.gpio_edges import GpioLine"),
    ("drivers", "mode_c_port", "from firmware_io import dlt645_port"),
]
"""Contracts about what one module of firmware_io/ may know."""


@pytest.mark.parametrize(("contract", "module", "line"), SPOILT, ids=[f"{c}: {m}: {x}" for c, m, x in SPOILT])
def test_a_module_that_learns_what_it_must_not_know_breaks_its_contract(
    checkout: Path, contract: str, module: str, line: str
) -> None:
    spoilt = checkout / "firmware_io" / f"{module}.py"
    as_it_is = spoilt.read_text("utf-8")
    spoilt.write_text(f"{as_it_is}{line}\n", encoding="utf-8")
    try:
        found = lint(checkout, "--contract", contract)
    finally:
        spoilt.write_text(as_it_is, encoding="utf-8")
    assert found.returncode == 1, found.stdout + found.stderr
    assert module in found.stdout


@pytest.mark.parametrize("call", ["datetime.datetime.now(datetime.UTC)", "datetime.date.today()"])
@pytest.mark.parametrize("folder", ["bench/run", "firmware_io", "calibration", "web"])
def test_wall_time_is_read_by_the_clock_alone(folder: str, call: str) -> None:
    ran = subprocess.run(
        [str(RUFF), "check", "--select", "TID251", "--stdin-filename", f"{folder}/crossing.py", "-"],
        cwd=ROOT,
        input=f"import datetime\n\nNOW = {call}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "ask the bench clock" in ran.stdout
