"""Free texts that belong to records and can be deleted: titles of plans, reasons, remarks.

A record is for ever, and people write names into free text. So a record has a reference only, `text:` and the SHA-256
of a salt and the text: whoever has the text can show that it is the one that was recorded, and nobody can find it by
trying likely ones once its salt is gone. Deleting a text overwrites both in the registry's file; the journal still
verifies and replays, and whoever shows the record says that a text was deleted.

What identifies an instrument (serial numbers, types, names of positions) is no free text and stays.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, cast

from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.persons import Act, require
from bench.registry.store import Registry, Row, reading, writing
from calibration.text_references import REFERENCE

T = TypeVar("T")
_SALT_BYTES = 32
_FEWEST_DIGITS = 8
"""Of a reference that is given by its beginning."""


class What(StrEnum):
    """Which text it is."""

    PLAN_TITLE = "plan_title"
    SKIP = "skip"
    """Why the operator took a position out."""
    ANSWER = "answer"
    """A remark of the visual inspection."""
    READING = "reading"
    """What was typed as a register and is none."""
    HANDOVER = "handover"
    """Why a role of a witnessed case was handed over; kept under the case's id in the place of a run's."""
    RELEASE = "release"
    """Why a witnessed case was released before its test; likewise."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """reference: as the record has it. is_whole: whether it is the text that the reference is of."""

    reference: str
    text: str
    run_id: str
    what: What
    wall_time: str
    is_whole: bool


class KeptTexts:
    """Texts by their references, for whoever shows records."""

    def __init__(self, known: Sequence[KeptText] = ()) -> None:
        self._known = {kept.reference: kept.text for kept in known if kept.is_whole}

    def shown(self, value: T) -> T:
        """A value of a record or a state with its texts in the place of their references, where they are kept."""
        return cast("T", self._shown(value)) if self._known else value

    def _shown(self, value: object) -> object:
        if isinstance(value, str):
            return REFERENCE.sub(lambda found: self._known.get(found[0], found[0]), value)
        if isinstance(value, dict):
            return {key: self._shown(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._shown(item) for item in value]
        return value


class TextsOfRun(KeptTexts):
    """Keeps the texts of one run while it is under way, and shows them."""

    def __init__(self, state_dir: Path, run_id: str) -> None:
        super().__init__()
        self._state_dir, self._run_id = state_dir, run_id

    def keep(self, what: What, text: str, wall_time: str) -> str:
        """The reference that stands for this text from now on. Errors: OperatorError where it cannot be kept."""
        with writing(self._state_dir, wall_time) as database:
            reference = keep_text(database, self._run_id, what, text, wall_time)
        self._known[reference] = text
        return reference


def keep_text(database: Registry, run_id: str, what: What, text: str, wall_time: str) -> str:
    """The reference that stands for this text from now on, in the transaction of the caller."""
    salt = secrets.token_bytes(_SALT_BYTES)
    reference = _reference(salt, text)
    values = (reference, salt, text, run_id, what.value, wall_time)
    database.execute("INSERT INTO kept_text VALUES (?, ?, ?, ?, ?, ?)", values)
    return reference


def all_texts(state_dir: Path, run_id: str | None = None) -> list[KeptText]:
    """Of one run or of all, in the order in which they were kept. Errors: OperatorError."""
    with reading(state_dir) as database:
        return _found(database, "?1 IS NULL OR run_id = ?1", run_id)


def forget(state_dir: Path, by: str, named: str, now: str) -> list[KeptText]:
    """Delete texts for good. named: a run, or a reference or its beginning. Returns what is gone.

    Errors: OperatorError where there are none, or who asks may not.
    """
    with writing(state_dir, now) as database:
        require(database, by, Act.CUSTOMERS)
        found = _named(database, named)
        for kept in found:
            database.execute("DELETE FROM kept_text WHERE reference = ?", (kept.reference,))
            about = {"run": kept.run_id, "what": kept.what.value}
            trail.add(database, now, by, "text_forgotten", kept.reference, about, None)
    return found


def _named(database: Registry, named: str) -> list[KeptText]:
    digits = named.removeprefix("text:").lower()
    is_reference = len(digits) >= _FEWEST_DIGITS and set(digits) <= set("0123456789abcdef")
    if is_reference:
        found = _found(database, "substr(reference, 6, length(?1)) = ?1", digits)
        if len({kept.reference for kept in found}) > 1:
            raise OperatorError(f"{named} is the beginning of several texts; give more of its digits")
    else:
        found = _found(database, "run_id = ?1", named)
    if not found:
        raise OperatorError(
            f"no text is kept of {named!r}; give a run or a reference as bench admin text list shows it"
        )
    return found


def _found(database: Registry, condition: str, value: str | None) -> list[KeptText]:
    rows = database.execute(f"SELECT * FROM kept_text WHERE {condition} ORDER BY rowid", (value,))
    return [_kept(row) for row in rows]


def _kept(row: Row) -> KeptText:
    is_whole = _reference(row["salt"], row["text"]) == row["reference"]
    what = What(row["what"])
    return KeptText(row["reference"], row["text"], row["run_id"], what, row["wall_time"], is_whole)


def _reference(salt: bytes, text: str) -> str:
    return f"text:{hashlib.sha256(salt + text.encode()).hexdigest()}"
