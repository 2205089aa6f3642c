"""The whole check with suites that only say that they ran: what stands where, and that nothing is left out unseen."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).parents[2] / ".ci"

DEV = """#!/usr/bin/env bash
for option; do case $option in --junitxml=*) report=${{option#*=}} ;; esac; done
echo "$1 begins"
[ -z "${{DEV_PYTHON:-}}" ] || echo "with $DEV_PYTHON"
case $1 in hil) {hil} ;; browser) {browser} ;; esac
[ -z "${{report:-}}" ] || echo '<testsuite tests="3" failures="0" errors="0" skipped="0"/>' >"$report"
echo "$1 ends"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A work tree of nothing but the check, beside a folder `shared`."""
    repository = tmp_path / "repository"
    shutil.copytree(CI, repository / ".ci")
    (tmp_path / "shared").mkdir()
    for needed in ("tests/browser/install", "tests/hil/build"):
        program(repository / needed, "#!/bin/sh\n")
    return repository


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def checked(checkout: Path, *, hil: str = "true", browser: str = "true") -> tuple[int, list[str]]:
    """With suites that do this. Gives the exit status and what was printed."""
    program(checkout / "dev", DEV.format(hil=hil, browser=browser))
    done = subprocess.run(
        [checkout / ".ci/run"], cwd=checkout, stdout=subprocess.PIPE, text=True, check=False, timeout=60,
        env=os.environ | {"PYENV_ROOT": str(checkout / "pythons"), "DEV_PYTHON": ""},
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def test_the_total_is_the_last_line_and_what_the_virtual_machine_says_stands_together(checkout: Path) -> None:
    status, said = checked(checkout)
    assert status == 0
    assert said[-1] == "14 passed, 0 failed"  # three suites of three tests, five commands
    at = said.index("== hil")
    assert said[at : at + 3] == ["== hil", "hil begins", "hil ends"]
    assert said.index("browser ends") < at


def test_the_newest_python_beside_has_its_own_tests(checkout: Path) -> None:
    for version in ("3.12.10", "3.13.2"):
        program(checkout / f"pythons/versions/{version}/bin/python3", "#!/bin/sh\n")
    status, said = checked(checkout)
    assert (status, said[-1]) == (0, "17 passed, 0 failed")
    at = said.index("== newer-python")
    assert said[at + 2] == f"with {checkout}/pythons/versions/3.13.2/bin/python3"


def test_the_virtual_machine_runs_beside_the_browser(checkout: Path) -> None:
    """Each waits at a pipe for the other."""
    os.mkfifo(checkout / "met")
    assert checked(checkout, hil="echo here >met", browser="read -r _ <met")[0] == 0


@pytest.mark.parametrize("end", ["exit 3", "kill -KILL $PPID; exit"])
def test_a_virtual_machine_that_ends_badly_or_without_a_word_is_a_failure(checkout: Path, end: str) -> None:
    status, said = checked(checkout, hil=end)
    assert status == 1
    assert said[-1] == "11 passed, 1 failed"
