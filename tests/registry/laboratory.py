"""A laboratory with somebody of each kind, whose verifier may do everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.registry import persons
from bench.registry.authorisations import Scope, authorise
from bench.registry.persons import Name, Role

WHEN = "2026-01-02T08:00:00+00:00"
PASSWORD = "correct horse battery"
EVERYTHING = Scope((), (), (), (), (), "2020-01-01", "2999-12-31")


@dataclass(frozen=True)
class Laboratory:
    """Ids. All have the same PASSWORD."""

    administrator: str
    checker: str
    verifier: str


def staffed(state_dir: Path) -> Laboratory:
    """Persons without any authorisation."""
    administrator = persons.first_administrator(state_dir, Name("赵敏", "Zhao Min"), PASSWORD, WHEN).id
    checker = persons.add(state_dir, administrator, Name("", "Wang Fang"), (Role.CHECKER,), PASSWORD, WHEN).id
    verifier = persons.add(state_dir, administrator, Name("李伟", ""), (Role.VERIFIER,), PASSWORD, WHEN).id
    return Laboratory(administrator, checker, verifier)


def laboratory(state_dir: Path) -> Laboratory:
    """All of it in order."""
    lab = staffed(state_dir)
    authorise(state_dir, lab.administrator, lab.verifier, EVERYTHING, WHEN)
    return lab
