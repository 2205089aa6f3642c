"""A back-up is whole or not there; a restored copy holds and can be gone on with; nothing newer is ever replaced."""

from __future__ import annotations

import errno
import fcntl
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import tarfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from bench.app import replay_run
from bench.clock import SystemClock
from bench.commands.cli import cli
from bench.errors import BenchError, OperatorError
from bench.keeping import archive as archives
from bench.keeping import backup as backing_up
from bench.keeping import holds, key_box
from bench.keeping import restore as restoring
from bench.keeping.archive import Packing
from bench.keeping.backup import Kept, back_up
from bench.keeping.restore import restore
from bench.records.journal_reading import JOURNAL_FILE
from bench.registry import persons
from bench.registry.persons import Name, Role
from bench.service import Service
from tests.bench_process.support import BENCH, PLAN, open_journal, plan_of, virtual_bench
from tests.casework import stories
from web.casework.history import refuse
from web.casework.intact import judged, require_intact
from web.casework.store import Casework

NOW = "2026-11-27T06:00:00+00:00"
LATER = "2026-11-27T06:00:00.000001+00:00"
"""When another installation was made."""
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench with a run, a person and a case, made once; each test has a copy."""
    folder = tmp_path_factory.mktemp("made")
    persons.first_administrator(folder / "state", Name("赵敏", "Zhao Min"), PASSWORD, NOW)
    with virtual_bench(folder / "state") as process:
        process.run(plan_of())
    (folder / "state" / "certificates").mkdir()
    (folder / "state" / "certificates" / "2026-00001.pdf").write_bytes(b"%PDF")
    casework = Casework(folder / "web.sqlite", lambda: NOW)
    stories.received(casework)
    casework.close()
    return folder


def in_this_process(command: list[str], **unused: object) -> subprocess.CompletedProcess[str]:
    """What `python -m web.casework.intact` does, without the second that its start takes."""
    packed, *own = map(Path, command[3:])
    try:
        said = judged(packed, own[0] if own else None)
    except BenchError as error:
        return subprocess.CompletedProcess(command, error.exit_status, "", f"{error}\n")
    return subprocess.CompletedProcess(command, 0, f"{said}\n", "")


@pytest.fixture
def asked_of_the_webs_own_program() -> None:
    """For a test of the process that looks at the cases."""


@pytest.fixture(autouse=True)
def cheap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key from a password costs nothing, and the cases are looked at here: the program of the web, of which that is
    a part, takes a second of processor to start."""
    monkeypatch.setattr(key_box, "_COST", 2)
    if "asked_of_the_webs_own_program" not in request.fixturenames:
        monkeypatch.setattr(holds, "subprocess", SimpleNamespace(run=in_this_process))


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Kept:
    shutil.copytree(made, tmp_path / "bench")
    return at(tmp_path / "bench")


def at(folder: Path) -> Kept:
    return Kept("test", folder / "state", folder / "state" / "bench.sock", folder / "web.sqlite")


def backed_up(kept: Kept, tmp_path: Path, password: str | None = PASSWORD) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir(exist_ok=True)
    return back_up(kept, folder, NOW, password)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "journal.lock"
    }


