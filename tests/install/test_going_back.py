"""An upgrade and the way back, by the installation itself under a root of its own: what an older release can read.

A release is here its folder and its schemas; its programs, systemctl and the clock are stand-ins.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.migrations import migrate
from bench.registry import trail
from bench.registry.store import reading, writing
from tests.casework import stories
from tests.migrations.earlier import CASEWORK, REGISTRY, RELEASED, opened, rows_of
from web.casework import cases
from web.casework.intact import require_intact
from web.casework.store import Casework

ROOT = Path(__file__).parents[2]
OLDER, NEWER = "20261101T000000Z", "20261120T000000Z"
FIRST, UPGRADE, BACK, FORWARD = "20261101T000001Z", "20261120T000001Z", "20261127T080000Z", "20261128T080000Z"
NOW = "2026-11-27T08:00:00+00:00"
SCHEMAS = {"bench/schema/journal", "bench/schema/registry", "web/casework/schema"}
LATER = {CASEWORK.released[-1], CASEWORK.released[-2]}
"""Migrations of the cases that the older release does not have."""
WITH_CERTIFICATES = 7
"""Migration of the registry that brought them."""


@dataclass(frozen=True)
class Machine:
    root: Path
    tools: Path

    @property
    def opt(self) -> Path:
        return self.root / "opt/meter-test-bench"

    @property
    def state(self) -> Path:
        return self.root / "var/lib/meter-test-bench"

    @property
    def casework(self) -> Path:
        return self.root / "var/lib/meter-test-bench-web/casework.sqlite"

    @property
    def copies(self) -> Path:
        return self.root / "var/backups/meter-test-bench"

    @property
    def current(self) -> str:
        return os.readlink(self.opt / "current")

    def schemas_of(self, release: str) -> Path:
        return self.opt / "releases" / release / "lib/python3.11/site-packages"

    def install(self, stamp: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "systemd/install", "--root", self.root, *options],
            env={"PATH": f"{self.tools}:{os.environ['PATH']}", "STAMP": stamp},
            capture_output=True,
            text=True,
            check=False,
        )

    def older_opens(self) -> None:
        """Errors: OperatorError where the older release could not."""
        with closing(opened(self.casework)) as database:
            migrate(database, "casework", self.schemas_of(OLDER) / "web/casework/schema", NOW)


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _release(machine: Machine, name: str) -> None:
    folder = machine.opt / "releases" / name
    for program in ("bench", "python"):  # which reads the configuration
        _program(folder / "bin" / program, "exit 0")
    for schema in SCHEMAS:
        shutil.copytree(ROOT / schema, machine.schemas_of(name) / schema)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """The older release is installed and has cases, an entry of the trail."""
    machine = Machine(tmp_path / "root", tmp_path / "tools")
    _program(machine.tools / "systemctl", "exit 0")
    _program(machine.tools / "date", 'echo "$STAMP"')
    _release(machine, OLDER)
    for number in LATER:
        (machine.schemas_of(OLDER) / f"web/casework/schema/{number:03d}.sql").unlink()
    assert machine.install(FIRST, "--release", OLDER).returncode == 0
    _release(machine, NEWER)
    with writing(machine.state, NOW) as registry:
        trail.add(registry, NOW, "P1", "something", "x", None, None)
    machine.casework.parent.mkdir()
    machine.older_opens()
    with closing(opened(machine.casework)) as database:
        CASEWORK.content[1](database)
    machine.casework.chmod(0o600)
    return machine


def upgraded(machine: Machine) -> None:
    said = machine.install(UPGRADE, "--release", NEWER)
    assert said.returncode == 0, said.stderr
    with closing(Casework(machine.casework, lambda: NOW)) as cw:
        stories.applied(cw, "B-1")
        cases.decline(cw, "C2026-0002", "x", "y", "P1")


def test_one_command_goes_back_and_says_and_keeps_what_was_written_since(machine: Machine) -> None:
    before, registry = rows_of(machine.casework), (machine.state / "registry.sqlite").read_bytes()
    upgraded(machine)
    newer = rows_of(machine.casework)
    said = machine.install(BACK, "--back")
    assert (said.returncode, said.stderr) == (0, "")
    assert machine.current == f"releases/{OLDER}"
    machine.older_opens()
    assert rows_of(machine.casework) == before
    assert require_intact(machine.copies / UPGRADE / "casework.sqlite") == 2
    assert machine.casework.stat().st_mode & 0o777 == 0o600
    assert (machine.state / "registry.sqlite").read_bytes() == registry, "the older release can read it"
    kept = machine.copies / BACK / "casework.sqlite"
    assert rows_of(kept) == newer
    assert f"is again as it was on {UPGRADE}, which {OLDER} can read" in said.stdout
    assert f"kept in {kept}: cases 2, customer 1, history 2, kept_text 3" in said.stdout
    assert "their numbers are given again: C2026-0003" in said.stdout


def test_what_the_older_release_can_read_stays_with_all_that_was_written(machine: Machine) -> None:
    for number in LATER:
        name = f"web/casework/schema/{number:03d}.sql"
        shutil.copy(ROOT / name, machine.schemas_of(OLDER) / name)
    upgraded(machine)
    newer = rows_of(machine.casework)
    said = machine.install(BACK, "--back")
    assert said.returncode == 0
    assert rows_of(machine.casework) == newer
    assert "written since" not in said.stdout


def test_back_and_forward_again(machine: Machine) -> None:
    upgraded(machine)
    assert machine.install(BACK, "--back").returncode == 0
    assert machine.install(FORWARD, "--release", NEWER).returncode == 0
    with closing(Casework(machine.casework, lambda: NOW)) as cw:
        assert cases.case(cw, "C2026-0002").state == "applied"


@pytest.mark.parametrize("length", [0, 100, 40_960])
def test_what_a_kill_has_left_of_a_copy_takes_nobodys_place(machine: Machine, length: int) -> None:
    before = rows_of(machine.casework)
    upgraded(machine)
    half = machine.copies / "20261121T000000Z/casework.sqlite"
    half.parent.mkdir()
    half.write_bytes((machine.copies / UPGRADE / half.name).read_bytes()[:length])
    said = machine.install(BACK, "--back")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"is again as it was on {UPGRADE}" in said.stdout
    assert rows_of(machine.casework) == before


def newer_journal(machine: Machine, statement: str) -> None:
    """As a release of tomorrow has it."""
    machine.state.mkdir(exist_ok=True)
    with closing(opened(machine.state / "journal.sqlite")) as database:
        migrate(database, "journal", ROOT / "bench/schema/journal", NOW)
        assert machine.install(UPGRADE, "--release", NEWER).returncode == 0
        database.execute("INSERT INTO migration VALUES (999, 'x', 'tomorrow')")
        database.execute(statement)


def first_certificate(machine: Machine) -> None:
    """By the newer release, over one from before there were any."""
    path, older = machine.state / "registry.sqlite", machine.schemas_of(OLDER) / "bench/schema/registry"
    path.unlink()
    for schema in older.glob("*.sql"):
        if int(schema.stem) >= WITH_CERTIFICATES:
            schema.unlink()
    with closing(opened(path)) as database:
        migrate(database, "registry", older, NOW)
        assert machine.install(UPGRADE, "--release", NEWER).returncode == 0
        migrate(database, "registry", ROOT / "bench/schema/registry", NOW)
        REGISTRY.content[WITH_CERTIFICATES](database)


def run_that_noted(machine: Machine, entry: int) -> None:
    """With the newer release, after a change of the registry with each release: the trail has two entries then."""
    path, older = machine.state / "registry.sqlite", machine.schemas_of(OLDER) / "bench/schema/registry"
    path.unlink()
    max(older.glob("*.sql")).unlink()
    with closing(opened(path)) as database:
        database.row_factory = sqlite3.Row
        migrate(database, "registry", older, NOW)
        trail.add(database, NOW, "P1", "something", "x", None, None)
        assert machine.install(UPGRADE, "--release", NEWER).returncode == 0
        migrate(database, "registry", ROOT / "bench/schema/registry", NOW)
        trail.add(database, NOW, "P1", "something", "y", None, None)
        sha256 = trail.hash_of(database, entry) or b""
    body = json.dumps({"trail": {"entries": entry, "sha256": sha256.hex()}}).encode()
    with closing(opened(machine.state / "journal.sqlite")) as database:
        migrate(database, "journal", ROOT / "bench/schema/journal", NOW)
        database.execute(
            "INSERT INTO record VALUES (0, 'run-000001', 'run_started', ?, zeroblob(32))", (body,)
        )


def no_copies(machine: Machine) -> None:
    upgraded(machine)
    shutil.rmtree(machine.copies)


RECORD = "INSERT INTO record VALUES (0, 'run-000001', 'run_started', x'7b7d', zeroblob(32))"


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (no_copies, "has no copy that it can read"),
        (first_certificate, "1 certificates were written since"),
        (lambda machine: newer_journal(machine, RECORD), "1 records were written since"),
        (lambda machine: run_that_noted(machine, 2), "run-000001 has noted entry 2 of its trail"),
    ],
)
def test_where_there_is_no_way_back_nothing_is_changed(
    machine: Machine, happened: Callable[[Machine], None], why: str
) -> None:
    happened(machine)
    before = rows_of(machine.casework)
    said = machine.install(BACK, "--back")
    assert said.returncode == 1
    assert why in said.stderr
    assert "the data are as they were" in said.stderr
    assert machine.current == f"releases/{NEWER}"
    assert rows_of(machine.casework) == before


def test_a_journal_in_which_nothing_was_written_since_goes_back(machine: Machine) -> None:
    newer_journal(machine, "CREATE TABLE of_tomorrow (number INTEGER)")
    said = machine.install(BACK, "--back")
    assert said.returncode == 0, said.stderr
    with closing(sqlite3.connect(machine.state / "journal.sqlite")) as database:
        numbers = [number for (number,) in database.execute("SELECT number FROM migration")]
    assert numbers == [int(number) for number in RELEASED["journal"]]


def test_a_registry_goes_back_where_every_run_knew_what_the_copy_has(machine: Machine) -> None:
    run_that_noted(machine, 1)
    said = machine.install(BACK, "--back")
    assert said.returncode == 0, said.stderr
    with reading(machine.state) as registry:
        assert trail.check(registry).entries == 1


def test_a_release_that_is_put_on_once_more_leaves_the_way_back(machine: Machine) -> None:
    upgraded(machine)
    assert machine.install(FORWARD, "--release", NEWER).returncode == 0
    said = machine.install("20261129T080000Z", "--back")
    assert (said.returncode, said.stderr) == (0, "")
    assert machine.current == f"releases/{OLDER}"


@pytest.mark.parametrize("has_front", [False, True])
def test_pages_of_a_release_without_https_are_reached_without_it(machine: Machine, has_front: bool) -> None:
    upgraded(machine)
    pages = machine.root / "etc/systemd/system/bench-web.service.d/https.conf"
    pages.parent.mkdir()
    pages.write_text("[Service]\nEnvironment=BENCH_HOST=127.0.0.1\n")
    if has_front:
        shutil.copytree(ROOT / "systemd", machine.opt / "releases" / OLDER / "systemd")
    said = machine.install(BACK, "--back")
    assert said.returncode == 0, said.stderr
    assert pages.exists() == has_front
    assert ("has no https" in said.stdout) != has_front
    assert (pages.parents[1] / "bench-https.socket").exists() == has_front


def test_there_is_nothing_before_the_first_release(machine: Machine) -> None:
    said = machine.install(BACK, "--back")
    assert said.returncode == 1
    assert "there is no release before this one" in said.stderr
