"""The audit trail: every change of the registry, who made it, what was before and what is now.

An entry is the exact bytes of one canonical JSON object; its hash is SHA-256(hash of the entry before || bytes), and
before the first stand 32 zero bytes. So whoever changes, takes out or puts in an entry must make all hashes after it
anew. What a chain cannot show is one that was made anew as a whole, or cut at its end: for that every run notes its end
(`trail_in_journal.py`).

Persons appear by their id alone. What is in the trail cannot be deleted, and a name must be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from bench.canonical import JsonObject, canonical_bytes
from bench.records.differences import DAMAGED
from bench.registry.store import Registry, Row

CONSOLE = ""
"""Who acts where nobody is registered yet."""
NOBODY = "?"
"""Who is refused without having shown who he is."""
_BEFORE_THE_FIRST = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """old, new: None where there was, or is, nothing. about: the id of what was changed."""

    number: int
    wall_time: str
    who: str
    what: str
    about: str
    old: JsonObject | None
    new: JsonObject | None


@dataclass(frozen=True, slots=True)
class Chain:
    """What a check of the trail found. broken_at: number of the first entry that does not hold; None: all do."""

    entries: int
    last_sha256: str
    broken_at: int | None


def add(
    database: Registry,
    wall_time: str,
    who: str,
    what: str,
    about: str,
    old: JsonObject | None,
    new: JsonObject | None,
) -> None:
    """Append an entry, in the transaction of the change that it tells of."""
    last_number, before = end(database)
    number = last_number + 1
    body = canonical_bytes(
        {"number": number, "wall_time": wall_time, "who": who, "what": what, "about": about, "old": old, "new": new}
    )  # fmt: skip
    database.execute("INSERT INTO trail VALUES (?, ?, ?)", (number, body, _hash(before, body)))


def end(database: Registry) -> tuple[int, bytes]:
    """Number and hash of the last entry; 0 and what stands before the first where there is none."""
    row = database.execute("SELECT number, sha256 FROM trail ORDER BY number DESC LIMIT 1").fetchone()
    return (0, _BEFORE_THE_FIRST) if row is None else (row["number"], row["sha256"])


def hash_of(database: Registry, number: int) -> bytes | None:
    """Of the entry of this number, as it is stored; None where there is none."""
    row = database.execute("SELECT sha256 FROM trail WHERE number = ?", (number,)).fetchone()
    return None if row is None else bytes(row["sha256"])


def entries(database: Registry) -> Iterator[Entry]:
    """All of them, oldest first."""
    for (body,) in database.execute("SELECT body FROM trail ORDER BY number"):
        yield Entry(**json.loads(body))


def check(database: Registry) -> Chain:
    """Hold every entry against the one before it."""
    count, before = 0, _BEFORE_THE_FIRST
    for row in database.execute("SELECT number, body, sha256 FROM trail ORDER BY number"):
        count += 1
        if row["number"] != count or row["sha256"] != _hash(before, row["body"]) or not _tells(row, count):
            return Chain(count - 1, before.hex(), count)
        before = row["sha256"]
    return Chain(count, before.hex(), None)


def _tells(row: Row, number: int) -> bool:
    """Whether the entry is one, and of this number."""
    try:
        return Entry(**json.loads(row["body"])).number == number
    except DAMAGED:
        return False


def _hash(before: bytes, body: bytes) -> bytes:
    return hashlib.sha256(before + body).digest()
