"""A journal that was tampered with does not replay: every forgery is named by its record."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.canonical import canonical_bytes
from bench.configuration.config import parse_config
from bench.errors import InstrumentError
from bench.records.differences import Difference
from bench.transparency.merkle import leaf_hash
from tests.bench_process.forging import Fields, forge, open_without_triggers
from tests.bench_process.support import BENCH, PLAN, plan_of

RUN = "run-000001"
Change = Callable[[Fields], None]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FAIL at both load points: the meter is off by 2.5 % at a limit of 1 %."""
    state_dir = tmp_path_factory.mktemp("state")
    text = BENCH.format(state_dir=state_dir, simulation="")
    config = parse_config(
        text.replace("simulated_error_pct = 0.4", "simulated_error_pct = 2.5"), "bench.toml"
    )
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of(PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]')))
    return state_dir


@pytest.fixture
def state_dir(recorded: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "state"
    shutil.copytree(recorded, copy)
    return copy


def delete(state_dir: Path, where: str) -> None:
    database = open_without_triggers(state_dir)
    assert database.execute(f"DELETE FROM record WHERE {where}").rowcount > 0
    database.close()


def found_in(state_dir: Path) -> tuple[Difference, ...]:
    return replay_run(state_dir, RUN).differences


def to_pass(fields: Fields) -> None:
    fields["verdict"] = "PASS"


def to_pass_everywhere(fields: Fields) -> None:
    fields["verdict"] = "PASS"
    fields["positions"]["1"] = "PASS"


def widen_the_limit(fields: Fields) -> None:
    for point in fields["test_points"]:
        point["mpe_pct"]["1"] = "5.0"


def widen_the_verdicts_limit(fields: Fields) -> None:
    fields["mpe_pct"] = "5.000000"


def change_the_serial(fields: Fields) -> None:
    fields["meters"]["1"]["serial"] = "M-2"


def change_the_rule_set(fields: Fields) -> None:
    fields["rule_set"]["sha256"] = "0" * 64


def change_the_card(fields: Fields) -> None:
    fields["reference_card"]["calibration_U_pct"] = "0.0"


FORGERIES = [
    ("verdict", to_pass, "verdict of position 1: verdict"),
    ("run_ended", to_pass_everywhere, "verdict of the run: verdict"),
    ("run_started", widen_the_limit, "test_points"),
    ("verdict", widen_the_verdicts_limit, "mpe_pct"),
    ("run_started", change_the_serial, "meters: 1: serial"),
    ("run_started", change_the_rule_set, "rule_set"),
    ("run_started", change_the_card, "calibration_U_pct"),
]


def test_the_untouched_journal_replays(recorded: Path) -> None:
    found = replay_run(recorded, RUN)
    assert found.differences == ()
    assert found.results == 2


@pytest.mark.parametrize(("kind", "change", "named"), FORGERIES)
def test_a_forged_record_is_named_even_where_every_hash_was_made_anew(
    state_dir: Path, kind: str, change: Change, named: str
) -> None:
    forge(state_dir, kind, change, with_hashes=True)
    assert any(named in difference.where for difference in found_in(state_dir))


@pytest.mark.parametrize(("kind", "change", "named"), FORGERIES)
def test_a_forged_record_does_not_have_its_hash(
    state_dir: Path, kind: str, change: Change, named: str
) -> None:
    forge(state_dir, kind, change, with_hashes=False)
    assert any("leaf_sha256" in difference.where for difference in found_in(state_dir))


def test_a_leaf_that_was_forged_with_its_record_is_not_in_the_checkpoint(state_dir: Path) -> None:
    forge(state_dir, "load_steady", lambda fields: fields.update(point=9), with_hashes=True)
    database = sqlite3.connect(state_dir / "journal.sqlite")
    (number, body) = database.execute("SELECT number, body FROM record WHERE kind = 'run_ended'").fetchone()
    fields = json.loads(body) | {"checkpoint": {"size": number, "root_sha256": "0" * 64}}
    forged = canonical_bytes(fields)
    with database:
        database.execute(
            "UPDATE record SET body = ?, leaf_sha256 = ? WHERE number = ?",
            (forged, leaf_hash(forged), number),
        )
    database.close()
    assert [d.where for d in found_in(state_dir)] == [
        f"record {number}: checkpoint: root_sha256",
        f"checkpoint over {number + 1} records: root_sha256",
    ]


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("kind = 'window' AND number < 5", "in the place of window"),
        ("kind = 'window'", "in the place of window"),
        ("kind = 'window'", "checkpoint"),
        ("kind IN ('window', 'verdict') AND number > 5", "in the place of window"),
        ("number = 1", "record 1"),
    ],
)
def test_a_deleted_record_is_missed(state_dir: Path, where: str, named: str) -> None:
    delete(state_dir, where)
    assert any(named in difference.where for difference in found_in(state_dir))


@pytest.mark.parametrize("where", ["kind = 'run_ended'", "number > 6"])
def test_a_missing_end_is_told_and_what_was_signed_says_how_much_is_missing(
    state_dir: Path, where: str
) -> None:
    delete(state_dir, where)
    found = replay_run(state_dir, RUN)
    assert not found.has_ended
    (difference,) = found.differences
    assert (difference.where, difference.recorded) == ("checkpoint over 12 records", "12 records")
    assert "some are missing" in difference.recomputed


@pytest.mark.parametrize("kind", ["run_started", "window", "verdict", "run_ended"])
@pytest.mark.parametrize("body", [b"{}", b"not JSON", b"\xff\xfe", b"[1]", b"[" * 5000])
def test_a_damaged_record_is_one_line_that_names_it(state_dir: Path, kind: str, body: bytes) -> None:
    database = open_without_triggers(state_dir)
    (number,) = database.execute("SELECT MIN(number) FROM record WHERE kind = ?", (kind,)).fetchone()
    database.execute("UPDATE record SET body = ? WHERE number = ?", (body, number))
    database.close()
    wheres = [difference.where for difference in found_in(state_dir)]
    assert f"record {number} is damaged" in wheres


def test_a_damaged_database_is_an_instrument_error(state_dir: Path) -> None:
    path = state_dir / "journal.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InstrumentError, match=r"back-up|mends"):
        replay_run(state_dir, RUN)


@pytest.mark.parametrize("name", ["edges-1.bin", "reference.jsonl"])
@pytest.mark.parametrize("content", [b"", b"x" * 7, b"\xff" * 100_000])
def test_a_damaged_raw_file_is_named_and_nothing_is_recomputed_from_it(
    state_dir: Path, name: str, content: bytes
) -> None:
    (state_dir / "runs" / RUN / name).write_bytes(content)
    found = replay_run(state_dir, RUN)
    assert found.results == 0
    assert all(name in difference.where for difference in found.differences)
    assert found.differences


def test_replay_leaves_the_journal_as_it_is(state_dir: Path) -> None:
    before = (state_dir / "journal.sqlite").read_bytes()
    replay_run(state_dir, RUN)
    assert (state_dir / "journal.sqlite").read_bytes() == before
