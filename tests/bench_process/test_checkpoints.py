"""Every run ends with a signed checkpoint that covers it; what is taken out or written anew does not fit what was
signed; and a key that is missing or wrong is said in one line, with nothing lost."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.app import open_bench, replay_run
from bench.clock import SystemClock
from bench.errors import InstrumentError, OperatorError
from bench.keys.log_key import all_log_publics, open_log_key, write_log_key
from bench.records.differences import Difference
from bench.records.journal_reading import JournalReader
from bench.transparency.checkpoint import Checkpoint
from bench.transparency.merkle import ProofTree, leaf_hash
from bench.transparency.notes import known_keys, open_note, sign_note
from tests.bench_process.forging import forge, open_without_triggers
from tests.bench_process.support import bench_config, open_journal, plan_of

RUN = "run-000001"
ORIGIN = "meter-test-bench/test"
CLOCK = dataclasses.replace(SystemClock().state(), wall_time="2026-11-26T19:00:00.123+01:00")


def opened(note: str, state_dir: Path) -> Checkpoint:
    return Checkpoint.from_text(open_note(note, known_keys(ORIGIN, all_log_publics(state_dir))))


def run_of(state_dir: Path, run_id: str, records: int = 3) -> None:
    journal = open_journal(state_dir, CLOCK)
    journal.append(run_id, "run_started", CLOCK, {"log_key": journal.log_key_fingerprint})
    for text in range(records - 2):
        journal.append(run_id, "note", CLOCK, {"text": str(text)})
    journal.end_run(run_id, CLOCK, {})
    journal.close()


def checkpoint_of(state_dir: Path, run_id: str) -> str | None:
    journal = JournalReader(state_dir)
    note = journal.checkpoint_of(run_id)
    journal.close()
    return note


def root_of_bodies(state_dir: Path, size: int) -> bytes:
    journal = JournalReader(state_dir)
    bodies = [record.body for record in journal.read(0, size)]
    journal.close()
    assert len(bodies) == size
    return ProofTree([leaf_hash(body) for body in bodies]).root(size)


def without_checkpoints(state_dir: Path) -> None:
    """As a program of before there were checkpoints has left it."""
    database = sqlite3.connect(state_dir / "journal.sqlite")
    database.execute("DROP TABLE checkpoint")
    database.execute("DELETE FROM migration WHERE number = 2")
    database.commit()
    database.close()
    shutil.rmtree(state_dir / "keys")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of a bench."""
    state_dir = tmp_path_factory.mktemp("state")
    with open_bench(bench_config(state_dir), lambda line: None) as process:
        process.run(plan_of())
        process.run(plan_of())
    return state_dir


@pytest.fixture
def state_dir(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "state"))


def found_in(state_dir: Path, run_id: str = RUN) -> tuple[Difference, ...]:
    return replay_run(state_dir, run_id).differences


def test_a_run_ends_with_a_signed_checkpoint_that_covers_its_last_record(recorded: Path) -> None:
    journal = JournalReader(recorded)
    for run_id in (RUN, "run-000002"):
        note = journal.checkpoint_of(run_id)
        assert note is not None
        checkpoint = opened(note, recorded)
        assert checkpoint.size == journal.run(run_id)[-1].number + 1
        assert checkpoint.root == root_of_bodies(recorded, checkpoint.size)
        assert checkpoint.origin == ORIGIN
    started = journal.run(RUN)[0].fields()
    journal.close()
    assert started["log_key"] == open_log_key(recorded).fingerprint
    assert found_in(recorded) == found_in(recorded, "run-000002") == ()


def test_the_time_of_a_checkpoint_is_in_utc_to_the_second(tmp_path: Path) -> None:
    run_of(tmp_path, RUN)
    note = checkpoint_of(tmp_path, RUN)
    assert note is not None
    assert opened(note, tmp_path).wall_time == "2026-11-26T18:00:00Z"


