"""After a power cut in a run the bench knows which one it was, and says so until the next one begins."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.canonical import JsonObject
from bench.commands import serve_cli
from bench.replay.interrupted_run import InterruptedRun
from tests.bench_process.forging import forge
from tests.bench_process.support import PLAN, plan_of, virtual_bench

TWO_POINTS = PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]')


def cut(folder: Path, results: int) -> Path:
    """The state folder of a run as it was on the disk when it had so many results: what a power cut leaves."""
    left = folder / "left"

    def look(sequence: int, patch: JsonObject, state: JsonObject) -> None:
        under_way = state["phase"] not in ("idle", "finished")
        if under_way and not left.exists() and len(state["positions"]["1"]["results"]) == results:
            shutil.copytree(folder / "state", left, ignore=shutil.ignore_patterns("bench.sock"))

    with virtual_bench(folder / "state") as bench:
        bench.live.listen(look)
        bench.run(plan_of(TWO_POINTS))
    return left


@pytest.fixture(scope="module")
def after_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut(tmp_path_factory.mktemp("cut"), 1)


@pytest.fixture
def state_dir(after_one: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(after_one, tmp_path / "state"))


def test_the_bench_says_it_until_the_next_run_begins(state_dir: Path) -> None:
    told = {"run": "run-000001", "case": None, "goes_on": True}
    with virtual_bench(state_dir) as bench:
        assert bench.live.snapshot()[1]["interrupted"] == told
    with virtual_bench(state_dir) as bench:
        bench.wait_idle(1.0)
        assert bench.live.snapshot()[1]["interrupted"] == told, "also when it is started once more"
        bench.run(plan_of(TWO_POINTS), "run-000001")
        assert bench.live.snapshot()[1]["interrupted"] is None
    with virtual_bench(state_dir) as bench:
        assert bench.live.snapshot()[1]["interrupted"] is None


def test_before_its_first_result_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with virtual_bench(cut(tmp_path, 0)) as bench:
        assert bench.live.snapshot()[1]["interrupted"]["goes_on"] is False


def test_of_a_damaged_run_no_more_is_said_than_that_it_was_cut_off(state_dir: Path) -> None:
    with virtual_bench(state_dir):
        pass

    def without_station(fields: dict[str, Any]) -> None:
        del fields["station"]

    forge(state_dir, "run_started", without_station, with_hashes=False)
    with virtual_bench(state_dir) as bench:
        assert bench.interrupted == InterruptedRun("run-000001", "", "", False)


def test_a_bench_without_a_run_says_nothing(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as bench:
        assert bench.live.snapshot()[1]["interrupted"] is None


def test_a_witnessed_test_is_not_gone_on_with() -> None:
    assert not InterruptedRun("run-000001", "C2026-0001", "P2", has_given=True).goes_on
    assert InterruptedRun("run-000001", "", "P2", has_given=True).goes_on


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (
            InterruptedRun("run-000003", "", "P2", True),
            "go on with it: bench start PLAN.toml --resume run-000003 --by P2 --config b.toml",
        ),
        (InterruptedRun("run-000003", "C2026-0001", "P2", True), "its verifier starts again on the page"),
    ],
)
def test_the_log_names_it_and_how_to_go_on(run: InterruptedRun, line: str) -> None:
    said = serve_cli.cut_off(run, Path("b.toml"), "en")
    assert said.startswith("run-000003")
    assert said.endswith(line)
    assert "run-000003" in serve_cli.cut_off(run, Path("b.toml"), "zh")
