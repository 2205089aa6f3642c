"""The boots of the virtual machine that the collected tests want."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.hil.boot import BEGINS, ENDS

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
BOOT_LIMIT_S = 3600
"""Of the host's time: .ci/run has all other suites beside it."""
INSTALLED = "tests.hil.installed"
Report = dict[str, Any]


@pytest.fixture(scope="session")
def machine() -> None:
    """The image of the virtual machine, built where it is missing or older than its recipe."""
    built = subprocess.run([HERE / "build"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr or built.stdout


@pytest.fixture(scope="session")
def prepared(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder under which the installer has made a release, as for the card of a Pi; and one from before it."""
    folder = tmp_path_factory.mktemp("prepared")
    wheels, root = folder / "wheels", folder / "root"
    systemd = REPOSITORY / "systemd"
    commands: list[list[str | Path]] = [
        [systemd / "wheels", wheels],
        [systemd / "install", "--root", root, "--wheels", wheels],
    ]
    for command in commands:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    (newer,) = (root / "opt/meter-test-bench/releases").iterdir()
    older = newer.with_name("0-before")
    # Linked, not copied: what a guest has read, and translated, of the one it need not for the other.
    shutil.copytree(newer, older, symlinks=True, copy_function=os.link)
    for script in (older / "bin").iterdir():
        if not script.is_symlink() and newer.name in (text := script.read_text()):
            script.unlink()
            script.write_text(text.replace(newer.name, older.name))
            script.chmod(0o755)
    return root


def in_guest(command: Sequence[str | Path], *options: str) -> str:
    """Boot the machine, run a command on this work tree, give what it printed."""
    ran = subprocess.run(
        [HERE / "run", *options, "--timeout", str(BOOT_LIMIT_S), "--", *command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    return ran.stdout


def last_object(printed: str) -> Report:
    """The JSON object of the last line that is one."""
    lines = [line for line in printed.splitlines() if line.startswith("{") and line.endswith("}")]
    assert lines, printed[-4000:]
    report: Report = json.loads(lines[-1])
    return report


def of_script(printed: str, script: str) -> Report:
    """What one of the scripts of a boot has reported."""
    _, begins, rest = printed.partition(f"{BEGINS} {script}\n")
    own, ends, after = rest.partition(f"{ENDS} {script} ")
    assert begins, printed[-4000:]
    assert ends, own[-4000:]
    assert after.startswith("0\n"), own[-4000:]
    return last_object(own)


@pytest.fixture(scope="session")
def boots(machine: None, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[str]]]:
    """What the boots print that the tests want: one under systemd, one for all other scripts. Begun at once."""
    with ThreadPoolExecutor(2) as pool:
        markers = (item.get_closest_marker("guest") for item in request.session.items)
        wanted = list(dict.fromkeys(" ".join(marker.args) for marker in markers if marker is not None))
        scripts = [script for script in wanted if script != INSTALLED]
        begun = {}
        if scripts:
            all_in_one = pool.submit(in_guest, [sys.executable, "-m", "tests.hil.boot", *scripts])
            begun = dict.fromkeys(scripts, all_in_one)
        if INSTALLED in wanted:
            prepared: Path = request.getfixturevalue("prepared")
            # By the system's interpreter: of the bench only what is installed must be found.
            command: list[str | Path] = ["/usr/bin/python3", HERE / "installed.py", prepared]
            begun[INSTALLED] = pool.submit(in_guest, command, "--systemd")
        yield begun


@pytest.fixture
def report(boots: dict[str, Future[str]], request: pytest.FixtureRequest) -> Report:
    """What the script of this test has reported."""
    marker = request.node.get_closest_marker("guest")
    assert marker is not None, "the test is marked with what its guest runs"
    script = " ".join(marker.args)
    printed = boots[script].result()
    return last_object(printed) if script == INSTALLED else of_script(printed, script)
