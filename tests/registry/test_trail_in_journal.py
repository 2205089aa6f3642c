"""Every run notes the end of the trail: a registry that was set back or made anew as a whole is not gone on with."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.commands.cli import cli
from bench.errors import OperatorError
from bench.records.journal_reading import JournalReader
from bench.registry import persons
from bench.registry.persons import Role
from bench.registry.trail_in_journal import missing_end
from tests.bench_process.forging import open_without_triggers
from tests.bench_process.support import BENCH, plan_of, virtual_bench
from tests.registry.laboratory import WHEN, laboratory


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a bench with two runs; between them somebody lost a role. `registry.then` is its registry
    before that."""
    state_dir = tmp_path_factory.mktemp("bench") / "state"
    lab = laboratory(state_dir)
    with virtual_bench(state_dir) as process:
        process.run(plan_of())
        shutil.copy(state_dir / "registry.sqlite", state_dir / "registry.then")
        persons.set_roles(state_dir, lab.administrator, lab.checker, (Role.VERIFIER,), WHEN)
        process.run(plan_of())
    return state_dir


@pytest.fixture
def state_dir(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "state"))


def chain_by_hand(state_dir: Path) -> list[str]:
    """The hash of each entry, as docs/registry.md says that it is made."""
    with closing(sqlite3.connect(state_dir / "registry.sqlite")) as database:
        bodies = [bytes(body) for (body,) in database.execute("SELECT body FROM trail ORDER BY number")]
    before, found = bytes(32), []
    for body in bodies:
        before = hashlib.sha256(before + body).digest()
        found.append(before.hex())
    return found


def is_set_back(state_dir: Path) -> None:
    shutil.copy(state_dir / "registry.then", state_dir / "registry.sqlite")


def goes_on_after_it(state_dir: Path) -> None:
    """Set back, and then longer than it was."""
    is_set_back(state_dir)
    for name in ("甲", "乙", "丙"):
        persons.add(state_dir, "P1", persons.Name(name, name), (Role.VERIFIER,), "correct horse 7", WHEN)


def is_made_anew(state_dir: Path) -> None:
    """As many entries, whose chain holds; the first one is another."""
    with closing(sqlite3.connect(state_dir / "registry.sqlite")) as database:
        database.execute("DROP TRIGGER trail_stays")
        before = bytes(32)
        for number, body in database.execute("SELECT number, body FROM trail ORDER BY number").fetchall():
            entry = json.loads(body) | ({"wall_time": "1999-01-01T00:00:00+00:00"} if number == 1 else {})
            forged = json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
            before = hashlib.sha256(before + forged).digest()
            database.execute(
                "UPDATE trail SET body = ?, sha256 = ? WHERE number = ?", (forged, before, number)
            )
        database.commit()


def is_gone_with_its_mark(state_dir: Path) -> None:
    for name in ("registry.sqlite", "registry.sqlite-used"):
        (state_dir / name).unlink()


def checked(state_dir: Path, *more: str) -> tuple[int, str]:
    config = state_dir.parent / "bench.toml"
    config.write_text(BENCH.format(state_dir=state_dir, simulation=""), encoding="utf-8")
    done = CliRunner().invoke(cli, ["admin", "trail", "--check", "--config", str(config), *more])
    return done.exit_code, done.output


def test_each_run_notes_the_number_and_hash_of_the_last_entry(state_dir: Path) -> None:
    with closing(JournalReader(state_dir)) as journal:
        first, second = (journal.ends_of(run_id)[0].fields()["trail"] for run_id in journal.run_ids())
    chain = chain_by_hand(state_dir)
    assert first == {"entries": len(chain) - 1, "sha256": chain[-2]}
    assert second == {"entries": len(chain), "sha256": chain[-1]}


@pytest.mark.parametrize(
    "change", [is_set_back, goes_on_after_it, is_made_anew, is_gone_with_its_mark], ids=lambda f: f.__name__
)
def test_a_registry_that_the_newest_run_did_not_know_is_not_gone_on_with(
    state_dir: Path, change: Callable[[Path], None]
) -> None:
    change(state_dir)
    before = (state_dir / "journal.sqlite").read_bytes()
    for _ in range(2):  # the first try leaves nothing behind, such as a lock
        # Closed where it opens after all: its journal's thread would hold up the end of the tests.
        with (
            pytest.raises(OperatorError, match=r"entry \d+ of its trail, which run-000002 noted, .*备份"),
            virtual_bench(state_dir),
        ):
            pass
    assert (state_dir / "journal.sqlite").read_bytes() == before


def test_what_was_changed_since_the_newest_run_is_no_matter(state_dir: Path) -> None:
    persons.set_roles(state_dir, "P1", "P2", (), WHEN)
    assert missing_end(state_dir) is None
    with virtual_bench(state_dir) as process:
        assert process.run(plan_of()).run_id == "run-000003"
    assert checked(state_dir)[0] == 0


@pytest.mark.parametrize(
    ("change", "run"), [(is_set_back, "run-000002"), (is_made_anew, "run-000001")], ids=["set back", "anew"]
)
def test_the_check_of_the_trail_names_the_first_run_that_knew_more(
    state_dir: Path, change: Callable[[Path], None], run: str
) -> None:
    change(state_dir)
    status, said = checked(state_dir, "--lang", "en")
    assert status == 4
    assert f"which was there when {run} began, is not there" in said
    assert f"{run} 开始时已有的第" in checked(state_dir, "--lang", "zh")[1]
    assert json.loads(checked(state_dir, "--json")[1])["missing"][0]["run_id"] == run


def test_a_damaged_record_notes_nothing_and_the_one_before_it_is_asked(state_dir: Path) -> None:
    with closing(open_without_triggers(state_dir)) as database:
        database.execute(
            "UPDATE record SET body = x'7b6e6f' WHERE kind = 'run_started' AND run_id = 'run-000002'"
        )
    is_set_back(state_dir)
    assert missing_end(state_dir) is None, "it is as the first run knew it"
    is_gone_with_its_mark(state_dir)
    found = missing_end(state_dir)
    assert found is not None
    assert found.run_id == "run-000001"


def test_runs_of_a_time_before_it_was_noted_ask_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory(tmp_path)
    monkeypatch.setattr("bench.process.NOTED", "something_else")
    with virtual_bench(tmp_path) as process:
        process.run(plan_of())
    is_gone_with_its_mark(tmp_path)
    virtual_bench(tmp_path).close()
