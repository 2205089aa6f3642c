"""One small run for all tests of bundles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench_process.support import plan_of, virtual_bench
from tests.evidence.bundles import SHORT_PLAN, exported


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a bench with one run of one load point."""
    state_dir = tmp_path_factory.mktemp("evidence") / "state"
    with virtual_bench(state_dir) as process:
        process.run(plan_of(SHORT_PLAN))
    return state_dir


@pytest.fixture(scope="session")
def bundle(recorded: Path) -> bytes:
    return exported(recorded)
