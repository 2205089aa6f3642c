"""A mark beside a database in which something has been kept: without it, a file that its disk has emptied or lost would
be begun anew, and silent, as on a new machine.

The journal needs none: raw files of runs tell of it (`bench/records/journal.py`). What counts is that the mark is
there. It is in no back-up: whoever writes into what was restored makes it again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from bench.errors import OperatorError
from bench.owner import give_to_owner_of
from bench.synced_folder import sync_folder

_SAID = (
    "Something has been kept in {name}: where it is missing or empty, nobody goes on (docs/operation.md).\n"
)


def mark_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-used")


def mark_used(database: Path) -> None:
    """After something is kept in it. A disk that does not take the mark undoes nothing: it is tried with the next."""
    mark = mark_of(database)
    if not mark.exists():
        with suppress(OSError):
            mark.write_text(_SAID.format(name=database.name), encoding="utf-8")
            give_to_owner_of(mark.parent, mark)
            sync_folder(mark.parent)


def unmark(database: Path) -> None:
    """What is there now was never used. Errors: OSError."""
    mark_of(database).unlink(missing_ok=True)


def require_not_lost(database: Path) -> None:
    """Errors: OperatorError where something has been kept in it, and it is not there or has no bytes."""
    if not mark_of(database).exists():
        return
    try:
        size = database.stat().st_size
    except FileNotFoundError:
        size = None
    if not size:
        what, how = ("is gone", "不见了") if size is None else ("is empty", "是空的")
        raise OperatorError(
            f"{database} {what}, and something had been kept in it; check the disk, then restore a back-up: "
            f"bench restore FILE / {database} {how}，而其中本来存有数据；请检查存储，再恢复备份：bench restore 文件"
        )
