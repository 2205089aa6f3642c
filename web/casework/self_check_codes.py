"""The code under which a customer's self-checks and their photos are kept, and how long.

It has 130 bits and is kept as its hash only, so who reads the file can open nothing. It is said over the telephone and
typed at the counter, so it has capital letters and digits that nobody takes for each other (Crockford's base 32); small
letters, spaces and hyphens are read, too, and so is the address of a page that has it. What belongs to no case goes
after thirty days; that the code was one is known for some time longer, by its hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from enum import StrEnum

from web.casework.moments import DAY_S, later
from web.casework.store import Database

KEPT_DAYS = 30
REMEMBERED_DAYS = 60
"""From then on a code that has expired is one that never was."""
MOST_REMEMBERED = 20_000
LONGEST = 300
"""Characters of what somebody types: a code, or the address of a page with one."""
TABLES = ("self_check", "self_check_photo")
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_GROUP = 4
_LOOK_ALIKE = str.maketrans("OIL", "011")
_IN_AN_ADDRESS = re.compile(r"(?:self_check=|/found/)([^/?&#\s]+)")
_IS_OLD = "case_id IS NULL AND julianday(until) <= julianday(?)"


class Standing(StrEnum):
    """What a code is worth."""

    KEPT = "kept"
    ATTACHED = "attached"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def new() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def read(typed: str) -> str:
    """The code in what somebody typed or pasted, in its own spelling; "" where that cannot be one."""
    if len(typed) > LONGEST:
        return ""
    found = _IN_AN_ADDRESS.search(typed)
    spelled = re.sub(r"[\s-]", "", typed if found is None else found[1]).upper().translate(_LOOK_ALIKE)
    return spelled if len(spelled) == _LENGTH and set(spelled) <= set(_LETTERS) else ""


def shown(code: str) -> str:
    """In groups, as it is read aloud."""
    return " ".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def hashed(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def standing(database: Database, code: str) -> Standing:
    digest = hashed(code)
    if is_kept(database, code):
        return Standing.KEPT
    if _has(database, digest, "case_id IS NOT NULL"):
        return Standing.ATTACHED
    gone = database.execute("SELECT 1 FROM self_check_expired WHERE code_sha256 = ?", (digest,)).fetchone()
    return Standing.UNKNOWN if gone is None else Standing.EXPIRED


def is_kept(database: Database, code: str) -> bool:
    """Whether something that belongs to no case yet is kept under it."""
    return code != "" and _has(database, hashed(code), "case_id IS NULL")


def prolong(database: Database, code: str, now: str) -> str:
    """All that is kept under a code stays until thirty days from now, which is returned."""
    until = later(now, KEPT_DAYS * DAY_S)
    for table in TABLES:
        database.execute(
            f"UPDATE {table} SET until = ? WHERE code_sha256 = ? AND case_id IS NULL", (until, hashed(code))
        )
    return until


def has_old(database: Database, now: str) -> bool:
    return any(
        database.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {_IS_OLD})", (now,)).fetchone()[0]
        for table in TABLES
    )


def forget_old(database: Database, now: str) -> None:
    """What belongs to no case and has had its time goes; its code is remembered as one that has expired."""
    for table in TABLES:
        database.execute(
            f"INSERT OR REPLACE INTO self_check_expired SELECT code_sha256, until FROM {table} WHERE {_IS_OLD}",
            (now,),
        )
        database.execute(f"DELETE FROM {table} WHERE {_IS_OLD}", (now,))
    since = later(now, -REMEMBERED_DAYS * DAY_S)
    database.execute("DELETE FROM self_check_expired WHERE julianday(until) <= julianday(?)", (since,))
    database.execute(
        "DELETE FROM self_check_expired WHERE code_sha256 IN"
        " (SELECT code_sha256 FROM self_check_expired ORDER BY until DESC LIMIT -1 OFFSET ?)",
        (MOST_REMEMBERED,),
    )


def _has(database: Database, digest: str, which: str) -> bool:
    return any(
        database.execute(
            f"SELECT 1 FROM {table} WHERE code_sha256 = ? AND {which} LIMIT 1", (digest,)
        ).fetchone()
        for table in TABLES
    )
