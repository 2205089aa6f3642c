"""A back-up into place: never beside a bench that lives, never over what is newer than the file, all of it or nothing.

It is unpacked beside the state folder's files and looked through before anything is touched. Then the files take their
places, the journal last: after a kill the command is given again. What is newer must be moved away by hand first, so
that nobody loses records by a command.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from bench.canonical import JsonObject
from bench.errors import BenchError, OperatorError
from bench.keeping.archive import unpack
from bench.keeping.backup import CASEWORK_FILE, KEY_BOX, PRIVATE_KEY, Kept
from bench.keeping.database_copy import change_counter
from bench.keeping.holds import leaves_of, require_cases_hold, require_holds
from bench.keeping.key_box import unlocked
from bench.keys.private_files import KEYS_FOLDER
from bench.owner import give_to_owner_of
from bench.records.journal_reading import JOURNAL_FILE, JOURNAL_LOCK
from bench.registry import trail
from bench.registry.store import REGISTRY_FILE, reading
from bench.synced_folder import sync_folder

_STAGING = ".restoring"
_MAY_CHANGE = ".json"
"""Beside each key: since when it is published."""
_PRIVATE = 0o600


def restore(kept: Kept, archive: Path, password: Callable[[], str] | None) -> JsonObject:
    """The manifest of what is in place now. password: asked for where keys are in it; None leaves them out.

    Errors: OperatorError where a bench lives there, something is newer, or the file does not hold.
    """
    staging = kept.state_dir / _STAGING
    try:
        kept.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(kept):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(mode=0o700)
            try:
                manifest = unpack(archive, staging)
                _open_keys(staging, manifest, password)
                require_holds(staging)
                _require_place_for_cases(staging, kept)
                _require_older(kept, staging, manifest)
                _put_in_place(kept, staging)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise OperatorError(
            f"{kept.state_dir}: {error.strerror or error}; make room, then give the command again"
        ) from error
    return manifest


@contextmanager
def _alone(kept: Kept) -> Iterator[None]:
    """Nobody has the journal or the cases open, nor can open them meanwhile. Errors: OperatorError."""
    with ExitStack() as held:
        lock = held.enter_context((kept.state_dir / JOURNAL_LOCK).open("a"))
        give_to_owner_of(kept.state_dir, kept.state_dir / JOURNAL_LOCK)
        _hold(lock.fileno(), "a bench is running on this folder; stop it first (systemctl stop bench)")
        if kept.casework is not None:
            cases = held.enter_context(_there_or_empty(kept.casework))
            _hold(cases.fileno(), "the pages have the cases open; stop them first (systemctl stop bench-web)")
        yield


@contextmanager
def _there_or_empty(path: Path) -> Iterator[BinaryIO]:
    """The file of cases, open; where there is none, an empty one meanwhile, so that pages that start find it in use."""
    is_new = not path.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDONLY | os.O_CREAT, _PRIVATE), "rb") as file:
        give_to_owner_of(path.parent, path)
        try:
            yield file
        finally:
            if is_new and path.stat().st_size == 0:
                path.unlink()


def _hold(descriptor: int, otherwise: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperatorError(otherwise) from None


def _open_keys(staging: Path, manifest: JsonObject, password: Callable[[], str] | None) -> None:
    box = staging / KEY_BOX
    if manifest["has_keys"] and password is not None:
        for name, key in unlocked(box.read_bytes(), password()).items():
            path = staging / KEYS_FOLDER / Path(name).name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
                file.write(key)
                os.fsync(file.fileno())
    box.unlink(missing_ok=True)


def _require_place_for_cases(staging: Path, kept: Kept) -> None:
    if not (staging / CASEWORK_FILE).exists():
        return
    if kept.casework is None:
        raise OperatorError("this back-up has cases; say with --casework where they belong")
    require_cases_hold(staging / CASEWORK_FILE)


def _require_older(kept: Kept, staging: Path, manifest: JsonObject) -> None:
    """What is there now is in the back-up, too. Errors: OperatorError where it is not, or that cannot be told."""
    try:
        own, packed = leaves_of(kept.state_dir), leaves_of(staging)
        if own != packed[: len(own)]:
            raise _newer(kept.state_dir / JOURNAL_FILE)
        with reading(kept.state_dir) as there, reading(staging) as copied:
            chain = trail.check(there)
            row = copied.execute("SELECT sha256 FROM trail WHERE number = ?", (chain.entries,)).fetchone()
            if chain.entries and (row is None or row["sha256"].hex() != chain.last_sha256):
                raise _newer(kept.state_dir / REGISTRY_FILE)
    except BenchError as error:
        if isinstance(error, _NewerError):
            raise
        raise OperatorError(
            f"what is there cannot be read, so nobody can tell whether it is newer ({error}); "
            f"move {kept.state_dir} away"
        ) from error
    for name, path in kept.databases().items():
        if path.is_file() and change_counter(path) > manifest["counters"].get(name, 0):
            raise _newer(path)
    _require_known_keys(kept.state_dir / KEYS_FOLDER, staging / KEYS_FOLDER)


class _NewerError(OperatorError):
    pass


def _newer(path: Path) -> _NewerError:
    return _NewerError(
        f"{path} was changed after this back-up; nothing was restored; to give up what came since, move it away first"
    )


def _require_known_keys(own: Path, packed: Path) -> None:
    """A key that was made since is newer, too; one that differs is of another bench."""
    for path in own.glob("*"):
        if path.suffix in (_MAY_CHANGE, PRIVATE_KEY) and not (packed / path.name).exists():
            continue  # without its keys a back-up is restored beside those that are there
        if path.suffix != _MAY_CHANGE and (
            not (packed / path.name).exists() or (packed / path.name).read_bytes() != path.read_bytes()
        ):
            raise _newer(path)


def _put_in_place(kept: Kept, staging: Path) -> None:
    names = [p.relative_to(staging) for p in sorted(staging.rglob("*")) if p.is_file()]
    databases = {Path(name) for name in (JOURNAL_FILE, REGISTRY_FILE, CASEWORK_FILE)}
    for name in names:
        if name not in databases and name != Path("bench.toml"):
            _move(staging / name, kept.state_dir / name, kept.state_dir)
    if kept.casework is not None and (staging / CASEWORK_FILE).exists():
        _copy_to_other(staging / CASEWORK_FILE, kept.casework)
    for name in (Path(REGISTRY_FILE), Path(JOURNAL_FILE)):
        if name in names:
            _without_leftovers(kept.state_dir / name)
            _move(staging / name, kept.state_dir / name, kept.state_dir)


def _move(source: Path, target: Path, owned_like: Path) -> None:
    if not target.parent.is_dir():
        target.parent.mkdir(mode=0o700, parents=True)
    for folder in {target.parent, target.parent.parent} - {owned_like.parent}:
        give_to_owner_of(owned_like, folder)
    give_to_owner_of(owned_like, source)
    source.replace(target)
    sync_folder(target.parent)


def _copy_to_other(source: Path, target: Path) -> None:
    """Onto what may be another disk, whose folder is another user's."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.restoring")
    try:
        with (
            source.open("rb") as read,
            open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb") as file,
        ):
            shutil.copyfileobj(read, file)
            file.flush()
            os.fsync(file.fileno())
        _without_leftovers(target)
        _move(partial, target, target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _without_leftovers(database: Path) -> None:
    """A rollback that a kill has left belongs to the file before, and would be played into the new one."""
    database.with_name(f"{database.name}-journal").unlink(missing_ok=True)
