from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.casework import stories
from web.casework.model import Case
from web.casework.store import Casework
from web.demonstration.filling import fill

NOW = "2026-11-26T09:30:00+00:00"
"""While the visits of that morning would be under way."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Filled:
    """A file of the demonstration, open at the end of its play, and what `fill` has said is planned."""

    cw: Casework
    path: Path
    planned: list[Case]


@pytest.fixture(scope="session")
def filled() -> Iterator[Filled]:
    """Only looked at, so one for all."""
    with tempfile.TemporaryDirectory(dir=stories.memory()) as folder:
        path = Path(folder) / "casework.sqlite"
        planned = fill(path, NOW, SEED)
        cw = Casework(path, lambda: NOW)
        yield Filled(cw, path, planned)
        cw.close()
