"""What goes into a back-up, in the order in which it can be copied beside a bench that runs.

What refers to something is copied before it: the journal before the raw files that its records name, the registry
before the certificates and the cases that it names. So everything that a copy refers to is in the file.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.control.client import ControlClient
from bench.errors import OperatorError
from bench.keeping.archive import SUFFIX, Packing, packing
from bench.keeping.database_copy import change_counter, copy_database, go_on_counting
from bench.keeping.holds import require_copy_holds
from bench.keeping.key_box import locked
from bench.keys.log_key import all_log_publics
from bench.keys.private_files import KEYS_FOLDER
from bench.records.journal_reading import JOURNAL_FILE
from bench.records.software import software_identity
from bench.registry.store import REGISTRY_FILE
from bench.use_marks import require_not_lost
from bench.whole_files import PARTIAL

CASEWORK_FILE = "casework.sqlite"
KEY_BOX = "keys.box"
PRIVATE_KEY = ".key"
_BESIDE = ".backup-"
"""Begins the name of the folder in which databases are copied, beside the file."""
_FOLDERS = ("certificates", "runs")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a bench keeps what it keeps. casework: the web's file; None where it has none."""

    bench_id: str
    state_dir: Path
    socket_path: Path
    casework: Path | None
    config_path: Path | None = None

    def databases(self) -> dict[str, Path]:
        """That there may be, by their names in a back-up, the first to be copied first."""
        known = {JOURNAL_FILE: self.state_dir / JOURNAL_FILE, REGISTRY_FILE: self.state_dir / REGISTRY_FILE}
        return known if self.casework is None else known | {CASEWORK_FILE: self.casework}


def back_up(
    kept: Kept, folder: Path, wall_time: str, password: str | None, *, on_other_disk: bool = False
) -> Path:
    """The file that was written. password: of the private keys; None leaves them out.

    on_other_disk: refuse a folder that is on the disk of the data, as that of a stick which is not in.
    Errors: RunUnderWayError; OperatorError where a database is damaged or lost, or the file cannot be written.
    """
    if not (kept.state_dir / JOURNAL_FILE).is_file():
        raise OperatorError(f"{kept.state_dir}: there is no journal; give the configuration of the bench")
    if not folder.is_dir():
        raise OperatorError(f"{folder}: there is no such folder; make it, or name another")
    if on_other_disk and folder.stat().st_dev == kept.state_dir.stat().st_dev:
        raise OperatorError(f"{folder} is on the same disk as the data; is the stick in, the share mounted?")
    require_no_run(kept.socket_path)
    stamp = wall_time[:19].replace("-", "").replace(":", "")
    target = folder / f"{kept.bench_id}-{stamp}Z{SUFFIX}"
    if target.exists():
        raise OperatorError(f"{target} is there already; wait a second and try again")
    with _alone_in(folder), packing(target) as file:
        counters = _add_databases(kept, folder, file)
        has_keys = _add_files(kept, file, password)
        file.finish(
            {
                "bench": kept.bench_id,
                "made": wall_time,
                "software": software_identity()["version"],
                "counters": counters,
                "has_keys": has_keys,
            }
        )
    return target


def keep_newest(bench_id: str, made: Path, count: int) -> None:
    """Delete this bench's older back-ups beside the one just made, so that so many stay. Errors: OperatorError."""
    # In the name stands the time; nothing else in the folder is looked at. A clock that stood in 1970 makes the newest
    # look the oldest: it stays in any case. What has a later time is from before, of a clock that was ahead.
    named = re.compile(rf"{re.escape(bench_id)}-\d{{8}}T\d{{6}}Z{re.escape(SUFFIX)}")
    try:
        others = [path for path in made.parent.iterdir() if named.fullmatch(path.name) and path != made]
        others.sort(key=lambda path: (path.name < made.name, path.name))
        for path in others[: max(0, len(others) + 1 - count)]:
            path.unlink()
    except OSError as error:
        raise OperatorError(
            f"{made.parent}: an older back-up cannot be deleted ({error.strerror})"
        ) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other back-up is made there; what a kill or a power cut has left of one, readable copies of cases, is gone.

    Errors: OperatorError.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in folder.glob(f"{_BESIDE}*"):
                shutil.rmtree(left)
            for left in folder.glob(f".*{SUFFIX}*{PARTIAL}"):
                left.unlink()
            yield
        finally:
            os.close(descriptor)
    except BlockingIOError:
        raise OperatorError(f"{folder}: another back-up is being made there; wait for its end") from None
    except OSError as error:
        raise OperatorError(
            f"{folder} cannot be used: {error.strerror or error}; choose another folder"
        ) from error


class RunUnderWayError(OperatorError):
    """The back-up is put off; nothing has failed."""


def require_no_run(socket_path: Path) -> None:
    """Errors: RunUnderWayError where a bench is about a run. None that answers is none that is about one."""
    try:
        with ControlClient(socket_path) as client:
            is_under_way = client.health()["is_run_under_way"]
    except OperatorError:
        return
    if is_under_way:
        raise RunUnderWayError("a run is under way; wait for its end, then make the back-up")


def _add_databases(kept: Kept, folder: Path, file: Packing) -> JsonObject:
    counters: JsonObject = {}
    # Beside the file: a copy in /tmp would fill the memory of a Pi.
    with tempfile.TemporaryDirectory(prefix=_BESIDE, dir=folder) as beside:
        for name, path in kept.databases().items():
            require_not_lost(path)
            if path.is_file():
                before = change_counter(path)
                copy = Path(beside) / name
                copy_database(path, copy)
                # The copy has it, too: what is changed after a restore is newer than this file.
                counters[name] = before
                go_on_counting(copy, before)
                file.add(name, copy)
                require_copy_holds(Path(beside), name, all_log_publics(kept.state_dir))
    return counters


def _add_files(kept: Kept, file: Packing, password: str | None) -> bool:
    keys = {}
    for path in _files(kept.state_dir / KEYS_FOLDER):
        if path.suffix == PRIVATE_KEY:
            keys[path.name] = path.read_bytes()
        else:
            file.add(f"{KEYS_FOLDER}/{path.name}", path)
    if password is not None:
        file.add_bytes(KEY_BOX, locked(keys, password))
    for name in _FOLDERS:
        for path in _files(kept.state_dir / name):
            file.add(path.relative_to(kept.state_dir).as_posix(), path)
    if kept.config_path is not None:
        file.add("bench.toml", kept.config_path)
    return password is not None


def _files(folder: Path) -> list[Path]:
    """In it and below, in the order of their names; names that begin with a point are on their way."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
