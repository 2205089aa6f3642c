"""Approvals of rule sets: a named person has compared a rule set with the laboratory's copy of the standard.

An approval holds for one content of the file, by its SHA-256: it lapses by itself when the file changes, and comes back
when the file is as it was. A person can take it back. All of it is kept in the registry and never changed or
deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.dates import day_of
from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.persons import Act, has_administrator, known, require, require_name
from bench.registry.store import Registry, writing
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.rules import RuleSet

_SHOWN_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Approval:
    """Or its taking back. person: id, or the name of one who approved before anybody was registered.

    wall_time: ISO 8601 UTC, for people.
    """

    person: str
    wall_time: str
    sha256: str
    is_revoked: bool = False


def approve(state_dir: Path, rules: RuleSet, person: str, wall_time: str) -> None:
    """person: id, once there is an administrator; before that a name.

    Errors: OperatorError without a name, where the person may not, or the registry cannot be written.
    """
    _write(state_dir, rules, Approval(person.strip(), wall_time, rules.sha256))


def revoke(state_dir: Path, rules: RuleSet, person: str, wall_time: str) -> None:
    """Take back the approval of this content. Errors: OperatorError also where there is none."""
    _write(state_dir, rules, Approval(person.strip(), wall_time, rules.sha256, is_revoked=True))


def _write(state_dir: Path, rules: RuleSet, entry: Approval) -> None:
    if not entry.person:
        raise OperatorError("an approval needs the name of the person who compared the rule set")
    with writing(state_dir, entry.wall_time) as database:
        if entry.is_revoked and approval_of(database, rules) is None:
            raise OperatorError(f"{rules.name} as it is now is not approved; there is nothing to revoke")
        who, person = trail.CONSOLE, entry.person
        if has_administrator(database):
            who = person = known(database, entry.person).id
            require(database, who, Act.RULES)
        else:
            person = require_name(person)
        what = "rules_revoked" if entry.is_revoked else "rules_approved"
        trail.add(database, entry.wall_time, who, what, rules.name, None, {"sha256": entry.sha256})
        row = (rules.name, rules.edition, entry.sha256, person, entry.wall_time, int(entry.is_revoked))
        database.execute(
            "INSERT INTO approvals (rule_set, edition, sha256, person, wall_time, is_revoked) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )


def history_of(database: Registry, name: str) -> list[Approval]:
    """All approvals of a rule set, of whatever content, and their revocations, oldest first."""
    rows = database.execute("SELECT * FROM approvals WHERE rule_set = ? ORDER BY number", (name,))
    return [Approval(row["person"], row["wall_time"], row["sha256"], bool(row["is_revoked"])) for row in rows]


def approval_of(database: Registry, rules: RuleSet) -> Approval | None:
    """The newest approval of exactly this content; None where there is none, or it was taken back."""
    found = [entry for entry in history_of(database, rules.name) if entry.sha256 == rules.sha256]
    return found[-1] if found and not found[-1].is_revoked else None


def why_not_approved(database: Registry, rules: RuleSet) -> Finding | None:
    """None where this content is approved; else whether it never was, was approved otherwise, or was taken back."""
    if approval_of(database, rules) is not None:
        return None
    history = history_of(database, rules.name)
    if not history:
        return Finding(Reason.RULES_PROVISIONAL, {"name": rules.name})
    last = history[-1]
    values = {"name": rules.name, "person": last.person, "day": day_of(last.wall_time)}
    if last.is_revoked:
        return Finding(Reason.APPROVAL_REVOKED, values)
    hashes = {"old": last.sha256[:_SHOWN_DIGITS], "new": rules.sha256[:_SHOWN_DIGITS]}
    return Finding(Reason.APPROVAL_LAPSED, values | hashes)
