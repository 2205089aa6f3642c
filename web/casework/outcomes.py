"""What a run showed of a case's meter when it was over: kept, so that a result page stands when the bench has gone on.

An outcome is a JSON object that is given in and given out word for word (web/after/outcome.py says what it holds). It
has no person in it: the meter's figures and its serial number, which the case has anyway.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from web.casework.store import Casework


def keep(cw: Casework, case_id: str, run_id: str, outcome: Mapping[str, Any]) -> bool:
    """Keep the outcome of a run. False, and nothing changes, where it is kept already or there is no such case."""
    written = json.dumps(outcome, ensure_ascii=False, sort_keys=True)
    with cw.writing() as database:
        kept = database.execute(
            "INSERT INTO outcome (case_id, run_id, kept_at, state)"
            " SELECT id, ?2, ?3, ?4 FROM cases WHERE id = ?1 ON CONFLICT DO NOTHING",
            (case_id, run_id, cw.now(), written),
        )
        return kept.rowcount == 1


def latest(cw: Casework, case_id: str) -> dict[str, Any] | None:
    """The outcome of the last run of a case that has ended; None where none has."""
    with cw.reading() as database:
        row = database.execute(
            "SELECT state FROM outcome WHERE case_id = ? ORDER BY rowid DESC LIMIT 1", (case_id,)
        ).fetchone()
    return None if row is None else dict(json.loads(row["state"]))


def kept_at(cw: Casework, case_id: str) -> str | None:
    """When that run ended, as the web saw it (ISO 8601 UTC)."""
    with cw.reading() as database:
        row = database.execute(
            "SELECT kept_at FROM outcome WHERE case_id = ? ORDER BY rowid DESC LIMIT 1", (case_id,)
        ).fetchone()
    return None if row is None else str(row["kept_at"])
