"""A back-up into place: never beside a bench that lives, never over what is newer than the file, all of it or nothing.

It is unpacked beside the state folder's files and looked through before anything is touched. Then the files take their
places, the journal last: after a kill the command is given again, and until then no bench opens that journal. What is
newer, or another installation's, must be moved away by hand first, so that nobody loses records by a command. That is
judged by what is in it: leaves of the journal, chains of trail and cases; and by the times at which its schemas were
made, which are of this file alone. What was only just installed has nothing in it.
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
from bench.keeping.database_copy import change_counter, copy_database
from bench.keeping.holds import judged_cases, leaves_of, require_holds
from bench.keeping.key_box import unlocked
from bench.keys.private_files import KEYS_FOLDER, keys_folder, write_private
from bench.owner import give_to_owner_of
from bench.records.journal_reading import (
    HALF_RESTORED,
    JOURNAL_FILE,
    JOURNAL_LOCK,
    UNPACKED,
    JournalReader,
)
from bench.registry import trail
from bench.registry.store import REGISTRY_FILE, Registry, reading
from bench.synced_folder import sync_folder
from bench.use_marks import unmark
from bench.whole_files import synced_file

_MAY_CHANGE = ".json"
"""Beside each key: since when it is published."""
_PRIVATE = 0o600


def restore(kept: Kept, archive: Path, password: Callable[[], str] | None) -> JsonObject:
    """The manifest of what is in place now. password: asked for where keys are in it; None leaves them out.

    Errors: OperatorError where a bench lives there, something is newer, or the file does not hold.
    """
    staging, placing = kept.state_dir / UNPACKED, kept.state_dir / HALF_RESTORED
    try:
        kept.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(kept):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(mode=0o700)
            try:
                manifest = unpack(archive, staging)
                _require_own(kept, manifest)
                _open_keys(staging, manifest, password)
                require_holds(staging)
                _leave_later_runs(staging)
                _require_place_for_cases(staging, kept)
                _require_older(kept, staging, manifest)
                _begin_placing(staging, placing)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            _put_in_place(kept, placing)
            shutil.rmtree(placing)
    except OSError as error:
        raise OperatorError(
            f"{kept.state_dir}: {error.strerror or error}; make room, then give the command again"
        ) from error
    return manifest


def _require_own(kept: Kept, manifest: JsonObject) -> None:
    """With its keys a bench would go on signing in the name of another one, which may live. Errors: OperatorError."""
    if manifest["bench"] != kept.bench_id:
        raise OperatorError(
            f"this back-up is of the bench {manifest['bench']!r}, and here is {kept.bench_id!r}; nothing was changed; "
            "take a back-up of this one, or give its id in bench.toml where this machine takes the place of that bench"
        )


def _leave_later_runs(staging: Path) -> None:
    """One that began while the back-up was made may have raw files in it, and has no record: no bench takes that."""
    journal = JournalReader(staging)
    try:
        known = set(journal.run_ids())
    finally:
        journal.close()
    for folder in (staging / "runs").glob("*"):
        if folder.name not in known:
            shutil.rmtree(folder)


def _begin_placing(staging: Path, placing: Path) -> None:
    """From now on the state folder is half restored, and says so; also where another restore had come so far."""
    placing.mkdir(mode=0o700, exist_ok=True)
    for left in placing.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    staging.rename(placing)
    sync_folder(placing.parent)


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
        if not box.is_file():
            raise OperatorError("the keys of this back-up are not in it; take an earlier one")
        for name, key in unlocked(box.read_bytes(), password()).items():
            write_private(keys_folder(staging) / Path(name).name, key)
    box.unlink(missing_ok=True)


def _require_place_for_cases(staging: Path, kept: Kept) -> None:
    if not (staging / CASEWORK_FILE).exists():
        return
    if kept.casework is None:
        raise OperatorError("this back-up has cases; say with --casework where they belong")


def _require_older(kept: Kept, staging: Path, manifest: JsonObject) -> None:
    """What is there now is in the back-up, too. Errors: OperatorError where it is not, or that cannot be told."""
    counters = manifest["counters"]
    try:
        own, packed = leaves_of(kept.state_dir), leaves_of(staging)
        if own != packed[: len(own)]:
            raise _not_older(kept.state_dir / JOURNAL_FILE, is_other=own[:1] != packed[:1])
        with reading(kept.state_dir, may_be_lost=True) as there, reading(staging) as copied:
            is_new = not own and not _has_rows(there)
            _require_older_registry(
                kept.state_dir / REGISTRY_FILE, there, copied, counters.get(REGISTRY_FILE, 0)
            )
    except BenchError as error:
        if isinstance(error, _NotOlderError):
            raise
        raise OperatorError(
            f"what is there cannot be read, so nobody can tell whether it is newer ({error}); "
            f"move {kept.state_dir} away"
        ) from error
    if kept.casework is not None and (staging / CASEWORK_FILE).exists():
        _require_older_cases(kept.casework, staging, counters.get(CASEWORK_FILE, 0))
    # The key of a bench that has signed nothing yet gives way to the one in the file.
    if not (is_new and any((staging / KEYS_FOLDER).glob(f"*{PRIVATE_KEY}"))):
        _require_known_keys(kept.state_dir / KEYS_FOLDER, staging / KEYS_FOLDER)


def _require_older_registry(path: Path, there: Registry, copied: Registry, counter: int) -> None:
    if not _has_rows(there):
        return
    for number, sha256 in _first_and_last(there):
        row = copied.execute("SELECT sha256 FROM trail WHERE number = ?", (number,)).fetchone()
        if row is None or row["sha256"] != sha256:
            raise _not_older(path, is_other=number == 1)
    if not _made(there) <= _made(copied):
        raise _not_older(path, is_other=True)
    if change_counter(path) > counter:
        raise _not_older(path, is_other=False)


def _has_rows(registry: Registry) -> bool:
    tables = registry.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migration'")
    return any(
        registry.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for (table,) in tables.fetchall()
    )


def _first_and_last(registry: Registry) -> list[tuple[int, bytes]]:
    """Of the trail. Errors: OperatorError where its chain does not hold."""
    if trail.check(registry).broken_at is not None:
        raise OperatorError("its trail does not hold")
    rows = registry.execute(
        "SELECT number, sha256 FROM trail WHERE number IN (1, (SELECT MAX(number) FROM trail)) ORDER BY number"
    )
    return [(row["number"], row["sha256"]) for row in rows]


def _made(registry: Registry) -> set[tuple[int, str]]:
    """When its schemas were made; those that were made for this look have no time."""
    return {
        tuple(row) for row in registry.execute("SELECT number, applied FROM migration WHERE applied <> ''")
    }


def _require_older_cases(casework: Path, staging: Path, counter: int) -> None:
    """Errors: OperatorError, also where the history of a case in the back-up does not hold."""
    is_there = casework.is_file() and casework.stat().st_size > 0
    own = staging / "own.sqlite" if is_there else None
    if own is not None:
        copy_database(casework, own)
    try:
        found = judged_cases(staging / CASEWORK_FILE, own)
    except OperatorError as error:
        raise OperatorError(
            f"the cases of this back-up cannot be taken ({error}); take an earlier one"
        ) from error
    if own is not None:
        own.unlink()
    if found == "older" and change_counter(casework) > counter:
        found = "newer"
    if found in ("newer", "other"):
        raise _not_older(casework, is_other=found == "other")


class _NotOlderError(OperatorError):
    pass


def _not_older(path: Path, *, is_other: bool) -> _NotOlderError:
    why = "is of another installation than" if is_other else "was changed after"
    return _NotOlderError(
        f"{path} {why} this back-up; nothing was restored; to give up what is in it, move it away first"
    )


def _require_known_keys(own: Path, packed: Path) -> None:
    """A key that was made since is newer, too; one that differs is of another bench."""
    for path in own.glob("*"):
        if path.suffix in (_MAY_CHANGE, PRIVATE_KEY) and not (packed / path.name).exists():
            continue  # without its keys a back-up is restored beside those that are there
        if path.suffix != _MAY_CHANGE and (
            not (packed / path.name).exists() or (packed / path.name).read_bytes() != path.read_bytes()
        ):
            raise _not_older(path, is_other=False)


def _put_in_place(kept: Kept, staging: Path) -> None:
    names = [p.relative_to(staging) for p in sorted(staging.rglob("*")) if p.is_file()]
    databases = {Path(name) for name in (JOURNAL_FILE, REGISTRY_FILE, CASEWORK_FILE)}
    for name in names:
        if name not in databases and name != Path("bench.toml"):
            _move(staging / name, kept.state_dir / name, kept.state_dir)
    if kept.casework is not None and (staging / CASEWORK_FILE).exists():
        _copy_to_other(staging / CASEWORK_FILE, kept.casework)
    if Path(REGISTRY_FILE) not in names:
        unmark(kept.state_dir / REGISTRY_FILE)
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
        with source.open("rb") as read, synced_file(partial, _PRIVATE) as file:
            shutil.copyfileobj(read, file)
        _without_leftovers(target)
        _move(partial, target, target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _without_leftovers(database: Path) -> None:
    """A rollback that a kill has left belongs to the file before, and would be played into the new one."""
    database.with_name(f"{database.name}-journal").unlink(missing_ok=True)