def test_a_run_under_way_has_none_and_an_interrupted_one_gets_one(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, CLOCK)
    journal.append(RUN, "run_started", CLOCK, {})
    assert journal.checkpoint_of(RUN) is None
    journal.close()
    open_journal(tmp_path, CLOCK).close()
    note = checkpoint_of(tmp_path, RUN)
    assert note is not None
    assert opened(note, tmp_path).size == 2


def test_checkpoints_cannot_be_changed_removed_or_made_up(tmp_path: Path) -> None:
    run_of(tmp_path, RUN)
    database = sqlite3.connect(tmp_path / "journal.sqlite")
    for statement in (
        "UPDATE checkpoint SET note = 'x'",
        "DELETE FROM checkpoint",
        "INSERT INTO checkpoint VALUES (3, 'r', 'x')",
        "INSERT INTO checkpoint VALUES (2, 'r', 'x')",
        "INSERT INTO checkpoint VALUES (9, 'r', 'x')",
        "INSERT OR REPLACE INTO checkpoint VALUES (3, 'r', 'x')",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
    database.close()


def test_a_journal_without_checkpoints_is_covered_when_it_is_opened(state_dir: Path) -> None:
    without_checkpoints(state_dir)
    assert checkpoint_of(state_dir, RUN) is None
    journal = open_journal(state_dir, CLOCK)
    (signed,) = journal.checkpoints()
    journal.close()
    assert checkpoint_of(state_dir, RUN) == checkpoint_of(state_dir, "run-000002") == signed.note
    assert opened(signed.note, state_dir).root == root_of_bodies(state_dir, signed.size)
    assert found_in(state_dir) == ()
    open_journal(state_dir, CLOCK).close()
    journal = JournalReader(state_dir)
    assert journal.checkpoints() == [signed], "nothing new, nothing signed"
    journal.close()


def test_a_record_of_before_checkpoints_replays_without_a_key(state_dir: Path) -> None:
    forge(state_dir, "run_started", lambda fields: fields.pop("log_key"), with_hashes=True)
    without_checkpoints(state_dir)
    assert found_in(state_dir) == ()
    assert not (state_dir / "keys").exists()


def test_a_reader_needs_no_private_key(state_dir: Path) -> None:
    (state_dir / "keys" / "log-1.key").unlink()
    assert found_in(state_dir) == ()


def test_the_last_record_taken_out_is_missed_by_reader_and_writer(state_dir: Path) -> None:
    database = open_without_triggers(state_dir)
    database.execute("DELETE FROM record WHERE number = (SELECT MAX(number) FROM record)")
    database.close()
    (difference,) = found_in(state_dir)
    assert "some are missing" in difference.recomputed
    with pytest.raises(InstrumentError, match="is not what its last checkpoint says") as error:
        open_journal(state_dir, CLOCK)
    assert "\n" not in str(error.value)


def test_a_journal_hashed_anew_is_not_what_was_signed(state_dir: Path) -> None:
    forge(state_dir, "load_steady", lambda fields: fields.update(waited_ns=1), with_hashes=True)
    wheres = [difference.where for difference in found_in(state_dir)]
    assert sum(where.startswith("checkpoint over") for where in wheres) == 1, "the first that does not fit"
    with pytest.raises(InstrumentError, match="restore it from a back-up"):
        open_journal(state_dir, CLOCK)


def forged_note(state_dir: Path, key: Ed25519PrivateKey) -> None:
    """The forger signs what he has hashed anew, with the key that he has."""
    database = sqlite3.connect(state_dir / "journal.sqlite", isolation_level=None)
    database.execute("DROP TRIGGER checkpoint_is_never_changed")
    public = key.public_key().public_bytes_raw()
    for (size,) in database.execute("SELECT size FROM checkpoint").fetchall():
        text = Checkpoint(ORIGIN, size, root_of_bodies(state_dir, size), "2026-11-26T18:00:00Z").to_text()
        note = sign_note(text, ORIGIN, key.sign, public)
        database.execute("UPDATE checkpoint SET note = ? WHERE size = ?", (note, size))
    database.close()


def test_a_journal_signed_anew_with_another_key_is_not_signed_by_this_bench(state_dir: Path) -> None:
    forge(state_dir, "load_steady", lambda fields: fields.update(waited_ns=1), with_hashes=True)
    forged_note(state_dir, Ed25519PrivateKey.generate())
    found = [d for d in found_in(state_dir) if d.where.startswith("checkpoint over")]
    assert [d.recomputed for d in found] == ["no known key has signed this note"] * 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("note = replace(note, 'time 20', 'time 19')", "is wrong"),
        ("note = 'no note'", "a note has"),
        ("note = replace(note, 'meter-test-bench/test', 'meter-test-bench/other')", "no known key"),
    ],
)
def test_a_changed_checkpoint_is_named(state_dir: Path, change: str, named: str) -> None:
    database = sqlite3.connect(state_dir / "journal.sqlite", isolation_level=None)
    database.execute("DROP TRIGGER checkpoint_is_never_changed")
    database.execute(f"UPDATE checkpoint SET {change} WHERE size = (SELECT MIN(size) FROM checkpoint)")
    database.close()
    (difference,) = found_in(state_dir)
    assert difference.where.startswith("checkpoint over")
    assert named in difference.recomputed


