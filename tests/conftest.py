"""Settings that all tests share."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import new_databases

# The same examples on every run, and no limit on the time of one: a busy machine is no defect. Search for new
# counterexamples with `./dev test --hypothesis-profile=search`.
settings.register_profile(
    "repository", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("repository")


@pytest.fixture(scope="session", autouse=True)
def quick_databases() -> Iterator[None]:
    with new_databases.shared():
        yield


@pytest.fixture
def in_shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clocks of this place are those of China: eight hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
