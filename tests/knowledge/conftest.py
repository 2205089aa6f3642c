from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.casework.stories import Clock, memory, opened
from web.casework.store import Casework


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cw(clock: Clock) -> Iterator[Casework]:
    with TemporaryDirectory(dir=memory()) as folder, closing(opened(Path(folder), clock)) as casework:
        yield casework
