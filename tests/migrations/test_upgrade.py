"""Every earlier schema comes to the newest with all that was in it, or stays what it was."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.app import replay_run
from bench.clock import SystemClock
from bench.errors import BenchError, OperatorError
from bench.keeping.holds import require_holds
from bench.migrations import migrate
from bench.records.journal_reading import JournalReader
from bench.registry import authorisations, equipment, persons, trail, witnessed
from bench.registry.persons import Role
from bench.registry.store import reading, writing
from tests.bench_process.support import open_journal, plan_of, virtual_bench
from tests.casework.stories import memory
from tests.migrations.earlier import (
    CASEWORK,
    JOURNAL_SCRIPTS,
    REGISTRY,
    RELEASED,
    WHEN,
    Store,
    all_there,
    is_sound,
    make_each,
    opened,
    rows_of,
    schema_of,
)
from web.casework import areas, cases, history
from web.casework.store import Casework
from web.service import departments

NOW = "2026-11-27T08:00:00+00:00"
SCRIPTS = {"journal": JOURNAL_SCRIPTS, "registry": REGISTRY.scripts, "casework": CASEWORK.scripts}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory(dir=memory()) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def registries(folder: Path) -> dict[int, Path]:
    (folder / "registries").mkdir()
    return make_each(REGISTRY, folder / "registries")


@pytest.fixture(scope="module")
def files_of_cases(folder: Path) -> dict[int, Path]:
    (folder / "cases").mkdir()
    return make_each(CASEWORK, folder / "cases")


@pytest.fixture(scope="module")
def run_once(folder: Path) -> Path:
    """The state folder of a bench with one run."""
    with virtual_bench(folder / "bench") as process:
        process.run(plan_of())
    return folder / "bench"


@pytest.mark.parametrize("store", SCRIPTS)
def test_a_released_migration_is_never_edited_and_a_new_one_is_written_down(store: str) -> None:
    """Whoever adds one: a line at the end of released.toml, and rows in content_*.py."""
    scripts = {
        entry.name.removesuffix(".sql"): hashlib.sha256(entry.read_text("utf-8").encode()).hexdigest()
        for entry in SCRIPTS[store].iterdir()
    }
    assert scripts == RELEASED[store]


def newest(store: Store, folder: Path) -> set[tuple[str, str, str]]:
    path = folder / f"fresh-{store.name}.sqlite"
    with closing(opened(path)) as database:
        migrate(database, store.name, store.scripts, WHEN)
    return schema_of(path)


@pytest.mark.parametrize("store", [REGISTRY, CASEWORK], ids=lambda store: store.name)
def test_there_is_something_in_every_table_of_every_schema(
    store: Store, registries: dict[int, Path], files_of_cases: dict[int, Path]
) -> None:
    made = registries if store is REGISTRY else files_of_cases
    assert list(made) == store.released
    for number, path in made.items():
        empty = [table for table, rows in rows_of(path).items() if not rows]
        assert empty == [], f"rows for these are missing in content_{store.name}.py, {number:03d}"


@pytest.mark.parametrize("number", CASEWORK.released)
def test_cases_of_every_schema_are_all_there(
    number: int, files_of_cases: dict[int, Path], tmp_path: Path
) -> None:
    path = tmp_path / "casework.sqlite"
    shutil.copy(files_of_cases[number], path)
    before = rows_of(path)
    with closing(Casework(path, lambda: NOW)) as cw:
        for row in before["cases"]:
            case = cases.case(cw, str(row["id"]))
            assert (case.serial, case.state) == (row["serial"], row["state"])
            assert history.is_intact(cw, case.id)
            assert history.history(cw, case.id)[0].values["doubt"] == f"电表 {case.serial} 走得太快了"
        if "team" in before:
            assert departments.departments(cw)[-1].members == ("P4",)
            assert [one.department for one in areas.areas(cw)] == ["north-3"]
        assert cases.decline(cw, "C2026-0002", "x", "y", "P1").state == "declined", "and is gone on with"
    assert is_sound(path)
    assert schema_of(path) == newest(CASEWORK, tmp_path)
    before["cases"] = [row for row in before["cases"] if row["id"] != "C2026-0002"]
    all_there(before, rows_of(path))


@pytest.mark.parametrize("number", REGISTRY.released)
def test_a_registry_of_every_schema_is_all_there(
    number: int, registries: dict[int, Path], tmp_path: Path
) -> None:
    path = tmp_path / "registry.sqlite"
    shutil.copy(registries[number], path)
    before = rows_of(path)
    with reading(tmp_path) as copy:
        chain = trail.check(copy)
        assert (chain.broken_at, chain.entries) == (None, len(before.get("trail", [])))
        assert len(persons.all_persons(copy)) == len(before.get("person_name", []))
        assert len(equipment.all_cards(copy)) == len(before.get("equipment_version", []))
        given = list(authorisations.all_authorisations(copy))
        assert len(given) == len(before.get("authorisation", []))
        assert {one.scope.role for one in given} <= {Role.VERIFIER}
        assert [case.state for case in witnessed.all_cases(copy)] == ["begun"] * ("case_version" in before)
    assert rows_of(path) == before, "who reads leaves it"
    with writing(tmp_path, NOW) as database:
        trail.add(database, NOW, "P1", "looked", "x", None, None)
    assert is_sound(path)
    assert schema_of(path) == newest(REGISTRY, tmp_path)
    all_there(before, rows_of(path))


@pytest.mark.parametrize("number", [1, 2])
def test_a_journal_of_every_schema_is_all_there_and_recomputes(
    number: int, run_once: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    shutil.copytree(run_once, state)
    if number == 1:  # of the time before there were checkpoints and their key
        before_checkpoints(state)
    before = rows_of(state / "journal.sqlite")
    open_journal(state, SystemClock().state()).close()
    after = rows_of(state / "journal.sqlite")
    all_there(before, after)
    assert len(after["checkpoint"]) == 1
    assert is_sound(state / "journal.sqlite")
    require_holds(state)
    with closing(JournalReader(state)) as journal:
        assert journal.run_ids() == ["run-000001"]
    replayed = replay_run(state, "run-000001")
    assert replayed.results
    assert replayed.differences == ()


def before_checkpoints(state: Path) -> None:
    scripts = state / "scripts"
    scripts.mkdir()
    (scripts / "001.sql").write_text((JOURNAL_SCRIPTS / "001.sql").read_text("utf-8"), "utf-8")
    new = state / "journal.sqlite"
    new.rename(state / "newer.sqlite")
    with closing(opened(new)) as database:
        migrate(database, "journal", scripts, WHEN)
        database.execute("ATTACH ? AS newer", (str(state / "newer.sqlite"),))
        database.execute("INSERT INTO record SELECT * FROM newer.record ORDER BY number")
    (state / "newer.sqlite").unlink()
    shutil.rmtree(scripts)
    shutil.rmtree(state / "keys")


def refused_by(store: str, folder: Path) -> None:
    """Opened as its program opens it."""
    if store == "journal":
        open_journal(folder, SystemClock().state()).close()
    elif store == "registry":
        with writing(folder, NOW):
            pass
    else:
        Casework(folder / "casework.sqlite", lambda: NOW).close()


@pytest.mark.parametrize("store", SCRIPTS)
def test_a_file_of_a_newer_release_is_refused_by_one_line_in_both_languages_and_is_not_touched(
    store: str, tmp_path: Path
) -> None:
    refused_by(store, tmp_path)  # makes it
    path = tmp_path / f"{store}.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE of_tomorrow (number INTEGER)")
        database.execute("INSERT INTO migration VALUES (999, 'x', 'tomorrow')")
    before = path.read_bytes()
    with pytest.raises(OperatorError) as refused:
        refused_by(store, tmp_path)
    said = str(refused.value)
    assert "\n" not in said
    assert f"{store}.sqlite has schema 999, newer than this program" in said
    assert "比本程序新" in said
    assert said.count("systemd/install --back") == 2
    assert path.read_bytes() == before
    leftover = path.with_name(f"{path.name}-journal")
    assert not leftover.exists() or leftover.stat().st_size == 0


def test_a_file_that_another_script_of_this_number_has_made_is_refused(tmp_path: Path) -> None:
    refused_by("casework", tmp_path)
    with closing(sqlite3.connect(tmp_path / "casework.sqlite")) as database, database:
        database.execute("UPDATE migration SET sha256 = 'x' WHERE number = 40")
    with pytest.raises(OperatorError, match=r"schema 040 of casework.sqlite differs .*，请重新安装程序"):
        refused_by("casework", tmp_path)


@pytest.mark.parametrize("store", [REGISTRY, CASEWORK], ids=lambda store: store.name)
def test_a_kill_anywhere_in_an_upgrade_leaves_the_old_or_the_new(
    store: Store, registries: dict[int, Path], files_of_cases: dict[int, Path], tmp_path: Path
) -> None:
    made = registries if store is REGISTRY else files_of_cases
    command = [sys.executable, "-m", "tests.migrations.killing", store.name, str(made[1]), str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    seen = json.loads(done.stdout)
    assert seen["neither"] == 0
    assert seen["old"] > seen["statements"], "until the commit"
    assert seen["new"] >= 2, "when it was done"
    assert seen["half_written"] > 5, "in the file itself, which was rolled back"


@pytest.mark.parametrize("store", [REGISTRY, CASEWORK], ids=lambda store: store.name)
def test_a_full_disk_anywhere_in_an_upgrade_leaves_what_was_there(
    store: Store, registries: dict[int, Path], files_of_cases: dict[int, Path], tmp_path: Path
) -> None:
    made = registries if store is REGISTRY else files_of_cases
    path = tmp_path / f"{store.name}.sqlite"
    shutil.copy(made[1], path)
    before = path.read_bytes()
    refused, said = 0, set()
    while True:
        with closing(opened(path)) as database:
            (pages,) = database.execute("PRAGMA page_count").fetchone()
            database.execute(f"PRAGMA max_page_count = {pages + refused}")
            try:
                migrate(database, store.name, store.scripts, NOW)
                break
            except OperatorError as problem:
                said.add(str(problem))
        assert path.read_bytes() == before
        refused += 2
    assert refused > 20
    assert all("make room on its disk" in each and "请腾出磁盘空间" in each for each in said)
    assert schema_of(path) == newest(store, tmp_path)


def test_a_read_only_disk_leaves_what_was_there(files_of_cases: dict[int, Path]) -> None:
    path = files_of_cases[1]
    before = path.read_bytes()
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as database,
        pytest.raises(BenchError, match="readonly"),
    ):
        migrate(database, "casework", CASEWORK.scripts, NOW)
    assert path.read_bytes() == before
