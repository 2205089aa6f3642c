"""The walls between the folders hold: each contract in pyproject.toml fails when somebody crosses it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("calibration", "firmware_io", "bench", "web")
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
SCRIPTS = Path(sysconfig.get_path("scripts"))
LINT_IMPORTS = SCRIPTS / "lint-imports"
RUFF = SCRIPTS / "ruff"

Crossing = tuple[str, str, str]
"""The id of a contract, a file, and a line that must not stand in it."""

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
    ("appliance", "bench/appliance/crossing.py", "from bench.configuration.config import load_config"),
    ("terminal", "bench/appliance/crossing.py", "import click"),
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
    ("terminal", "bench/crossing.py", "import click"),
    ("terminal", "bench/run/crossing.py", "import click"),
    ("terminal", "web/crossing.py", "import rich"),
    ("terminal", "web/customer/crossing.py", "import rich"),
    ("web", "web/crossing.py", "from bench.records.journal import Journal"),
    ("web", "web/customer/crossing.py", "from bench.run.runner import Runner"),
    ("web", "web/crossing.py", "import sqlite3"),
    ("web", "web/crossing.py", "from firmware_io import modbus_reference"),
]

SPOILT = [
    *(
        ("reference-reads", f"firmware_io/{module}.py", "from firmware_io import modbus_writes")
        for module in ("modbus_reference", "reference_search", "modbus_frames", "modbus_link", "exchanges")
    ),
    *(
        ("codecs", f"firmware_io/{module}.py", line)
        for module in ("dlt645", "iec62056_21", "edge_records", "registers", "modbus_frames", "source_values")
        for line in ("import os", "from firmware_io.exchanges import Link")
    ),
    ("codecs", "firmware_io/line_source_templates.py", "import socket"),
    ("codecs", "firmware_io/register_blocks.py", "from pathlib import Path"),
    ("codecs", "firmware_io/recording.py", "import threading"),
    ("drivers", "firmware_io/modbus_reference.py", "from firmware_io import modbus_source"),
    ("drivers", "firmware_io/recorded_edges.py", "from firmware_io.gpio_edges import GpioLine"),
    ("drivers", "firmware_io/mode_c_port.py", "from firmware_io import dlt645_port"),
]
"""Contracts about what one module of firmware_io/ may know."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A checkout with every crossing in it, each in a line of its own. broken: what is said of each contract, by id."""

    lines: Mapping[Crossing, tuple[str, int]]
    broken: Mapping[str, str]

    def is_found(self, crossing: Crossing) -> bool:
        """Whether this very line is what its contract complains of."""
        module, line = self.lines[crossing]
        return bool(re.search(rf"\b{re.escape(module)} -> [\w.]+ \(l\.{line}\)", self.broken[crossing[0]]))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages and their contracts that may be spoilt."""
    folder = tmp_path_factory.mktemp("checkout")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def crossed(checkout: Path) -> Crossed:
    """All crossings at once: the linter takes half a second to look at one, and no more for all of them."""
    lines = {}
    for number, crossing in enumerate([*CROSSINGS, *SPOILT]):
        _, file, line = crossing
        path = checkout / file.replace("crossing", f"crossing_{number}")
        as_it_is = path.read_text("utf-8") if path.exists() else ""
        path.write_text(f"{as_it_is}{line}\n", encoding="utf-8")
        module = ".".join(path.relative_to(checkout).with_suffix("").parts)
        lines[crossing] = module, as_it_is.count("\n") + 1
    found = lint(checkout)
    assert found.returncode == 1, found.stdout + found.stderr
    return Crossed(lines, _sections(found.stdout))


def _sections(said: str) -> dict[str, str]:
    """What is said of each broken contract, by its id."""
    ids = {contract["name"]: contract["id"] for contract in TOOLS["importlinter"]["contracts"]}
    sections: dict[str, str] = defaultdict(str)
    at = ""
    for line in said.partition("Broken contracts")[2].splitlines():
        at = ids.get(line, at)
        sections[at] += f"{line}\n"
    return sections


def lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT_IMPORTS), "--no-logo", "--no-cache"],
        cwd=checkout,
        env={**os.environ, "COLUMNS": "1000"},  # no name is broken over two lines
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_types_are_looked_at_in_all_of_it() -> None:
    assert tuple(TOOLS["mypy"]["packages"]) == PACKAGES


def test_the_code_as_it_is_crosses_no_wall() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("crossing", CROSSINGS, ids=[f"{c}: {x}" for c, _, x in CROSSINGS])
def test_a_crossed_wall_breaks_its_contract(crossed: Crossed, crossing: Crossing) -> None:
    assert crossed.is_found(crossing), crossed.broken[crossing[0]]


@pytest.mark.parametrize("crossing", SPOILT, ids=[f"{c}: {m}: {x}" for c, m, x in SPOILT])
def test_a_module_that_learns_what_it_must_not_know_breaks_its_contract(
    crossed: Crossed, crossing: Crossing
) -> None:
    assert crossed.is_found(crossing), crossed.broken[crossing[0]]


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
