"""A recorded run replays to the same digits, and a changed byte is found and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import replay_run
from bench.errors import OperatorError
from calibration.estimators import KNOWN
from tests.bench_process.support import PLAN, plan_of, virtual_bench


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a lost edge in its first window: one INVALID and one PASS are recorded."""
    state_dir = tmp_path_factory.mktemp("state")
    with virtual_bench(state_dir, 'faults = ["lost_edge@12"]') as process:
        process.run(plan_of(PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]')))
    return state_dir


def test_every_figure_of_a_run_comes_out_again(recorded: Path) -> None:
    found = replay_run(recorded, "run-000001")
    assert found.differences == ()
    assert found.results == 3
    assert not found.was_interrupted


@pytest.mark.parametrize("name", ["reference.jsonl", "edges-1.bin"])
def test_a_changed_raw_byte_is_found_in_its_file(recorded: Path, name: str) -> None:
    path = recorded / "runs" / "run-000001" / name
    before = path.read_bytes()
    # The last digit of the first request's instant, or the lowest byte of an edge's.
    place = before.index(b"[[") + 14 if name.endswith("jsonl") else 48 * 20
    digit = b"1" if before[place : place + 1] != b"1" else b"2"
    path.write_bytes(before[:place] + digit + before[place + 1 :])
    differences = replay_run(recorded, "run-000001").differences
    path.write_bytes(before)
    assert any(name in difference.where for difference in differences)


def test_what_came_after_a_window_does_not_change_its_replay(recorded: Path) -> None:
    path = recorded / "runs" / "run-000001" / "edges-1.bin"
    before = path.read_bytes()
    path.write_bytes(before + b"x" * 7)
    assert replay_run(recorded, "run-000001").differences == ()
    path.write_bytes(before)


def test_a_run_is_replayed_by_its_number_while_the_bench_has_the_journal_open(recorded: Path) -> None:
    with virtual_bench(recorded):
        found = replay_run(recorded, "1")
    assert (found.run_id, found.differences, found.has_ended) == ("run-000001", (), True)


def test_a_replay_writes_nothing(recorded: Path) -> None:
    before = {path: path.read_bytes() for path in recorded.rglob("*") if path.is_file()}
    replay_run(recorded, "run-000001")
    assert {path: path.read_bytes() for path in recorded.rglob("*") if path.is_file()} == before


def test_another_version_of_the_arithmetic_is_refused_and_both_are_named(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.records.versions.EVALUATIONS", {1001: None})
    with pytest.raises(OperatorError, match=r"was computed with evaluation 1 .*its record names"):
        replay_run(recorded, "run-000001")


def test_another_version_of_an_estimator_is_refused(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN, "fused", {1002: KNOWN["fused"][1]})
    with pytest.raises(OperatorError, match=r"computed with .*fused 1,"):
        replay_run(recorded, "run-000001")


def test_an_unknown_run_names_the_known_ones(recorded: Path) -> None:
    with pytest.raises(OperatorError, match="it has run-000001"):
        replay_run(recorded, "run-000009")


def test_a_folder_without_a_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no journal"):
        replay_run(tmp_path, "run-000001")
