"""The boots of the virtual machine that the collected tests want."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
BOOT_LIMIT_S = 3600
"""Of the host's time: .ci/run lets all other suites go first."""
BOOTS_AT_A_TIME = 2
"""A guest that counts instructions is not disturbed by another one."""
INSTALLED = ("tests.hil.installed",)
Report = dict[str, Any]


@pytest.fixture(scope="session")
def machine() -> None:
    """The image of the virtual machine, built where it is missing or older than its recipe."""
    built = subprocess.run([HERE / "build"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr or built.stdout


@pytest.fixture(scope="session")
def prepared(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases that the installer has made under it, as for the card of a Pi."""
    folder = tmp_path_factory.mktemp("prepared")
    wheels = folder / "wheels"
    install: list[str | Path] = [
        REPOSITORY / "systemd" / "install",
        "--root",
        folder / "root",
        "--wheels",
        wheels,
    ]
    for command in ([REPOSITORY / "systemd" / "wheels", wheels], install, install):
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    return folder / "root"


def in_guest(command: Sequence[str | Path], *options: str) -> Report:
    """Boot the machine, run a command on this work tree, give the JSON object of its last line."""
    ran = subprocess.run(
        [HERE / "run", *options, "--timeout", str(BOOT_LIMIT_S), "--", *command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{") and line.endswith("}")]
    assert lines, ran.stdout[-4000:]
    report: Report = json.loads(lines[-1])
    return report


@pytest.fixture(scope="session")
def boots(machine: None, request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, ...], Future[Report]]]:
    """All boots of the tests that are to run, by module and arguments, begun at once."""
    with ThreadPoolExecutor(BOOTS_AT_A_TIME) as pool:
        markers = (item.get_closest_marker("guest") for item in request.session.items)
        wanted = dict.fromkeys(marker.args for marker in markers if marker is not None)
        begun = {
            arguments: pool.submit(in_guest, [sys.executable, "-m", *arguments])
            for arguments in wanted
            if arguments != INSTALLED
        }
        if INSTALLED in wanted:
            prepared: Path = request.getfixturevalue("prepared")
            # By the system's interpreter: of the bench only what is installed must be found.
            command: list[str | Path] = ["/usr/bin/python3", HERE / "installed.py", prepared]
            begun[INSTALLED] = pool.submit(in_guest, command, "--systemd")
        yield begun


@pytest.fixture
def report(boots: dict[tuple[str, ...], Future[Report]], request: pytest.FixtureRequest) -> Report:
    """What the boot of this test printed."""
    marker = request.node.get_closest_marker("guest")
    assert marker is not None, "the test is marked with what its guest runs"
    return boots[marker.args].result()
