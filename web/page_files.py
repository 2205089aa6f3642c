"""The files that the web process is given, each where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFiles:
    """casework: of the service around the measurement; None for the live page alone. promises: a laboratory's own file
    of them (docs/casework.md); None for ours. metrics_token: what a collector of figures from elsewhere must know
    (docs/operation.md). https_certificate: of the proxy in front, to say how long it lasts. join_network: of the
    bench's own wireless network (`web/staff/own_network.py`).
    """

    casework: Path | None = None
    promises: Path | None = None
    metrics_token: Path | None = None
    https_certificate: Path | None = None
    join_network: Path | None = None


NO_FILES = PageFiles()
