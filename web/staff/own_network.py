"""The bench's own wireless network, for a customer whose telephone is not on it yet.

Its file is written by `bench network access-point`: a line with the name, one with the password. Where there is none,
customers are on a network already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """As people type it."""

    name: str
    password: str

    def code(self) -> str:
        """What a QR code says so that a telephone joins."""
        name, password = (re.sub(r'([\\;,:"])', r"\\\1", part) for part in (self.name, self.password))
        return f"WIFI:T:WPA;S:{name};P:{password};;"


def own_network(path: Path | None) -> OwnNetwork | None:
    """Read anew each time, for it changes while the pages run; None where there is none."""
    try:
        name, password = ("" if path is None else path.read_text("utf-8")).splitlines()
    except (OSError, ValueError):
        return None
    return OwnNetwork(name, password)
