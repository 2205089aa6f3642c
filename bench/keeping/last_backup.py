"""When the last back-up was made, and whether one has failed since: a note in the state folder, for the page of health.

It is no record and not in a back-up: a restored bench has none yet. Nobody rests anything on it, so what cannot be read
or written of it is as if it were not there.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bench.whole_files import whole_file

_FILE = "last-backup.json"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """UTC, ISO 8601; None: never. failed: of the newest try, where it came to nothing."""

    made: str | None = None
    failed: str | None = None


def last_backup(state_dir: Path) -> LastBackup:
    try:
        found = json.loads((state_dir / _FILE).read_text("utf-8"))
        return LastBackup(_moment(found["made"]), _moment(found["failed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return LastBackup()


def _moment(said: str | None) -> str | None:
    """Errors: TypeError, ValueError for what is no moment in UTC: pages compute with it."""
    if said is not None and datetime.fromisoformat(said).utcoffset() is None:
        raise ValueError(said)
    return said


def note_made(state_dir: Path, now: str) -> None:
    _note(state_dir, LastBackup(now))


def note_failed(state_dir: Path, now: str) -> None:
    _note(state_dir, LastBackup(last_backup(state_dir).made, now))


def _note(state_dir: Path, last: LastBackup) -> None:
    if state_dir.is_dir():
        # A folder that nobody may write to is said elsewhere; the back-up is what it is.
        with contextlib.suppress(OSError), whole_file(state_dir / _FILE, owned_like=state_dir) as file:
            file.write(json.dumps(asdict(last)).encode())
