"""`python -m web.casework.intact FILE`: whether the history of every case holds. For whoever restores a back-up."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.errors import BenchError, OperatorError
from web.casework.history import is_intact
from web.casework.store import Casework

_MOST_SAID = 5


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
        raise OperatorError(
            f"{path}: the history of {', '.join(broken[:_MOST_SAID])} does not hold; take an earlier back-up"
        )
    return len(cases)


def main() -> None:
    try:
        require_intact(Path(sys.argv[1]))
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_status) from error


if __name__ == "__main__":
    main()
