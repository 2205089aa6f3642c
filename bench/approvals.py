"""Approvals of rule sets: a named person has compared a rule set with the laboratory's copy of the standard.

An approval holds for one content of the file, by its SHA-256: it lapses by itself when the file changes, and comes back
when the file is as it was. A person can take it back. All of it is kept in registry.sqlite in the state folder and
never changed or deleted.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.errors import OperatorError
from bench.migrations import migrate
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.rules import RuleSet

_FILE = "registry.sqlite"
_SHOWN_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Approval:
    """Or its taking back. wall_time: ISO 8601 UTC, for people."""

    person: str
    wall_time: str
    sha256: str
    is_revoked: bool = False


def approve(state_dir: Path, rules: RuleSet, person: str, wall_time: str) -> None:
    """Errors: OperatorError without a name, or where the registry cannot be written."""
    _write(state_dir, rules, Approval(person.strip(), wall_time, rules.sha256))


def revoke(state_dir: Path, rules: RuleSet, person: str, wall_time: str) -> None:
    """Take back the approval of this content. Errors: OperatorError also where there is none."""
    if approval_of(state_dir, rules) is None:
        raise OperatorError(f"{rules.name} as it is now is not approved; there is nothing to revoke")
    _write(state_dir, rules, Approval(person.strip(), wall_time, rules.sha256, is_revoked=True))


def _write(state_dir: Path, rules: RuleSet, entry: Approval) -> None:
    if not entry.person:
        raise OperatorError("an approval needs the name of the person who compared the rule set")
    state_dir.mkdir(parents=True, exist_ok=True)
    row = (rules.name, rules.edition, entry.sha256, entry.person, entry.wall_time, int(entry.is_revoked))
    try:
        with closing(sqlite3.connect(state_dir / _FILE, isolation_level=None)) as database:
            migrate(database, "registry", entry.wall_time)
            database.execute(
                "INSERT INTO approvals (rule_set, edition, sha256, person, wall_time, is_revoked) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
    except sqlite3.Error as error:
        raise OperatorError(f"{state_dir / _FILE} cannot be written: {error}; check the folder") from error


def history_of(state_dir: Path, name: str) -> list[Approval]:
    """All approvals of a rule set, of whatever content, and their revocations, oldest first."""
    path = state_dir / _FILE
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute(
                "SELECT * FROM approvals WHERE rule_set = ? ORDER BY number", (name,)
            ).fetchall()
    except sqlite3.Error as error:
        raise OperatorError(f"{path} cannot be read: {error}; restore it from a back-up") from error
    return [
        Approval(
            row["person"],
            row["wall_time"],
            row["sha256"],
            # A registry that nobody has written to since has no such column yet.
            bool("is_revoked" in row.keys() and row["is_revoked"]),  # noqa: SIM118 - a Row contains its values
        )
        for row in rows
    ]


def approval_of(state_dir: Path, rules: RuleSet) -> Approval | None:
    """The newest approval of exactly this content; None where there is none, or it was taken back."""
    found = [entry for entry in history_of(state_dir, rules.name) if entry.sha256 == rules.sha256]
    return found[-1] if found and not found[-1].is_revoked else None


def why_not_approved(state_dir: Path, rules: RuleSet) -> Finding | None:
    """None where this content is approved; else whether it never was, was approved otherwise, or was taken back."""
    if approval_of(state_dir, rules) is not None:
        return None
    history = history_of(state_dir, rules.name)
    if not history:
        return Finding(Reason.RULES_PROVISIONAL, {"name": rules.name})
    last = history[-1]
    values = {"name": rules.name, "person": last.person, "day": last.wall_time[:10]}
    if last.is_revoked:
        return Finding(Reason.APPROVAL_REVOKED, values)
    hashes = {"old": last.sha256[:_SHOWN_DIGITS], "new": rules.sha256[:_SHOWN_DIGITS]}
    return Finding(Reason.APPROVAL_LAPSED, values | hashes)