def test_a_checkpoint_taken_out_is_missed_where_its_run_names_a_key(state_dir: Path) -> None:
    database = sqlite3.connect(state_dir / "journal.sqlite", isolation_level=None)
    database.execute("DROP TRIGGER checkpoint_is_never_removed")
    database.execute("DELETE FROM checkpoint")
    database.close()
    (difference,) = found_in(state_dir)
    assert (difference.where, difference.recomputed) == (f"checkpoint of {RUN}", "there is none")


def test_after_a_new_key_the_old_checkpoints_still_hold(state_dir: Path) -> None:
    write_log_key(state_dir, 2, Ed25519PrivateKey.generate())
    run_of(state_dir, "run-000003")
    assert found_in(state_dir) == found_in(state_dir, "run-000002") == ()
    note = checkpoint_of(state_dir, "run-000003")
    assert note is not None
    second = known_keys(ORIGIN, all_log_publics(state_dir)[1:])
    assert Checkpoint.from_text(open_note(note, second)).size > 0


@pytest.mark.parametrize("lost", ["keys", "keys/log-1.key"])
def test_a_journal_whose_key_is_gone_gets_no_other_one(state_dir: Path, lost: str) -> None:
    records = (state_dir / "journal.sqlite").read_bytes()
    aside = state_dir.parent / "aside"
    shutil.move(state_dir / lost, aside)
    with pytest.raises(OperatorError, match=r"restore .* from a back-up") as error:
        open_journal(state_dir, CLOCK)
    assert "\n" not in str(error.value)
    assert (state_dir / "journal.sqlite").read_bytes() == records
    shutil.move(aside, state_dir / lost)
    open_journal(state_dir, CLOCK).close()


def test_a_key_that_others_can_read_opens_no_bench(state_dir: Path) -> None:
    (state_dir / "keys" / "log-1.key").chmod(0o644)
    with pytest.raises(OperatorError, match="chmod 600"):
        open_bench(bench_config(state_dir), lambda line: None)
    (state_dir / "keys" / "log-1.key").chmod(0o600)
    open_journal(state_dir, CLOCK).close()


def test_another_name_of_the_bench_is_another_origin_and_no_damage(state_dir: Path) -> None:
    config = bench_config(state_dir)
    config = dataclasses.replace(config, bench=dataclasses.replace(config.bench, id="bench 2"))
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of())
    note = checkpoint_of(state_dir, "run-000003")
    assert note is not None
    assert note.startswith("meter-test-bench/bench-2\n")
    assert found_in(state_dir, "run-000003") == ()
