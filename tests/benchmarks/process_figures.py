"""What a process takes, as the kernel counts it: processor time and memory."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

MOST_MB = 200.0
"""That both processes of a bench are to take together."""
_KB_A_MB, _BYTES_A_MB = 1024.0, 1024.0 * 1024.0


def cpu_s(pid: int) -> float:
    """Processor time that it has taken. Errors: OSError where there is none."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_during(seconds: float, pids: Mapping[str, int]) -> dict[str, float]:
    """Waits for so long; part of a core that each process took meanwhile."""
    before, since_s = {name: cpu_s(pid) for name, pid in pids.items()}, time.monotonic()
    time.sleep(seconds)
    lasted_s = time.monotonic() - since_s
    return {name: (cpu_s(pid) - before[name]) / lasted_s for name, pid in pids.items()}


def pss_MB(pid: int) -> float:
    """Proportional set size: what pages are shared is counted by its part. It grows when another process ends."""
    return _rolled_up_MB(pid, "Pss:")


def own_MB(pid: int) -> float:
    """Anonymous memory: what a process has written itself, whoever else is there."""
    return _rolled_up_MB(pid, "Anonymous:")


def _rolled_up_MB(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / _KB_A_MB
    raise ValueError(pid)


def rss_MB(pid: int) -> float:
    """Resident set size: what pages are shared is counted in full."""
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return resident * os.sysconf("SC_PAGE_SIZE") / _BYTES_A_MB
