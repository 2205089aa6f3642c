from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.install.units import SYSTEMD


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A file system with the units of an installed bench, as on a card that is mounted."""
    units = tmp_path / "card/etc/systemd/system"
    units.mkdir(parents=True)
    for path in SYSTEMD.iterdir():
        if path.suffix in (".service", ".socket", ".timer"):
            shutil.copy(path, units)
    return tmp_path / "card"


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "bench.sock"
