"""Approvals of rule sets: a named person has compared a rule set with the laboratory's copy of the standard.

An approval holds for one content of the file, by its SHA-256: it lapses by itself when the file changes, and comes back
when the file is as it was. They are kept in registry.sqlite in the state folder and never changed or deleted.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.errors import OperatorError
from bench.migrations import migrate
from calibration.rules import RuleSet

_FILE = "registry.sqlite"


@dataclass(frozen=True, slots=True)
class Approval:
    """wall_time: ISO 8601 UTC, for people."""

    person: str
    wall_time: str


def approve(state_dir: Path, rules: RuleSet, person: str, wall_time: str) -> None:
    """Errors: OperatorError without a name, or where the registry cannot be written."""
    if not person.strip():
        raise OperatorError("an approval needs the name of the person who compared the rule set")
    state_dir.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(state_dir / _FILE, isolation_level=None)) as database:
            migrate(database, "registry", wall_time)
            database.execute(
                "INSERT INTO approvals (rule_set, edition, sha256, person, wall_time) VALUES (?, ?, ?, ?, ?)",
                (rules.name, rules.edition, rules.sha256, person.strip(), wall_time),
            )
    except sqlite3.Error as error:
        raise OperatorError(f"{state_dir / _FILE} cannot be written: {error}; check the folder") from error


def approval_of(state_dir: Path, rules: RuleSet) -> Approval | None:
    """The newest approval of exactly this content; None where there is none."""
    path = state_dir / _FILE
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            found = database.execute(
                "SELECT person, wall_time FROM approvals WHERE rule_set = ? AND sha256 = ? "
                "ORDER BY number DESC LIMIT 1",
                (rules.name, rules.sha256),
            ).fetchone()
    except sqlite3.Error as error:
        raise OperatorError(f"{path} cannot be read: {error}; restore it from a back-up") from error
    return None if found is None else Approval(*found)
