"""The ids that cases and requests have for people, such as C2026-0001: a letter, the year, a number within it."""

from __future__ import annotations

from typing import Literal

from web.casework.store import Database
from web.dates import local_day

_LETTER = {"cases": "C", "request": "R"}
"""By its table."""


def next_id(database: Database, table: Literal["cases", "request"], at: str) -> str:
    """at: when it is made. In the transaction that makes it."""
    begins = f"{_LETTER[table]}{local_day(at):%Y}-"
    (last,) = database.execute(
        f"SELECT COALESCE(MAX(CAST(substr(id, ?) AS INTEGER)), 0) FROM {table} WHERE id LIKE ?",
        (len(begins) + 1, f"{begins}%"),
    ).fetchone()
    return f"{begins}{last + 1:04d}"
