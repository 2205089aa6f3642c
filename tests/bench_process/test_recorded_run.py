"""A recorded run is shown again as at its end, with what it took over, while the bench has the journal open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.app import open_bench
from bench.commands.cli import cli
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.records.journal_reading import JournalReader
from bench.replay.recorded_run import recorded_state
from tests.bench_process.forging import open_without_triggers
from tests.bench_process.support import BENCH, METER, PLAN, plan_of, virtual_bench

TESTS = """tests = ["visual", "warm_up", "no_load", "basic_error", "repeatability", "meter_constant", "power_time"]
title = "all of it"
warm_up_s = 5.0
repeats = 2
repeatability_runs = 3
decision_rule = "regulation"
load_points = ["Imax 1.0", "Ib 1.0"]
"""
TWO_POINTS = PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]').replace(
    "load_points", "repeats_of_invalid = 0\nload_points", 1
)


def shown(state_dir: Path, run_id: str) -> dict[str, Any]:
    journal = JournalReader(state_dir)
    try:
        return recorded_state(journal, journal.run(run_id))
    finally:
        journal.close()


def without_truth(results: dict[str, Any]) -> dict[str, Any]:
    """The true error of a simulated meter is not in its record."""
    return {
        point: {key: value for key, value in result.items() if key != "true_error_pct"}
        for point, result in results.items()
    }


def test_a_figure_that_the_record_rounds_has_its_digits_on_the_page_too(tmp_path: Path) -> None:
    """With this seed 0.37865005 was recorded as 0.378650, and shown as 0.3787 by the page and 0.3786 by the record."""
    text = BENCH.format(state_dir=tmp_path, simulation="").replace("seed = 7", "seed = 31")
    four = '["Imax 1.0", "Ib 1.0", "Ib 0.5L", "0.1Ib 1.0"]'
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as bench:
        summary = bench.run(plan_of(PLAN.replace('["Imax 1.0"]', four)))
        found = shown(tmp_path, summary.run_id)
    assert found["positions"]["1"]["results"] == without_truth(summary.results["1"])


def test_a_record_shows_what_the_end_of_the_run_has_shown(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation='faults = ["lost_edge@12#4"]\n[desk]\ndriver = "sim"')
    config = parse_config(
        text.replace("error_pct = 0.4\n", 'error_pct = 1.4\nmeter_port = "sim"\n'), "bench.toml"
    )
    with open_bench(config, lambda line: None) as bench:
        summary = bench.run(plan_of(TESTS + METER + "register_decimals = 4\n"))
        found = shown(tmp_path, summary.run_id)
    assert {r["verdict"] for r in summary.results["1"].values()} > {"PASS", "FAIL"}
    assert found["positions"]["1"]["results"] == without_truth(summary.results["1"])
    for key in ("verdict", "title", "rule_set", "not_official_because", "id"):
        assert found["run"][key] == summary.state["run"][key]
    assert found["positions"]["1"]["verdict"] == summary.state["positions"]["1"]["verdict"]
    repeated = [f for f in summary.state["faults"] if f["is_repeated"]]
    assert [(f["point"], f["reason"]) for f in found["faults"]] == [
        (f["point"], f["reason"]) for f in repeated
    ]
    assert repeated


def test_of_a_position_that_was_taken_out_no_figure_is_shown_again(tmp_path: Path) -> None:
    skipped_at: list[int] = []
    with virtual_bench(tmp_path) as bench:

        def skip(sequence: int, patch: object, state: dict[str, Any]) -> None:
            if state["phase"] == "measuring" and not skipped_at:
                skipped_at.append(sequence)
                bench.skip("1", "no lamp is seen")

        bench.live.listen(skip)
        summary = bench.run(plan_of())
    assert summary.results["1"]["0"]["reasons"][0]["reason"] == "skipped_by_operator"
    assert shown(tmp_path, summary.run_id)["positions"]["1"]["results"] == without_truth(summary.results["1"])


def test_what_was_taken_over_is_followed_to_the_run_that_measured_it(tmp_path: Path) -> None:
    checked = plan_of(TWO_POINTS)
    with virtual_bench(tmp_path, 'faults = ["lost_edge@12#2"]') as bench:
        first = bench.run(checked)
    with virtual_bench(tmp_path, 'faults = ["lost_edge@12"]') as bench:
        second = bench.run(checked, first.run_id)
    with virtual_bench(tmp_path) as bench:
        third = bench.run(checked, second.run_id)
    measured = without_truth(first.results["1"])["0"]
    for run in (second, third):
        taken = {"taken_over": True, "taken_from": "run-000001"}
        assert run.results["1"]["0"] == measured | taken
        assert shown(tmp_path, run.run_id)["positions"]["1"]["results"]["0"] == measured | taken


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that ended, and one whose program was killed: its end is not in the journal."""
    folder = tmp_path_factory.mktemp("state")
    with virtual_bench(folder) as bench:
        bench.run(plan_of('title = "morning"\n' + TWO_POINTS))
        bench.run(plan_of(TWO_POINTS))
    database = open_without_triggers(folder)
    database.execute("DELETE FROM record WHERE run_id = 'run-000002' AND kind = 'run_ended'")
    database.execute("INSERT INTO record VALUES (99, 'run-000003', 'run_started', X'7b', zeroblob(32))")
    database.close()
    return folder


def output(state_dir: Path, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--state-dir", str(state_dir)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["morning", "PASS", "SIMULATED", "ended"]), ("zh", ["morning", "合格", "模拟", "已结束"])],
)
def test_the_runs_are_listed(
    state_dir: Path, language: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    lines = output(state_dir, "runs", "--lang", language).splitlines()
    (first,) = (line for line in lines if "run-000001" in line)
    assert all(word in first for word in [*words, "M-1"])
    states = [run["state"] for run in json.loads(output(state_dir, "runs", "--json"))]
    assert states == ["ended", "open", "damaged"]


def test_a_run_is_shown_with_its_table(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    table = output(state_dir, "show", "1", "--lang", "en")
    assert "run-000001" in table
    assert table.count("PASS") == 3
    points = json.loads(output(state_dir, "show", "1", "--json"))["points"]
    assert all(point["percentage_error_pct"] in table.replace("−", "-") for point in points)
    assert "under way or killed" in output(state_dir, "show", "2", "--lang", "en")


def test_a_damaged_record_is_one_line(state_dir: Path) -> None:
    with pytest.raises(
        OperatorError, match=r"run-000003: record 99 is damaged .*; see bench replay run-000003"
    ):
        shown(state_dir, "run-000003")
