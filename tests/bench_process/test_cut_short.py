"""What a verdict rests on must have lasted: a silence that was listened to for a second, a load held for one, a
look left out because it had decided otherwise. Each is consistent in itself, with every hash made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.configuration.config import parse_config
from calibration.quantities import NS_PER_S
from tests.bench_process.forging import Fields, forge
from tests.bench_process.support import BENCH, PLAN, plan_of

RUN = "run-000001"
TESTS = 'tests = ["warm_up", "no_load", "basic_error"]\nwarm_up_s = 60.0\nearly_stop = true\nload_points'


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state_dir = tmp_path_factory.mktemp("state")
    config = parse_config(BENCH.format(state_dir=state_dir, simulation=""), "bench.toml")
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of(PLAN.replace("load_points", TESTS)))
    return state_dir


@pytest.fixture
def state_dir(recorded: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "state"
    shutil.copytree(recorded, copy)
    return copy


def differences(state_dir: Path) -> list[str]:
    found = replay_run(state_dir, RUN).differences
    return [f"{d.where}: {d.recorded} / {d.recomputed}" for d in found]


def test_as_it_was_recorded_nothing_differs(recorded: Path) -> None:
    assert differences(recorded) == []


def cut_the_test(fields: Fields) -> None:
    if fields["step"]["stage"] == "test":
        fields["last_ns"] = fields["first_ns"] + NS_PER_S
        fields["results"]["1"]["watched_s"] = "1.0"


def cut(fields: Fields) -> None:
    fields["last_ns"] = fields["first_ns"] + NS_PER_S


def test_a_silence_that_was_not_listened_to_for_its_time_is_named(state_dir: Path) -> None:
    forge(state_dir, "pulses_watched", cut_the_test, with_hashes=True)
    (named,) = [each for each in differences(state_dir) if "last_ns" in each]
    assert "over after 1 s / position 1 watched for" in named


def test_a_load_that_was_not_held_for_its_time_is_named(state_dir: Path) -> None:
    forge(state_dir, "load_held", cut, with_hashes=True)
    (named,) = [each for each in differences(state_dir) if "last_ns" in each]
    assert "over after 1 s / held for 60 s" in named


def later(fields: Fields) -> None:
    """The third declared look in the place of the first, which had decided."""
    at_ns = fields["decided_at_ns"]["1"] - fields["run_first_ns"]
    fields["decided_at_ns"]["1"] = fields["run_first_ns"] + 4 * at_ns
    fields["run_last_ns"] = max(fields["run_last_ns"], fields["decided_at_ns"]["1"])


def test_a_look_that_had_decided_before_is_named(state_dir: Path) -> None:
    forge(state_dir, "window", later, with_hashes=True)
    (named,) = [each for each in differences(state_dir) if "decided_at_ns" in each]
    assert "/ PASS at" in named
