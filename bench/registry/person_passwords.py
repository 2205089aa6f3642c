"""Passwords of persons: kept as argon2id hashes, in a table of their own.

A wrong one is counted before it is looked at, so a program that is killed has had its guess; from the fourth in a row
on, the next try has to wait, twice as long each time, up to an hour. The waiting is by the wall clock, since it must
last over a restart; where the clock went back, it begins anew.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bench.errors import OperatorError
from bench.registry.store import Registry, Row
from bench.registry.texts import folded

SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 256
_FREE_TRIES = 3
_LONGEST_WAIT_S = 3600
_FEWEST_CHARACTERS = 5
"""Different ones that a password has beside what everybody takes."""
_USUAL = (
    "administrator", "admin", "bench", "password", "passw0rd", "welcome", "letmein", "iloveyou", "woaini", "meter",
    "密码", "检定台", "电表",
)  # fmt: skip
"""A word of the product or one that stands in most passwords."""
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv",
)
"""Of these, and read backwards, four in a row or more are no secret."""
_SHORTEST_RUN = 4
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id by the minimum of the OWASP password storage cheat sheet."""


def count_try(database: Registry, who: str, now: str) -> tuple[str | None, float]:
    """The hash to hold a try against (None for a person without a password), and seconds that it comes too early."""
    row = database.execute("SELECT * FROM person_password WHERE person = ?", (who,)).fetchone()
    return (None, 0.0) if row is None else (str(row["hash"]), _counted(database, row, now))


def _counted(database: Registry, row: Row, now: str) -> float:
    """Count this try; or seconds that it comes too early, and it is none."""
    if row["failures"] > _FREE_TRIES:
        gone_s = (datetime.fromisoformat(now) - datetime.fromisoformat(row["last_at"])).total_seconds()
        needed_s = wait_after_s(row["failures"])
        if gone_s < 0.0:  # the wall clock went back
            database.execute("UPDATE person_password SET last_at = ? WHERE person = ?", (now, row["person"]))
            return needed_s
        if gone_s < needed_s:
            return needed_s - gone_s
    database.execute(
        "UPDATE person_password SET failures = failures + 1, last_at = ? WHERE person = ?",
        (now, row["person"]),
    )
    return 0.0


def wait_after_s(failures: int) -> float:
    """Seconds to wait after so many wrong passwords in a row."""
    if failures <= _FREE_TRIES:
        return 0.0
    return float(min(2 ** min(failures - _FREE_TRIES, 30), _LONGEST_WAIT_S))


def is_right(hashed: str | None, password: str) -> bool:
    """None, of an unknown person or one who has left, takes as long as a hash."""
    if hashed is None:
        HASHER.hash(_as_hashed(password))
        return False
    try:
        return HASHER.verify(hashed, _as_hashed(password))
    except (VerificationError, InvalidHashError):
        return False


def _as_hashed(password: str) -> bytes:
    """The same letters are the same password, however a keyboard composes them; what is no text is one, too."""
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


def mark_of(database: Registry, who: str) -> str:
    """What changes with the password, and tells nothing of it; "" for a person without one."""
    row = database.execute("SELECT hash FROM person_password WHERE person = ?", (who,)).fetchone()
    return "" if row is None else hashlib.sha256(str(row["hash"]).encode()).hexdigest()


def require_password(password: str, own_names: Sequence[str]) -> None:
    """Errors: OperatorError for one that is too short, too long, the own name or id, or what everybody takes."""
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise OperatorError(
            f"a password has {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters; "
            "several words are easy to remember"
        )
    letters = re.sub(r"[\W\d_]", "", folded(password))
    for own in own_names:
        bare = re.sub(r"[\W\d_]", "", folded(own))
        if bare and letters and letters == bare * (len(letters) // len(bare)):
            raise OperatorError("the password is the person's own name; choose another one")
    if len(_characters_beside_the_usual(password, own_names)) < _FEWEST_CHARACTERS:
        raise OperatorError(
            "the password is one that many take: beside the own name, words such as password or bench, and rows "
            f"such as 1234 or qwer, it has fewer than {_FEWEST_CHARACTERS} different characters; take several words"
        )


def _characters_beside_the_usual(password: str, own_names: Sequence[str]) -> set[str]:
    """The different letters and digits that are left without names, usual words and runs along a keyboard."""
    left = re.sub(r"[\W_]", "", folded(password))
    own = [re.sub(r"[\W_]", "", folded(part)) for name in own_names for part in (name, *name.split())]
    for word in sorted((*own, *_USUAL), key=len, reverse=True):
        left = left.replace(word, " ") if word else left
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), _SHORTEST_RUN - 1, -1):
            for begin in range(len(row) - length + 1):
                left = left.replace(row[begin : begin + length], " ")
    return set(left) - {" "}


def write_password(database: Registry, who: str, password: str) -> None:
    database.execute(
        "INSERT OR REPLACE INTO person_password (person, hash) VALUES (?, ?)",
        (who, HASHER.hash(_as_hashed(password))),
    )
