"""What the scripts inside the virtual machine share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_LIMIT_S = 60.0


def wait_for(path: Path, process: subprocess.Popen[bytes], limit_s: float = START_LIMIT_S) -> None:
    """Until a file is there. Errors: RuntimeError when the process that should make it ends or is too slow."""
    end = time.monotonic() + limit_s
    while not path.exists():
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before {path} was there")
        if time.monotonic() > end:
            raise RuntimeError(f"no {path} after {limit_s} s")
        time.sleep(0.05)


@contextmanager
def running_rig(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The rig in a process of its own, ready; its words go to stderr."""
    process = subprocess.Popen([sys.executable, "-m", "tests.hil.rig", str(folder)], stdout=sys.stderr)
    try:
        wait_for(folder / "ready", process)
        yield process
    finally:
        process.terminate()
        process.wait(START_LIMIT_S)
