"""What was done in a case, and what was refused: both are only added to.

An entry is canonical JSON: when, who (an id or `customer`), which act, and figures. A free text stands in it as
`text:` and a salted SHA-256, as in the journal (`bench/registry/kept_texts.py`); the text itself is kept where it can
be deleted, and the chain of hashes over the entries holds without it. `digest` is the end of the chain: the measuring
process keeps it in its own trail when the case ends there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from calibration.text_references import REFERENCE
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, CaseworkAwayError, Database, Row

_log = logging.getLogger(__name__)

LONGEST_TEXT = 2000
"""Characters of a free text."""
REFUSALS_A_DAY = 2000
"""More are not written down: then the log says `log_full` and is silent until the next day (UTC)."""
REFUSALS_KEPT_DAYS = 400
_SALT_BYTES = 32
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """values: figures, and free texts as they were written; a text that was deleted is still its reference there, for
    which `calibration.text_references.readable` has a word. digest: of the chain up to and with this entry."""

    number: int
    at: str
    who: str
    act: str
    values: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Refusal:
    number: int
    at: str
    who: str
    act: str
    key: str
    case_id: str | None


def add(cw: Casework, case_id: str, who: str, act: str, values: Mapping[str, str] | None = None) -> str:
    """One entry, in the transaction of the act; returns when. values: nothing that names the customer, and a free text
    by its reference (`keep_text`) only."""
    with cw.writing() as database:
        at = cw.now()
        last = database.execute(
            "SELECT number, chain FROM history WHERE case_id = ? ORDER BY number DESC LIMIT 1", (case_id,)
        ).fetchone()
        number, chain = (1, "") if last is None else (last["number"] + 1, last["chain"])
        entry = {
            "case": case_id,
            "number": number,
            "at": at,
            "who": who,
            "act": act,
            "values": dict(values or {}),
        }
        body = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        database.execute(
            "INSERT INTO history VALUES (?, ?, ?, ?)", (case_id, number, body, _chained(chain, body))
        )
    return at


def history(cw: Casework, case_id: str) -> list[Entry]:
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM history WHERE case_id = ? ORDER BY number", (case_id,)
        ).fetchall()
        texts = {row["reference"]: row["text"] for row in _texts(database, case_id)}
    return [_entry(row, texts) for row in rows]


def digest(cw: Casework, case_id: str) -> str:
    """SHA-256 (64 hexadecimal digits) of the chain over all entries, as far as it goes now."""
    entries = history(cw, case_id)
    if not entries:
        raise Refused("no_such_case", case=case_id)
    return entries[-1].digest


def is_intact(cw: Casework, case_id: str) -> bool:
    """Whether each entry is the one that was chained, and each text that is there the one that was referred to."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM history WHERE case_id = ? ORDER BY number", (case_id,)
        ).fetchall()
        kept = _texts(database, case_id)
    chain = ""
    for row in rows:
        chain = _chained(chain, row["body"])
        if chain != row["chain"]:
            return False
    return all(_reference(row["salt"], row["text"]) == row["reference"] for row in kept)


def keep_text(cw: Casework, case_id: str, text: str) -> str:
    """Keep a free text; the reference that stands for it. Errors: Refused where there is none, or too much."""
    written = words(text, LONGEST_TEXT)
    salt = secrets.token_bytes(_SALT_BYTES)
    reference = _reference(salt, written)
    with cw.writing() as database:
        database.execute("INSERT INTO kept_text VALUES (?, ?, ?, ?)", (reference, case_id, salt, written))
    return reference


def text_of(database: Database, reference: str | None) -> str | None:
    """None where there is none, or no longer."""
    row = database.execute("SELECT text FROM kept_text WHERE reference = ?", (reference,)).fetchone()
    return None if row is None else str(row["text"])


@contextmanager
def attempt(cw: Casework, who: str, act: str, case_id: str | None = None) -> Iterator[Database]:
    """The transaction of one act; where it is refused, nothing of it has happened, and the log says so.

    Part of another act's transaction it writes no log, since that is undone: the outermost does.
    """
    is_outermost = not cw.is_writing
    try:
        with cw.writing() as database:
            yield database
    except Refused as refused:
        if is_outermost and not refused.is_recorded:
            refuse(cw, who, act, refused.key, case_id)
            refused.is_recorded = True
        raise


def refuse(cw: Casework, who: str, act: str, key: str, case_id: str | None = None) -> None:
    """Write down what was refused. Nothing of a customer is in it but the case: no name, no address of a network.

    What somebody made up (an act, a case) is cut to its beginning. Of one day so many are written and no more, and
    what is older than 400 days goes: nobody fills the disk by asking. On a full disk it stays refused, and is said.
    """
    try:
        _keep_refusal(cw, who, act, key, case_id)
    except CaseworkAwayError as problem:
        _log.warning("%s, refused %s, is not written down: %s", act, key, problem)


def _keep_refusal(cw: Casework, who: str, act: str, key: str, case_id: str | None) -> None:
    with cw.writing() as database:
        at = cw.now()
        day = datetime.fromisoformat(at).date()
        # Of this day alone: what a clock that was ahead has written for later days does not count.
        (today,) = database.execute(
            "SELECT COUNT(*) FROM refusal WHERE at >= ? AND at < ?",
            (day.isoformat(), (day + timedelta(days=1)).isoformat()),
        ).fetchone()
        if today >= REFUSALS_A_DAY:
            return
        if today == REFUSALS_A_DAY - 1:
            who, act, key, case_id = "", "", "log_full", None
        said = tuple(None if word is None else word[:_LONGEST_WORD] for word in (who, act, key, case_id))
        database.execute("INSERT INTO refusal VALUES (NULL, ?, ?, ?, ?, ?)", (at, *said))
        forget_old_refusals(database, at)


def forget_old_refusals(database: Database, now: str) -> None:
    oldest = datetime.fromisoformat(now).date() - timedelta(days=REFUSALS_KEPT_DAYS)
    # A trigger of the file counts from the newest one, whatever the clock says: one that runs ahead empties nothing.
    database.execute(
        "DELETE FROM refusal WHERE at < ? AND date(at) < date((SELECT MAX(at) FROM refusal), '-400 days')",
        (oldest.isoformat(),),
    )


def refusals(cw: Casework, case_id: str | None = None, most: int = 200) -> list[Refusal]:
    """The newest first; of one case, or of all."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM refusal WHERE ?1 IS NULL OR case_id = ?1 ORDER BY number DESC LIMIT ?2",
            (case_id, most),
        ).fetchall()
    return [Refusal(*row) for row in rows]


def _texts(database: Database, case_id: str) -> list[Row]:
    return database.execute("SELECT * FROM kept_text WHERE case_id = ?", (case_id,)).fetchall()


def _entry(row: Row, texts: Mapping[str, str]) -> Entry:
    body = json.loads(row["body"])
    values = {
        name: REFERENCE.sub(lambda found: texts.get(found[0], found[0]), value)
        for name, value in body["values"].items()
    }
    return Entry(body["number"], body["at"], body["who"], body["act"], values, row["chain"])


def _chained(chain: str, body: bytes) -> str:
    return hashlib.sha256(chain.encode() + body).hexdigest()


def _reference(salt: bytes, text: str) -> str:
    return f"text:{hashlib.sha256(salt + text.encode()).hexdigest()}"
