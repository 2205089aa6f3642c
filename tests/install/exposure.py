"""How closed a unit is, as `systemd-analyze security` says it of a file: 0 is closed, 10 is open to all."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

MOST_EXPOSED = {
    "bench.service": 2.0,
    "bench-web.service": 1.5,
    "bench-https.service": 1.5,
    "bench-backup.service": 1.5,
    "bench-retention.service": 1.0,
}
"""The most that may be said of each unit."""
_SAID = re.compile(r"Overall exposure level for \S+: ([0-9.]+)")


def exposure(unit: Path) -> float:
    """Errors: FileNotFoundError where there is no systemd-analyze; AssertionError with what it says instead."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = _SAID.search(ran.stdout)
    assert found is not None, ran.stdout + ran.stderr
    return float(found[1])
