"""The journal keeps exact bytes, never changes them, and knows of a run that was cut off."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.canonical import canonical_bytes, decimal_text
from bench.clock import SystemClock
from bench.errors import InstrumentError, OperatorError
from bench.records.frozen import from_json, to_json
from bench.transparency.merkle import MerkleTree, leaf_hash
from calibration.nameplate import MeterUnderTest
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import open_journal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + root_by_definition(leaves[:k]) + root_by_definition(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_merkle_root_is_that_of_rfc_6962(records: list[bytes]) -> None:
    leaves = [leaf_hash(record) for record in records]
    tree = MerkleTree(leaves)
    assert tree.size == len(leaves)
    assert tree.root() == root_by_definition(leaves)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_canonical_bytes_are_a_fixed_point(record: dict[str, object]) -> None:
    raw = canonical_bytes(record)
    assert canonical_bytes(json.loads(raw)) == raw


@pytest.mark.parametrize("record", [{"a": 1.5}, {"a": [{"b": 0.0}]}, {"a": {1: "x"}}])
def test_a_float_or_a_key_that_is_no_text_never_enters_a_record(record: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        canonical_bytes(record)


def test_no_negative_zero_in_a_record() -> None:
    assert decimal_text(-1e-9) == "0.000000"
    assert decimal_text(-0.35) == "-0.350000"


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0.001, 1e6))
def test_frozen_inputs_come_back_as_the_same_floats(indication_pct: float, refresh_s: float) -> None:
    card = ReferenceCard("m", "s", 0.05, 0.01, refresh_s, 0.1, indication_error_pct=indication_pct)
    assert from_json(ReferenceCard, json.loads(canonical_bytes(to_json(card)))) == card


def test_a_frozen_meter_comes_back_with_its_enumerations() -> None:
    from tests.bench_process.support import plan_of

    meter = plan_of().meters["1"]
    assert from_json(MeterUnderTest, json.loads(canonical_bytes(to_json(meter)))) == meter


def test_records_cannot_be_changed_removed_or_renumbered(tmp_path: Path) -> None:
    clock = SystemClock().state()
    journal = open_journal(tmp_path, clock)
    assert journal.append("run-000001", "run_started", clock, {"a": "1"}) == 0
    journal.end_run("run-000001", clock, {})
    journal.close()
    database = sqlite3.connect(tmp_path / "journal.sqlite")
    for statement in (
        "UPDATE record SET kind = 'x'",
        "DELETE FROM record",
        "INSERT INTO record VALUES (9, 'r', 'k', x'00', zeroblob(32))",
        "INSERT OR REPLACE INTO record VALUES (0, 'r', 'k', x'00', zeroblob(32))",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
    database.close()


def test_the_end_of_a_run_states_the_root_of_everything_before_it(tmp_path: Path) -> None:
    clock = SystemClock().state()
    journal = open_journal(tmp_path, clock)
    for text in ("a", "b", "c"):
        journal.append("run-000001", "note", clock, {"text": text})
    journal.end_run("run-000001", clock, {})
    *before, end = journal.read(0, 10)
    journal.close()
    checkpoint = end.fields()["checkpoint"]
    leaves = [hashlib.sha256(b"\x00" + record.body).digest() for record in before]
    assert checkpoint == {"size": 3, "root_sha256": root_by_definition(leaves).hex()}


def test_a_reopened_journal_continues_its_tree(tmp_path: Path) -> None:
    clock = SystemClock().state()
    for _ in range(3):
        journal = open_journal(tmp_path, clock)
        journal.append("run-000001", "note", clock, {})
        journal.end_run("run-000001", clock, {})
        *before, end = journal.read(0, 100)
        journal.close()
        leaves = [leaf_hash(record.body) for record in before]
        assert end.fields()["checkpoint"]["root_sha256"] == root_by_definition(leaves).hex()


def test_a_run_without_an_end_is_interrupted_once_and_keeps_its_raw_files(tmp_path: Path) -> None:
    clock = SystemClock().state()
    journal = open_journal(tmp_path, clock)
    journal.append("run-000001", "run_started", clock, {})
    folder = journal.runs_dir / "run-000001"
    folder.mkdir()
    (folder / "edges-1.bin").write_bytes(b"raw")
    journal.close()
    for _ in range(2):
        journal = open_journal(tmp_path, clock)
        kinds = [record.kind for record in journal.run("run-000001")]
        assert kinds == ["run_started", "interrupted"]
        last = journal.run("run-000001")[-1].fields()
        journal.close()
    assert last["raw_files"]["edges-1.bin"] == {"bytes": 3, "sha256": hashlib.sha256(b"raw").hexdigest()}


@pytest.mark.parametrize("left", ["nothing", "an empty file", "an older file"])
def test_a_journal_that_has_lost_runs_is_not_begun_anew(tmp_path: Path, left: str) -> None:
    path, clock = tmp_path / "journal.sqlite", SystemClock().state()
    after_run = []
    for run_id in ("run-000001", "run-000002"):
        journal = open_journal(tmp_path, clock)
        journal.append(run_id, "run_started", clock, {})
        journal.end_run(run_id, clock, {})
        (tmp_path / "runs" / run_id).mkdir()
        journal.close()
        after_run.append(path.read_bytes())
    older, whole = after_run
    path.unlink()
    if left != "nothing":
        path.write_bytes(b"" if left == "an empty file" else older)
    with pytest.raises(InstrumentError, match=r"knows nothing of run-000002.*restore a back-up"):
        open_journal(tmp_path, clock)
    path.write_bytes(whole)
    open_journal(tmp_path, clock).close()


def test_a_second_process_cannot_open_the_journal(tmp_path: Path) -> None:
    clock = SystemClock().state()
    journal = open_journal(tmp_path, clock)
    with pytest.raises(OperatorError, match=r"another bench process .* / .*请先停止它"):
        open_journal(tmp_path, clock)
    journal.close()


def test_a_journal_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    clock = SystemClock().state()
    open_journal(tmp_path, clock).close()
    database = sqlite3.connect(tmp_path / "journal.sqlite")
    with database:
        database.execute("INSERT INTO migration VALUES (999, 'x', 'later')")
    database.close()
    with pytest.raises(OperatorError, match="newer than this program"):
        open_journal(tmp_path, clock)


def test_root_makes_nothing_in_the_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 1, 1)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    name = pwd.getpwuid(tmp_path.stat().st_uid).pw_name
    with pytest.raises(OperatorError, match=f"run it as: sudo -u {name} bench"):
        open_journal(tmp_path, SystemClock().state())
    assert not list(tmp_path.iterdir())
