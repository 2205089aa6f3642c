"""What the scripts inside the virtual machine share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LIMIT_S = 120.0


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[Any], what: str) -> None:
    """Until something is so. Errors: RuntimeError when the process that makes it so ends or is too slow."""
    end = time.monotonic() + LIMIT_S
    while not is_so():
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before {what}")
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {LIMIT_S:g} s")
        time.sleep(0.05)


def wait_for(path: Path, process: subprocess.Popen[Any]) -> None:
    """Until a file is there."""
    wait_until(path.exists, process, str(path))


@contextmanager
def running_rig(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The rig in a process of its own, ready; its words go to stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hil.rig", str(folder), *options], stdout=sys.stderr
    )
    try:
        wait_for(folder / "ready", process)
        yield process
    finally:
        process.terminate()
        process.wait(LIMIT_S)
