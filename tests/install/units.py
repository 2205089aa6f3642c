"""The units that are shipped, read as systemd reads them."""

from __future__ import annotations

from pathlib import Path

SYSTEMD = Path(__file__).parents[2] / "systemd"


def settings_in(*files: Path) -> list[tuple[str, str]]:
    """Of a unit and what stands beside it, in their order."""
    lines = [line for path in files for line in path.read_text().splitlines() if line[:1].isalpha()]
    return [(key, value) for line in lines for key, _, value in [line.partition("=")]]


def settings(unit: str) -> list[tuple[str, str]]:
    return settings_in(SYSTEMD / unit)
