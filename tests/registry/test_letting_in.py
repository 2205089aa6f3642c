"""Who starts a run: over the socket, by several at once, and with a kill in between."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.app import open_bench
from bench.commands.plan_cli import plan
from bench.errors import OperatorError
from bench.registry import persons
from bench.registry.persons import authenticate
from bench.service import BenchCommands
from tests.bench_process.support import BENCH, bench_config, plan_of
from tests.registry.laboratory import PASSWORD, WHEN, laboratory, staffed


def test_a_start_over_the_socket_names_its_verifier_after_the_password(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    with open_bench(bench_config(tmp_path), lambda line: None) as process:
        commands = BenchCommands(process)
        with pytest.raises(OperatorError, match="the person or the password is wrong"):
            commands.start(plan_of().source, None, (lab.verifier, "certainly not this"))
        assert commands.take_wanted() is None
        commands.start(plan_of().source, None, ("李伟", PASSWORD))
        wanted = commands.take_wanted()
    assert wanted is not None
    assert wanted.verifier == lab.verifier


def test_a_start_without_a_person_is_a_run_of_nobody(tmp_path: Path) -> None:
    staffed(tmp_path)
    with open_bench(bench_config(tmp_path), lambda line: None) as process:
        commands = BenchCommands(process)
        commands.start(plan_of().source, None, None)
        wanted = commands.take_wanted()
    assert wanted is not None
    assert wanted.verifier == ""


def test_guesses_at_once_are_no_more_than_guesses_one_after_another(tmp_path: Path) -> None:
    staffed(tmp_path)

    def guess(number: int) -> str:
        try:
            authenticate(tmp_path, "P2", f"guess number {number}", WHEN)
        except OperatorError as error:
            return str(error)
        return "let in"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(16)))
    looked_at = [each for each in said if "is wrong" in each]
    assert len(looked_at) == 4
    assert sum("too many wrong passwords" in each for each in said) == 12


def test_a_guess_counts_although_the_program_dies_before_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffed(tmp_path)

    def dies(hashed: str | None, password: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(persons, "is_right", dies)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            authenticate(tmp_path, "P2", PASSWORD, WHEN)
    monkeypatch.undo()
    with pytest.raises(OperatorError, match="too many wrong passwords; try again in 2 s"):
        authenticate(tmp_path, "P2", PASSWORD, WHEN)


def test_a_plan_is_checked_for_whoever_would_run_it(tmp_path: Path) -> None:
    lab = staffed(tmp_path)
    config, path = tmp_path / "bench.toml", tmp_path / "plan.toml"
    config.write_text(BENCH.format(state_dir=tmp_path, simulation=""), "utf-8")
    path.write_text(plan_of().source, "utf-8")

    def reasons(*words: str) -> set[str]:
        command = ["check", str(path), "--config", str(config), "--json", *words]
        done = CliRunner().invoke(plan, command, catch_exceptions=False)
        return {found["reason"] for found in json.loads(done.stdout)["not_official_because"]}

    assert "verifier_unknown" in reasons()
    assert "not_authorised" in reasons("--by", lab.verifier)
    assert "verifier_unknown" not in reasons("--by", "李伟")
    with pytest.raises(OperatorError, match="there is no one person 'P9'"):
        reasons("--by", "P9")
