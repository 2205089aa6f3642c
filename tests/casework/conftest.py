from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.casework.stories import Clock, opened
from web.casework.store import Casework


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cw(tmp_path: Path, clock: Clock) -> Iterator[Casework]:
    with closing(opened(tmp_path, clock)) as casework:
        yield casework
