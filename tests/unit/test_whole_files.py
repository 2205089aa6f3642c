"""Of a file that somebody relies on, the whole new one or the whole old one is there, whatever comes in between."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.appliance.machine import Machine
from bench.keeping.archive import packing
from bench.keys.private_files import replace_public, write_private
from bench.terminal.output_files import write_output
from bench.whole_files import synced_file, whole_file


class KilledError(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def whole(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"new")


def put(path: Path) -> None:
    Machine(path.parent).put(Path(path.name), b"new")


def output(path: Path) -> None:
    write_output(path, b"new")


def public(path: Path) -> None:
    replace_public(path, b"new")


def packed(path: Path) -> None:
    with packing(path) as archive:
        archive.add_bytes("bench.toml", b"new")


WRITERS = [whole, put, output, public, packed]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(b"the old one")
    return path


@pytest.mark.parametrize("write", WRITERS)
def test_a_disk_that_is_full_leaves_the_old_one_and_nothing_beside_it(
    old: Path, write: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="No space left"):
        write(old)
    assert {path.name: path.read_bytes() for path in old.parent.iterdir()} == {"table.csv": b"the old one"}


@pytest.mark.parametrize("write", WRITERS)
def test_a_kill_leaves_the_old_one(
    old: Path, write: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*of: object) -> None:
        raise KilledError

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KilledError):
        write(old)
    assert old.read_bytes() == b"the old one"


@pytest.mark.parametrize("write", WRITERS)
def test_it_was_whole_on_the_disk_before_it_took_its_place_and_its_name_after(
    old: Path, write: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk, fsync, replace = dict[int, int](), os.fsync, Path.replace

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        on_disk[os.fstat(descriptor).st_ino] = os.fstat(descriptor).st_size

    def looked_at(source: Path, target: Path) -> Path:
        assert on_disk.pop(source.stat().st_ino) == source.stat().st_size > 0
        assert not on_disk
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", looked_at)
    write(old)
    assert old.read_bytes() != b"the old one"
    assert list(on_disk) == [old.parent.stat().st_ino]


def test_a_key_was_whole_on_the_disk_before_it_got_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk, fsync, link = dict[int, int](), os.fsync, os.link

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        on_disk[os.fstat(descriptor).st_ino] = os.fstat(descriptor).st_size

    def looked_at(source: Path, target: Path) -> None:
        assert on_disk.pop(source.stat().st_ino) == len(b"secret")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "link", looked_at)
    write_private(tmp_path / "a.key", b"secret")
    assert list(on_disk) == [tmp_path.stat().st_ino]
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


def test_a_file_that_is_being_written_is_open_to_nobody_whom_it_is_not_for(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    left = tmp_path / f".secret.{os.getpid()}.partial"
    left.write_bytes(b"of a process that was killed")
    left.chmod(0o666)
    with whole_file(path, 0o600) as file:
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600
        file.write(b"secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_where_it_may_not_replace_the_old_one_stays(old: Path) -> None:
    with pytest.raises(FileExistsError), whole_file(old, may_replace=False) as file:
        file.write(b"new")
    assert {path.name: path.read_bytes() for path in old.parent.iterdir()} == {"table.csv": b"the old one"}


def test_what_fails_while_it_is_written_leaves_the_old_one(old: Path) -> None:
    with pytest.raises(TypeError), whole_file(old) as file:
        file.writelines([b"ne", "w"])  # type: ignore[list-item]
    assert {path.name: path.read_bytes() for path in old.parent.iterdir()} == {"table.csv": b"the old one"}


def test_a_synced_file_has_only_what_was_written_now(tmp_path: Path) -> None:
    (tmp_path / "staged").write_bytes(b"longer, of before")
    with synced_file(tmp_path / "staged") as file:
        file.write(b"now")
    assert (tmp_path / "staged").read_bytes() == b"now"


def test_an_output_goes_where_a_link_leads_and_into_what_is_no_file(old: Path, tmp_path: Path) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(old)
    output(link)
    assert link.is_symlink()
    assert old.read_bytes() == b"new"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    output(pipe)
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert pipe.is_fifo()
