"""`python -m web.casework.intact FILE [OWN]`: whether the history of every case holds. For whoever makes a back-up, or
restores one.

It prints what the file that is there, OWN, is to FILE: `new`, there is none, or nobody has written anything into it;
`older`, its histories go on in FILE; `newer`, they have what FILE has not; `other`, of another installation.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from bench.errors import BenchError, OperatorError
from web.casework.history import is_intact
from web.casework.store import Casework, has_been_used

_MOST_SAID = 5
_MADE = "SELECT number, applied FROM migration WHERE applied <> ''"
"""When its schemas were made: of this file alone. What was made for this look has no time."""
_HISTORIES = (
    "SELECT case_id, number, chain FROM history",
    "SELECT subject, number, at, who, act, facts FROM request_event",
)


def require_intact(path: Path) -> int:
    """How many cases there are. Errors: OperatorError where one does not hold, or the file is not there."""
    if not path.is_file():
        raise OperatorError(f"{path}: there is no file of cases; name another")
    casework = Casework(path, lambda: "")
    try:
        with casework.reading() as database:
            cases = [row["case_id"] for row in database.execute("SELECT DISTINCT case_id FROM history")]
        broken = [case for case in cases if not is_intact(casework, case)]
    finally:
        casework.close()
    if broken:
        raise OperatorError(f"the history of {', '.join(broken[:_MOST_SAID])} does not hold")
    return len(cases)


def judged(packed: Path, own: Path | None) -> str:
    """Both are opened, and so brought to the newest schema: give copies. Errors: OperatorError."""
    require_intact(packed)
    return "new" if own is None else _compared(own, packed)


def _compared(own: Path, packed: Path) -> str:
    with closing(Casework(own, lambda: "")) as there, closing(Casework(packed, lambda: "")) as copied:
        with there.reading() as database:
            if not has_been_used(database):
                return "new"
        if not _rows(there, _MADE) <= _rows(copied, _MADE):
            return "other"
        is_older = all(_rows(there, entries) <= _rows(copied, entries) for entries in _HISTORIES)
    return "older" if is_older else "newer"


def _rows(cw: Casework, query: str) -> set[tuple[object, ...]]:
    with cw.reading() as database:
        return {tuple(row) for row in database.execute(query)}


def main() -> None:
    packed, own = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    try:
        sys.stdout.write(f"{judged(packed, own)}\n")
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_status) from error


if __name__ == "__main__":
    main()
