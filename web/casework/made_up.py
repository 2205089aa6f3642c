"""Cases of the demonstration: nobody had them and nothing was measured, and no page may let them pass for real ones.

The mark is set when such a case is made, and cannot be taken off it. Where a file has one, whatever is counted over all
of it (a month's review, the promises) rests on made-up cases, too, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from web.casework.case_rows import case
from web.casework.store import Casework

RUN = "DEMO-"
"""How the runs begin that no bench has."""


def mark(cw: Casework, case_id: str) -> None:
    """Errors: Refused no_such_case."""
    with cw.writing() as database:
        case(cw, case_id)
        database.execute("INSERT INTO made_up VALUES (?) ON CONFLICT DO NOTHING", (case_id,))


def is_made_up(cw: Casework, case_id: str) -> bool:
    with cw.reading() as database:
        row = database.execute("SELECT 1 FROM made_up WHERE case_id = ?", (case_id,)).fetchone()
    return row is not None


def said_of(cw: Casework, case_id: str, run_ids: Sequence[str]) -> str:
    """Name of the text of the section `demonstration` that its pages show; "" for a case that somebody had.

    A made-up case that was planned may be done at the bench like any other: then its last run is one.
    """
    if not is_made_up(cw, case_id):
        return ""
    if not run_ids:
        return "planned"
    return "case" if run_ids[-1].startswith(RUN) else "done_here"


def has_any(cw: Casework) -> bool:
    """Whether this file is a demonstration's."""
    with cw.reading() as database:
        return database.execute("SELECT 1 FROM made_up LIMIT 1").fetchone() is not None
