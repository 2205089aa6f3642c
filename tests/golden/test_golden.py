"""Golden runs: old records replay to the same digits, and their hashes are still those of their bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.app_reference import RecordedRaw
from bench.canonical import canonical_bytes
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import VERDICT
from bench.records.raw_reading import FolderFiles
from bench.records.results import conclusion, read_conclusion, read_result, result_figures
from bench.replay.replay import replay
from bench.transparency.merkle import MerkleTree, leaf_hash
from calibration.estimators import KNOWN
from tests.golden.make import HERE, RECORDS_FILE

RESULTS = {"run-1": 2, "run-2": 4, "run-3": 4}
RUNS = sorted(path.parent for path in HERE.glob(f"*/{RECORDS_FILE}"))


def records_of(folder: Path) -> list[StoredRecord]:
    records = []
    for line in (folder / RECORDS_FILE).read_bytes().splitlines():
        fields = json.loads(line)
        records.append(StoredRecord(fields["number"], fields["run"], fields["kind"], line))
    return records


def test_there_is_a_golden_run() -> None:
    assert RUNS


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_a_golden_run_replays_to_the_same_digits(folder: Path) -> None:
    found = replay(records_of(folder), FolderFiles(folder), RecordedRaw)
    assert found.differences == ()
    assert found.results == RESULTS[folder.name]
    assert found.has_verdicts is (folder.name != "run-1"), "only format 1 does not keep its rule set"


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_a_golden_run_is_canonical_and_its_root_is_that_of_its_records(folder: Path) -> None:
    *before, end = records_of(folder)
    for record in (*before, end):
        assert canonical_bytes(record.fields()) == record.body
    tree = MerkleTree(leaf_hash(record.body) for record in before)
    assert end.fields()["checkpoint"] == {"size": tree.size, "root_sha256": tree.root().hex()}


def test_golden_runs_name_every_version_of_every_estimator() -> None:
    """A version that no golden run has would change without a word."""
    named = {
        (name, version)
        for folder in RUNS
        for name, version in records_of(folder)[0].fields()["computation"]["estimators"].items()
    }
    assert named == {(name, version) for name, known in KNOWN.items() for version in known}


def test_the_reference_s_own_pulses_are_refused_and_another_estimator_gives_the_number() -> None:
    windows = [r.fields()["results"]["1"] for r in records_of(HERE / "run-3") if r.kind == "window"]
    first, second = ({e["estimator"]: e for e in result["estimates"]} for result in windows[:2])
    assert [f["reason"] for f in first["reference_pulses"]["findings"]] == ["pulse_doubled"]
    assert windows[0]["estimator"] == "fused"
    assert second["reference_pulses"]["findings"] == []
    assert windows[1]["estimator"] == "reference_pulses"


def without_what_follows(figures: Any) -> Any:
    """Without the standard uncertainties of rows and estimates, which follow from figures before these were rounded."""
    if isinstance(figures, list):
        return [without_what_follows(each) for each in figures]
    if not isinstance(figures, dict):
        return figures
    follows = {"standard_uncertainty_pct"} if figures.keys() & {"half_width_pct", "version"} else set()
    return {key: without_what_follows(figures[key]) for key in figures.keys() - follows}


def test_what_is_read_back_is_written_as_it_was() -> None:
    fields = [record.fields() for record in records_of(HERE / "run-2")]
    verdicts = [f for f in fields if f["kind"] == VERDICT]
    results = [figures for f in fields if f["kind"] == "window" for figures in f["results"].values()]
    assert verdicts
    assert results
    for verdict in verdicts:
        written = conclusion(read_conclusion(verdict, ()))
        assert without_what_follows(written) == without_what_follows({key: verdict[key] for key in written})
    for figures in results:
        written = result_figures(read_result(figures))
        assert without_what_follows(written) == without_what_follows(figures)
