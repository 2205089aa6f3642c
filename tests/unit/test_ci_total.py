"""The total of the whole check: nothing that failed, or never ran, may be added up to a success."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOTAL = Path(__file__).parents[2] / ".ci/total.py"


def total(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(TOTAL), str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.splitlines()[-1]


def write(
    folder: Path, name: str, status: int, *, tests: int = 0, failures: int = 0, skipped: int = 0
) -> None:
    (folder / f"{name}.status").write_text(f"{status}\n")
    if tests:
        counts = f'tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"'
        report = f"<testsuites><testsuite {counts}/></testsuites>"
        (folder / f"{name}.xml").write_text(report)


def test_all_suites_are_added_up_and_skips_are_not_passes(tmp_path: Path) -> None:
    write(tmp_path, "test", 0, tests=10, skipped=1)
    write(tmp_path, "shared", 0, tests=5)
    write(tmp_path, "lint", 0)
    assert total(tmp_path) == (0, "15 passed, 0 failed")


@pytest.mark.parametrize("status", [1, 5, 127])
def test_a_suite_that_never_ran_is_a_failure(tmp_path: Path, status: int) -> None:
    write(tmp_path, "test", 0, tests=10)
    write(tmp_path, "hil", status)
    assert total(tmp_path) == (1, "10 passed, 1 failed")


def test_a_failed_test_fails_the_whole(tmp_path: Path) -> None:
    write(tmp_path, "test", 1, tests=10, failures=2)
    assert total(tmp_path) == (1, "8 passed, 2 failed")


def test_a_suite_that_passed_but_ended_badly_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path, "test", 3, tests=10)
    assert total(tmp_path) == (1, "10 passed, 1 failed")


def test_nothing_at_all_is_no_success(tmp_path: Path) -> None:
    assert total(tmp_path) == (1, "0 passed, 0 failed")
