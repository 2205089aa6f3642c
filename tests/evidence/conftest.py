"""One small run for all tests of bundles."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench
from bench.configuration.config import parse_config
from tests.bench_process.support import BENCH, leisurely, plan_of, virtual_bench
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


@pytest.fixture(scope="session")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A bundle of few bytes: a short rule set, few polls, and in place of the page a word."""
    state_dir = tmp_path_factory.mktemp("evidence") / "state"
    text = leisurely(BENCH.format(state_dir=state_dir, simulation=""))
    plan = 'rule_set = "jjg596-2026"\n' + SHORT_PLAN.replace('class = "1"', 'class = "B"')
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as process:
        process.run(plan_of(plan + "minimum_current_A = 0.4\n"))
    return exported(state_dir, page=b"<!doctype html><p>page</p>\n")
