"""What commissioning (`bench check`) has measured on this bench: kept, each time anew, never overwritten."""

from __future__ import annotations

import json
from pathlib import Path

from bench.canonical import JsonObject, canonical_bytes
from bench.registry.store import Registry, reading, writing


def save(state_dir: Path, record: JsonObject, wall_time: str) -> None:
    """Keep a record. wall_time: ISO 8601 UTC.

    Errors: OperatorError where the registry cannot be written; TypeError for a float (write reals as text).
    """
    body = canonical_bytes(record)
    with writing(state_dir, wall_time) as database:
        database.execute("INSERT INTO commissioning (wall_time, body) VALUES (?, ?)", (wall_time, body))


def latest(state_dir: Path) -> JsonObject | None:
    """The record that was saved last; None without one. Errors: OperatorError where it cannot be read."""
    with reading(state_dir) as database:
        kept = last_kept(database)
    return None if kept is None else kept[1]


def last_kept(database: Registry) -> tuple[str, JsonObject] | None:
    """The same with the wall time at which it was kept."""
    row = database.execute(
        "SELECT wall_time, body FROM commissioning ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return None if row is None else (row["wall_time"], json.loads(row["body"]))
