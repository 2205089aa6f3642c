"""A change of persons that only one of the two sides has: what each has, and the act that brings them together.

A handover is told to the measuring side first and then written into the case. Where the web dies in between, the case
refuses, or somebody hands over at the bench, the two name different persons, and neither can go on. The bench's word
counts, so the case follows it; where the case cannot, the bench is handed back what the case has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web.casework import cases
from web.casework.model import Case, CaseState, Role
from web.casework.refused import Refused
from web.site import Site
from web.texts import text

_NAMED = (CaseState.PLANNED, CaseState.READY, CaseState.TESTING, CaseState.TESTED, CaseState.EXPLAINED)
"""States of a case that is open and has persons."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A role for which the two sides name different persons, by their ids."""

    role: Role
    at_bench: str
    in_case: str


def differing(case: Case, told: dict[str, Any] | None) -> tuple[Differing, ...]:
    """told: the case as the measuring side has it, None where it does not know it.

    Nothing for a case that is at its end or has no persons yet.
    """
    if told is None or case.state not in _NAMED:
        return ()
    own = {Role.VERIFIER: case.verifier or "", Role.CHECKER: case.checker or ""}
    return tuple(
        Differing(role, str(told[role.value]), person)
        for role, person in own.items()
        if told[role.value] != person
    )


def half_done(site: Site) -> list[Case]:
    """The open cases that both sides know and of which they name different persons. Each is asked for at the bench."""
    return [
        case
        for case in cases.all_cases(site.casework)
        if case.state in _NAMED and differing(case, site.link.case_if_known(case.id))
    ]


def repair(site: Site, case: Case, session: str, by: str, language: str) -> None:
    """Both sides name the same persons after it; where they do already, nothing is done.

    Errors: Refused or ControlRefusedError where neither side can take what the other has.
    """
    why = text("office_repair.why", language)
    for one in differing(case, site.link.case_if_known(case.id)):
        try:
            cases.hand_over(site.casework, case.id, one.role, one.at_bench, why, by)
        except Refused:
            site.link.case_handover(session, case.id, one.in_case, why, one.role)
