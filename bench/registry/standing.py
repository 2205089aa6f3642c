"""What the registry says of a run, read once when the run starts; from then on the run uses what it froze."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.config import Config
from bench.plan import CheckedPlan
from bench.registry import authorisations
from bench.registry.approvals import why_not_approved
from bench.registry.persons import all_persons
from bench.registry.store import reading
from calibration.quantities import Finding
from calibration.reasons import Reason


@dataclass(frozen=True)
class Standing:
    """findings: everything in the registry that keeps the run from being official."""

    findings: tuple[Finding, ...]


def standing(config: Config, checked: CheckedPlan, today: str, verifier: str) -> Standing:
    """today: YYYY-MM-DD. verifier: id of a person, "" where nobody is named. Errors: OperatorError."""
    unapproved = why_not_approved(config.state_dir, checked.rules)
    found = [] if unapproved is None else [unapproved]
    return Standing((*found, *_of_verifier(config, checked, today, verifier)))


def _of_verifier(config: Config, checked: CheckedPlan, today: str, verifier: str) -> Iterator[Finding]:
    with reading(config.state_dir) as database:
        person = all_persons(database).get(verifier)
        given = list(authorisations.all_authorisations(database))
    if person is None:
        yield Finding(Reason.VERIFIER_UNKNOWN)
    else:
        yield from authorisations.of_plan(person, given, checked, today)
