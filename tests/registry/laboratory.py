"""A laboratory with somebody of each kind, whose verifier may do everything."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from bench.configuration.config import Config
from bench.registry import equipment, persons
from bench.registry.authorisations import Scope, authorise
from bench.registry.cards import CardFile, CardKind, Certificate
from bench.registry.persons import Name, Role

WHEN = "2026-01-02T08:00:00+00:00"
PASSWORD = "correct horse battery"
CERTIFICATE = Certificate(
    "C-2026-17", "a calibration laboratory", "2026-01-01", "2999-12-31", calibration_U_pct=0.02
)
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


def reference_file(lab: Laboratory, **changes: object) -> CardFile:
    """The card of the simulated reference standard; its custodian is the checker, its maintainer the verifier."""
    file = CardFile(
        CardKind.REFERENCE_STANDARD, "RS-1", "demo-reference", "SIM-1", lab.checker, lab.verifier, 0.05
    )
    return dataclasses.replace(file, **changes)  # type: ignore[arg-type]


def with_reference(
    config: Config, lab: Laboratory, certificate: Certificate = CERTIFICATE, accuracy_class_pct: float = 0.05
) -> Config:
    """The configuration with a registered reference standard."""
    file = reference_file(lab, accuracy_class_pct=accuracy_class_pct)
    equipment.add(config.state_dir, lab.administrator, file, WHEN)
    equipment.certify(config.state_dir, lab.checker, file.id, certificate, WHEN)
    reference = config.reference
    bare = dataclasses.replace(
        reference.card, model="", serial="", accuracy_class_pct=None, calibration_U_pct=0.0
    )
    return dataclasses.replace(config, reference=dataclasses.replace(reference, card=bare, card_id=file.id))
