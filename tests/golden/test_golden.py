"""Golden runs: old records replay to the same digits, and their hashes are still those of their bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.app import RecordedRaw
from bench.canonical import MerkleTree, canonical_bytes, leaf_hash
from bench.records.journal_reading import StoredRecord
from bench.replay.replay import replay
from tests.golden.make import HERE, RECORDS_FILE

RESULTS = {"run-1": 2, "run-2": 4}
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
    found = replay(records_of(folder), folder, RecordedRaw)
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