@pytest.mark.usefixtures("asked_of_the_webs_own_program")
def test_a_restored_copy_holds_and_is_gone_on_with(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    assert file.name == "test-20261127T060000Z.backup.tar.gz"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = at(tmp_path / "other")
    manifest = restore(other, file, lambda: PASSWORD)
    assert manifest["made"] == NOW
    raw = {name: data for name, data in content_of(kept.state_dir).items() if ".sqlite" not in name}
    there = content_of(other.state_dir)
    assert {name: there[name] for name in raw} == raw
    assert stat.S_IMODE((other.state_dir / "keys" / "log-1.key").stat().st_mode) == 0o600
    assert not (other.state_dir / ".restoring").exists()
    assert other.casework is not None
    assert require_intact(other.casework) == 1
    [replayed] = [replay_run(other.state_dir, "run-000001")]
    assert replayed.results
    assert replayed.differences == ()
    with virtual_bench(other.state_dir) as process:
        assert process.run(plan_of()).run_id == "run-000002"
        assert process.let_in("P1", PASSWORD) == "P1"


def test_the_private_keys_are_nowhere_readable_in_the_file(kept: Kept, tmp_path: Path) -> None:
    secret = (kept.state_dir / "keys" / "log-1.key").read_bytes()
    plain = gzip.decompress(backed_up(kept, tmp_path).read_bytes())
    assert secret not in plain
    assert not any(line in plain for line in secret.splitlines()[1:-1])


def test_another_password_opens_nothing(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    with pytest.raises(OperatorError, match="not the password"):
        restore(at(tmp_path / "other"), file, lambda: PASSWORD + "x")
    assert content_of(tmp_path / "other" / "state") == {}
    with pytest.raises(OperatorError, match="12 characters"):
        back_up(kept, file.parent, "2026-11-27T06:00:01+00:00", "short")
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_each_file_was_whole_on_the_disk_before_it_took_its_place(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other, on_disk = backed_up(kept, tmp_path), at(tmp_path / "other"), dict[int, int]()
    fsync, move, moved = os.fsync, restoring._move, list[str]()

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        on_disk[os.fstat(descriptor).st_ino] = os.fstat(descriptor).st_size

    def looked_at(source: Path, *to: Path) -> None:
        assert on_disk.get(source.stat().st_ino) == source.stat().st_size, source
        moved.append(source.name)
        move(source, *to)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(restoring, "_move", looked_at)
    restore(other, file, lambda: PASSWORD)
    assert {"log-1.key", "journal.sqlite"} <= set(moved)


def test_without_keys_what_is_there_is_kept(kept: Kept, tmp_path: Path) -> None:
    before = content_of(kept.state_dir / "keys")
    restore(kept, backed_up(kept, tmp_path, None), None)
    assert content_of(kept.state_dir / "keys") == before


def test_a_restore_may_be_given_again(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    restore(kept, file, lambda: PASSWORD)
    restore(kept, file, lambda: PASSWORD)


def test_nothing_is_restored_beside_a_bench_or_pages_that_live(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    assert kept.casework is not None
    with virtual_bench(kept.state_dir), pytest.raises(OperatorError, match="a bench is running"):
        restore(kept, file, lambda: PASSWORD)
    with (
        closing(Casework(kept.casework, lambda: NOW)),
        pytest.raises(OperatorError, match="the pages have the cases open"),
    ):
        restore(kept, file, lambda: PASSWORD)


def test_pages_that_start_meanwhile_wait_for_the_cases(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = backed_up(kept, tmp_path), at(tmp_path / "other")
    assert other.casework is not None
    casework, tried = other.casework, []

    def pages_start(folder: Path) -> None:
        with pytest.raises(OperatorError, match="being restored"):
            Casework(casework, lambda: NOW)
        tried.append(folder)

    monkeypatch.setattr(restoring, "require_holds", pages_start)
    restore(other, file, lambda: PASSWORD)
    assert tried
    assert require_intact(casework) == 1


def test_pages_never_keep_a_file_that_was_replaced_while_they_opened_it(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.casework is not None
    casework, flock = kept.casework, fcntl.flock

    def replaced_before(descriptor: int, operation: int) -> None:
        shutil.copy(casework, tmp_path / "restored")
        (tmp_path / "restored").replace(casework)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", replaced_before)
    with pytest.raises(OperatorError, match="being restored"):
        Casework(casework, lambda: NOW)


def test_nothing_of_the_cases_is_made_by_a_restore_that_fails(kept: Kept, tmp_path: Path) -> None:
    other = at(tmp_path / "other")
    with pytest.raises(OperatorError, match="not the password"):
        restore(other, backed_up(kept, tmp_path), lambda: PASSWORD + "x")
    assert other.casework is not None
    assert not other.casework.exists()


def test_what_a_kill_has_left_of_a_back_up_goes_with_the_next_one(kept: Kept, tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    (folder / ".backup-killed").mkdir(parents=True)
    (folder / ".backup-killed" / "casework.sqlite").write_bytes(b"names of customers")
    for left in (
        ".test-20261127T055900Z.backup.tar.gz.partial",
        ".test-20261127T055901Z.backup.tar.gz.4711.partial",
    ):
        (folder / left).write_bytes(b"half")
    (folder / "photo.jpg").write_bytes(b"somebody else's")
    file = backed_up(kept, tmp_path)
    assert sorted(p.name for p in folder.iterdir()) == ["photo.jpg", file.name]


def test_two_back_ups_are_not_made_into_one_folder_at_once(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_bytes = Packing.add_bytes

    def second(packing: Packing, name: str, content: bytes) -> None:
        with pytest.raises(OperatorError, match="another back-up"):
            back_up(kept, tmp_path / "usb", "2026-11-27T06:00:01+00:00", PASSWORD)
        add_bytes(packing, name, content)

    monkeypatch.setattr(Packing, "add_bytes", second)
    assert backed_up(kept, tmp_path).is_file()


def another_run(kept: Kept) -> None:
    with virtual_bench(kept.state_dir) as process:
        process.run(plan_of())


def another_person(kept: Kept) -> None:
    persons.add(kept.state_dir, "P1", Name("李伟", "Li Wei"), (Role.VERIFIER,), PASSWORD, NOW)


def another_case(kept: Kept) -> None:
    assert kept.casework is not None
    with closing(Casework(kept.casework, lambda: NOW)) as casework:
        stories.applied(casework, "A-2")


def another_key(kept: Kept) -> None:
    (kept.state_dir / "keys" / "log-2.pub").write_bytes(b"made since")


@pytest.mark.parametrize("change", [another_run, another_person, another_case, another_key])
def test_what_is_newer_is_never_replaced(kept: Kept, tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    file = backed_up(kept, tmp_path)
    change(kept)
    before = content_of(kept.state_dir)
    with pytest.raises(OperatorError, match="changed after this back-up"):
        restore(kept, file, lambda: PASSWORD)
    assert content_of(kept.state_dir) == before


def test_what_is_newer_than_what_was_restored_is_never_replaced(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    other = at(tmp_path / "other")
    restore(other, file, lambda: PASSWORD)
    another_case(other)
    assert other.casework is not None
    with pytest.raises(OperatorError, match="changed after this back-up"):
        restore(other, file, lambda: PASSWORD)
    assert require_intact(other.casework) == 2


def another_installation(folder: Path) -> Kept:
    """Its journal is empty; its registry and its cases were changed less often than those of the back-up."""
    other = at(folder)
    assert other.casework is not None
    other.state_dir.mkdir(parents=True)
    with closing(Casework(other.casework, lambda: LATER)) as casework:
        stories.applied(casework, "Z-1")
    return other


@pytest.mark.usefixtures("asked_of_the_webs_own_program")
def test_a_run_that_began_while_the_back_up_was_made_is_no_part_of_it(kept: Kept, tmp_path: Path) -> None:
    later = kept.state_dir / "runs" / "run-000002"
    later.mkdir()
    (later / "edges-1.bin").write_bytes(b"edges")
    other = at(tmp_path / "other")
    restore(other, backed_up(kept, tmp_path), lambda: PASSWORD)
    assert [path.name for path in (other.state_dir / "runs").iterdir()] == ["run-000001"]
    with virtual_bench(other.state_dir) as process:
        assert process.run(plan_of()).run_id == "run-000002"


def test_another_bench_s_back_up_is_not_taken_for_one_of_this(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    other = replace(at(tmp_path / "other"), bench_id="bench-2")
    with pytest.raises(OperatorError, match="is of the bench 'test', and here is 'bench-2'"):
        restore(other, file, lambda: PASSWORD)
    assert content_of(other.state_dir) == {}


def test_another_installation_s_cases_are_never_replaced(kept: Kept, tmp_path: Path) -> None:
    file, other = backed_up(kept, tmp_path), another_installation(tmp_path / "other")
    with pytest.raises(OperatorError, match=r"web\.sqlite is of another installation than this back-up"):
        restore(other, file, lambda: PASSWORD)
    assert other.casework is not None
    assert require_intact(other.casework) == 1
    assert content_of(other.state_dir) == {}


def another_administrator(kept: Kept) -> None:
    kept.state_dir.mkdir(parents=True)
    persons.first_administrator(kept.state_dir, Name("", "Somebody Else"), PASSWORD, LATER)


def a_run_of_another(kept: Kept) -> None:
    with virtual_bench(kept.state_dir) as process:
        process.run(plan_of(PLAN.replace("M-1", "M-2")))


@pytest.mark.parametrize(
    ("of", "happened"), [("journal", a_run_of_another), ("registry", another_administrator)]
)
def test_another_installation_s_records_are_never_replaced(  # type: ignore[no-untyped-def]
    kept: Kept, tmp_path: Path, of: str, happened
) -> None:
    file, other = backed_up(kept, tmp_path), at(tmp_path / "other")
    happened(other)
    before = content_of(other.state_dir)
    with pytest.raises(OperatorError, match=rf"{of}\.sqlite is of another installation"):
        restore(other, file, lambda: PASSWORD)
    assert content_of(other.state_dir) == before


def test_what_was_only_just_installed_gives_way(kept: Kept, tmp_path: Path) -> None:
    """A bench that was started has a key and schemas, and pages that were started have answers, and nobody's words."""
    file, other = backed_up(kept, tmp_path), at(tmp_path / "other")
    assert other.casework is not None
    with virtual_bench(other.state_dir):
        pass
    for _ in range(9):  # changed more often than what is in the file
        with closing(Casework(other.casework, lambda: LATER)) as casework:
            refuse(casework, "P1", "plan", "role_needed")
    restore(other, file, lambda: PASSWORD)
    assert require_intact(other.casework) == 1
    assert replay_run(other.state_dir, "run-000001").differences == ()
    with virtual_bench(other.state_dir) as process:
        assert process.run(plan_of()).run_id == "run-000002"


class KilledError(BaseException):
    """Nothing is tidied up after it."""


def test_a_kill_while_a_back_up_is_looked_through_leaves_nothing_at_the_next_start(
    kept: Kept, tmp_path: Path
) -> None:
    assert kept.casework is not None
    left = kept.state_dir / ".restoring"
    (left / "keys").mkdir(parents=True)
    (left / "keys" / "log-1.key").write_bytes(b"private")
    half = kept.casework.with_name(".web.sqlite.restoring")
    half.write_bytes(b"names of customers")
    with virtual_bench(kept.state_dir), closing(Casework(kept.casework, lambda: NOW)):
        assert not left.exists()
        assert not half.exists()


def test_after_a_kill_at_any_file_no_bench_starts_until_the_command_is_given_again(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, move, left = backed_up(kept, tmp_path, None), restoring._move, 0
    assert kept.casework is not None

    def killed_when_none_are_left(*of: Path) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KilledError
        move(*of)

    kills = 0
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_move", killed_when_none_are_left)
        for looks_through in ("require_holds", "_require_older"):  # each time the same
            patch.setattr(restoring, looks_through, lambda *of: None)
        while True:
            left = kills
            try:
                restore(kept, file, None)
                break
            except KilledError:
                kills += 1
            with pytest.raises(OperatorError, match="give it again: bench restore FILE / "):
                open_journal(kept.state_dir, SystemClock().state())
    assert kills > 5
    (kept.state_dir / ".restoring-into-place").mkdir()
    restore(kept, file, None)
    assert not list(kept.state_dir.glob(".restoring*"))
    assert require_intact(kept.casework) == 1
    with virtual_bench(kept.state_dir) as process:
        assert process.run(plan_of()).run_id == "run-000002"


def test_a_disk_that_is_full_while_files_take_their_place_is_said(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backed_up(kept, tmp_path, None)
    monkeypatch.setattr(restoring, "_move", full)
    with pytest.raises(OperatorError, match="make room, then give the command again"):
        restore(kept, file, None)
    with pytest.raises(OperatorError, match="bench restore"):
        open_journal(kept.state_dir, SystemClock().state())


def test_what_cannot_be_read_is_not_taken_for_older(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    (kept.state_dir / JOURNAL_FILE).write_bytes(b"not a database, but of the size of one" * 400)
    with pytest.raises(OperatorError, match="cannot be read"):
        restore(kept, file, lambda: PASSWORD)


def flipped(data: bytes, at_byte: int) -> bytes:
    return data[:at_byte] + bytes([data[at_byte] ^ 0x55]) + data[at_byte + 1 :]


def unpacked(data: bytes) -> bytes | None:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_or_changed_is_refused_and_changes_nothing(
    kept: Kept, tmp_path: Path, share: float
) -> None:
    file = backed_up(kept, tmp_path)
    data, at_byte = file.read_bytes(), int(share * file.stat().st_size)
    # In a run of zeros another distance of a match gives the same zeros: then nothing was changed.
    changed = next(
        d for d in (flipped(data, at) for at in range(at_byte, 0, -1)) if unpacked(d) != unpacked(data)
    )
    for damaged in (data[:at_byte], changed):
        file.write_bytes(damaged)
        before = content_of(kept.state_dir)
        with pytest.raises(OperatorError, match="no whole back-up"):
            restore(kept, file, lambda: PASSWORD)
        assert content_of(kept.state_dir) == before


def members_of(file: Path) -> dict[str, bytes]:
    with tarfile.open(file, "r:gz") as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def pack(file: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("other", [b"%PDx", None])
def test_a_member_that_was_changed_or_taken_out_is_named(
    kept: Kept, tmp_path: Path, other: bytes | None
) -> None:
    """By whoever knows how to pack: every checksum of gzip and tar is right."""
    file, name = backed_up(kept, tmp_path), "certificates/2026-00001.pdf"
    members = members_of(file)
    assert members.pop(name) == b"%PDF"
    manifest = {"manifest.json": members.pop("manifest.json")}
    pack(file, members | ({} if other is None else {name: other}) | manifest)
    with pytest.raises(OperatorError, match=f"{name} is not what was packed"):
        restore(kept, file, lambda: PASSWORD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bench", None),
        ("made", None),
        ("has_keys", None),
        ("counters", None),
        ("counters", ["journal.sqlite"]),
        ("counters", {"registry.sqlite": "many"}),
    ],
)
def test_a_manifest_that_lacks_what_a_restore_goes_by_is_refused_and_changes_nothing(
    kept: Kept, tmp_path: Path, field: str, value: object
) -> None:
    file = backed_up(kept, tmp_path)
    members = members_of(file)
    manifest = json.loads(members["manifest.json"]) | {field: value}
    pack(file, members | {"manifest.json": json.dumps(manifest).encode()})
    before = content_of(kept.state_dir)
    with pytest.raises(OperatorError, match="no whole back-up"):
        restore(kept, file, lambda: PASSWORD)
    assert content_of(kept.state_dir) == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "journal.sqlite",
            b"no database, and longer than its header" * 50,
            "the journal of this back-up cannot be read",
        ),
        (
            "registry.sqlite",
            b"no database, and longer than its header" * 50,
            "the registry of this .* cannot be read",
        ),
        (
            "registry.sqlite",
            b"",
            r"the registry of this back-up does not hold \(its trail is without entry 1",
        ),
        ("keys.box", None, "the keys of this back-up are not in it"),
    ],
)
def test_a_part_that_cannot_be_read_is_named_as_one_of_the_back_up(
    kept: Kept, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    """Packed by whoever knows how: its manifest tells of it."""
    file = backed_up(kept, tmp_path)
    members = members_of(file)
    manifest = json.loads(members.pop("manifest.json"))
    del members[name], manifest["files"][name]
    if content is not None:
        members[name] = content
        manifest["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    pack(file, members | {"manifest.json": json.dumps(manifest).encode()})
    before = content_of(kept.state_dir)
    with pytest.raises(OperatorError, match=f"{said}.*; take an earlier one"):
        restore(kept, file, lambda: PASSWORD)
    assert content_of(kept.state_dir) == before


def test_a_manifest_that_is_nested_without_an_end_is_refused(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "nested.tar.gz"
    pack(file, {"manifest.json": b"[" * 200_000})
    with pytest.raises(OperatorError, match="no whole back-up"):
        restore(kept, file, lambda: PASSWORD)


def test_a_box_of_keys_that_is_cut_opens_nothing() -> None:
    with pytest.raises(OperatorError, match="nothing was changed"):
        key_box.unlocked(b"cut", PASSWORD)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "keys/../../x", "runs/run-1/.x", "other"]
)
def test_a_member_with_a_foreign_name_is_refused(kept: Kept, tmp_path: Path, name: str) -> None:
    file = tmp_path / "foreign.tar.gz"
    pack(file, {name: b"x"})
    with pytest.raises(OperatorError, match="does not belong there"):
        restore(kept, file, lambda: PASSWORD)


def changed(path: Path, *statements: str) -> None:
    """As a card that wears out, or somebody with an editor, changes what no program does."""
    with closing(sqlite3.connect(path)) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            database.execute(statement)


ANOTHER_VERDICT = (
    "UPDATE record SET body = CAST(replace(body, 'PASS', 'FAIL') AS BLOB) WHERE kind = 'verdict'"
)
ANOTHER_CHAIN = "UPDATE history SET chain = 'x' WHERE number = 1"


def journal_of(kept: Kept) -> Path:
    return kept.state_dir / JOURNAL_FILE


def registry_of(kept: Kept) -> Path:
    return kept.state_dir / "registry.sqlite"


def casework_of(kept: Kept) -> Path:
    assert kept.casework is not None
    return kept.casework


@pytest.mark.parametrize(
    ("file_of", "change", "said"),
    [
        (journal_of, ANOTHER_VERDICT, r"journal\.sqlite is damaged \(record \d+: leaf_sha256"),
        (
            journal_of,
            "DELETE FROM record WHERE number = (SELECT MAX(number) FROM record)",
            r"journal\.sqlite is damaged \(checkpoint over",
        ),
        (
            journal_of,
            "UPDATE record SET kind = 'windov' WHERE kind = 'window'",
            r"journal\.sqlite is damaged \(record \d+: kind: window",
        ),
        (
            registry_of,
            "UPDATE trail SET body = x'7b7d'",
            r"registry\.sqlite is damaged \(its trail, from entry 1 on",
        ),
        (
            registry_of,
            "DELETE FROM trail",
            r"registry\.sqlite is damaged \(its trail is without entry 1, which run-000001 noted\)",
        ),
        (
            casework_of,
            ANOTHER_CHAIN,
            r"^casework\.sqlite: the history of \S+ does not hold; no back-up was made$",
        ),
    ],
)
def test_of_what_is_damaged_no_back_up_is_made_and_the_earlier_ones_stay(
    kept: Kept, tmp_path: Path, file_of: Callable[[Kept], Path], change: str, said: str
) -> None:
    file = backed_up(kept, tmp_path)
    changed(file_of(kept), change)
    with pytest.raises(OperatorError, match=said):
        back_up(kept, file.parent, LATER.replace("06:", "07:"), PASSWORD)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.usefixtures("asked_of_the_webs_own_program")
@pytest.mark.parametrize("left", [None, b""])
@pytest.mark.parametrize("file_of", [registry_of, casework_of])
def test_of_what_is_lost_no_back_up_is_made_and_a_restore_brings_it_back(
    kept: Kept, tmp_path: Path, file_of: Callable[[Kept], Path], left: bytes | None
) -> None:
    file, path = backed_up(kept, tmp_path), file_of(kept)
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    with pytest.raises(OperatorError, match=rf"{path.name} is (gone|empty), .*restore a back-up"):
        back_up(kept, file.parent, LATER.replace("06:", "07:"), PASSWORD)
    assert list(file.parent.iterdir()) == [file]
    restore(kept, file, lambda: PASSWORD)
    assert require_intact(casework_of(kept)) == 1
    with virtual_bench(kept.state_dir) as process:
        assert process.let_in("P1", PASSWORD) == "P1"
    path.write_bytes(b"")
    with pytest.raises(OperatorError, match="is empty, and something had been kept in it"):
        back_up(kept, file.parent, LATER.replace("06:", "07:"), PASSWORD)


def test_where_a_back_up_of_a_bench_without_a_registry_is_restored_none_is_missed(tmp_path: Path) -> None:
    kept = replace(at(tmp_path / "bench"), casework=None)
    with virtual_bench(kept.state_dir):
        pass
    file = backed_up(kept, tmp_path)
    persons.first_administrator(kept.state_dir, Name("赵敏", "Zhao Min"), PASSWORD, NOW)
    registry_of(kept).unlink()
    restore(kept, file, lambda: PASSWORD)
    with virtual_bench(kept.state_dir):
        pass


def test_a_bench_whose_registry_is_lost_does_not_come_up(kept: Kept) -> None:
    registry_of(kept).write_bytes(b"")
    lost = pytest.raises(OperatorError, match="is empty, and something had been kept in it")
    with lost, virtual_bench(kept.state_dir):
        raise AssertionError("it is up")
    assert registry_of(kept).read_bytes() == b""


@pytest.fixture
def damaged_goes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A back-up of a release that did not look, or one that somebody has made up."""
    monkeypatch.setattr(backing_up, "require_copy_holds", lambda *of: None)


@pytest.mark.usefixtures("damaged_goes_in")
def test_a_journal_that_does_not_hold_is_not_put_in_place(kept: Kept, tmp_path: Path) -> None:
    changed(journal_of(kept), ANOTHER_VERDICT)
    file = backed_up(kept, tmp_path)
    with pytest.raises(OperatorError, match="journal of this back-up does not hold"):
        restore(at(tmp_path / "other"), file, lambda: PASSWORD)


@pytest.mark.usefixtures("asked_of_the_webs_own_program", "damaged_goes_in")
def test_a_case_that_does_not_hold_is_not_put_in_place(kept: Kept, tmp_path: Path) -> None:
    changed(casework_of(kept), ANOTHER_CHAIN)
    file = backed_up(kept, tmp_path)
    with pytest.raises(
        OperatorError, match=r"back-up cannot be taken \(the history of .*; take an earlier one"
    ):
        restore(at(tmp_path / "other"), file, lambda: PASSWORD)


def full(*of: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_no_half_file(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    monkeypatch.setattr(Packing, "add_bytes", full)  # after the databases
    with pytest.raises(OperatorError, match="No space left on device"):
        back_up(kept, folder, NOW, PASSWORD)
    assert list(folder.iterdir()) == []


def test_a_full_disk_while_restoring_changes_nothing(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backed_up(kept, tmp_path)
    before = content_of(kept.state_dir)
    monkeypatch.setattr(archives, "_written", full)
    with pytest.raises(OperatorError, match="make room"):
        restore(kept, file, lambda: PASSWORD)
    assert content_of(kept.state_dir) == before


def test_a_run_under_way_is_waited_for(kept: Kept, tmp_path: Path) -> None:
    with virtual_bench(kept.state_dir) as process, Service(process) as service:
        backed_up(kept, tmp_path)
        service._commands._running = object()  # type: ignore[assignment]
        with pytest.raises(OperatorError, match="a run is under way"):
            backed_up(kept, tmp_path)


def test_cases_without_a_place_are_said(kept: Kept, tmp_path: Path) -> None:
    file = backed_up(kept, tmp_path)
    with pytest.raises(OperatorError, match="--casework"):
        restore(replace(at(tmp_path / "other"), casework=None), file, lambda: PASSWORD)


@pytest.mark.usefixtures("asked_of_the_webs_own_program")
def test_by_two_commands(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "state", tmp_path / "state")
    (tmp_path / "state-web").mkdir()
    shutil.copy(made / "web.sqlite", tmp_path / "state-web" / "casework.sqlite")
    config = tmp_path / "bench.toml"
    config.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    (tmp_path / "usb").mkdir()
    runner, options = CliRunner(), ["--config", str(config), "--password-stdin", "--lang", "en"]
    done = runner.invoke(cli, ["backup", str(tmp_path / "usb"), *options], input=PASSWORD + "\n")
    assert done.exit_code == 0, done.output
    assert "No cases" not in done.output
    [file] = (tmp_path / "usb").iterdir()
    shutil.rmtree(tmp_path / "state")
    (tmp_path / "state-web" / "casework.sqlite").unlink()
    done = runner.invoke(cli, ["restore", str(file), *options], input=PASSWORD + "\n")
    assert done.exit_code == 0, done.output
    assert "all of it looked through" in done.output
    assert require_intact(tmp_path / "state-web" / "casework.sqlite") == 1
    assert replay_run(tmp_path / "state", "run-000001").differences == ()


@pytest.mark.parametrize("named", [[], ["--casework", "mistyped.sqlite"]])
@pytest.mark.parametrize(("lang", "words"), [("en", "No cases are in it"), ("zh", "备份里没有案件")])
def test_a_back_up_without_cases_says_so(
    made: Path, tmp_path: Path, named: list[str], lang: str, words: str
) -> None:
    shutil.copytree(made / "state", tmp_path / "state")
    config = tmp_path / "bench.toml"
    config.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    (tmp_path / "usb").mkdir()
    asked = ["backup", str(tmp_path / "usb"), "--config", str(config), "--without-keys", "--lang", lang]
    done = CliRunner().invoke(cli, [*asked, *named])
    assert done.exit_code == 0, done.output
    assert words in done.output
