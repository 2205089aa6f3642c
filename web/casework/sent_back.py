"""A checker who does not sign says why: it stands in the case's history, and its verifier reads it."""

from __future__ import annotations

from dataclasses import dataclass

from web.casework import history as log
from web.casework.case_rows import case
from web.casework.history import attempt, history, keep_text
from web.casework.model import CaseState
from web.casework.refused import Refused
from web.casework.store import Casework

ACT = "send_back"
_MAY = (CaseState.TESTED, CaseState.EXPLAINED)


@dataclass(frozen=True, slots=True)
class SentBack:
    """why: in the checker's words, or their reference once they are forgotten."""

    by: str
    at: str
    why: str


def send_back(cw: Casework, case_id: str, why: str, by: str) -> None:
    """by: the checker of the case.

    Errors: Refused not_its_checker, not_tested_yet, case_over, text_missing, text_too_long.
    """
    with attempt(cw, by, ACT, case_id):
        this = case(cw, case_id)
        if by != this.checker:
            raise Refused("not_its_checker", case=case_id, checker=this.checker or "–")
        if not this.is_open:
            raise Refused("case_over", case=case_id)
        if this.state not in _MAY:
            raise Refused("not_tested_yet", case=case_id)
        log.add(cw, case_id, by, ACT, {"why": keep_text(cw, case_id, why)})


def sent_back(cw: Casework, case_id: str) -> list[SentBack]:
    """Every time that it was, the earliest first."""
    return [
        SentBack(entry.who, entry.at, entry.values["why"])
        for entry in history(cw, case_id)
        if entry.act == ACT
    ]
