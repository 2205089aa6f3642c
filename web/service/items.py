"""Requests and verification cases in one list: each with its kind, owner, department and deadline, and none twice.

A verification is a case of `web/casework`: its owner is whoever took it here, else its verifier, else nobody yet. A
retest is an appeal. A request that has led to a case is closed, and the case goes on in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from web.casework.case_rows import all_cases, case
from web.casework.model import Case
from web.casework.store import Casework, Database
from web.service.model import METERING, HandOff, Kind, Request
from web.service.rows import open_hand_off, request, requests


@dataclass(frozen=True, slots=True)
class Item:
    """subject: the id of a request or of a case. state: a name of `request_state` or of `case_state`.

    deadline: None where nothing is due. words: the customer's; None once they are forgotten.
    """

    subject: str
    is_case: bool
    kind: Kind
    state: str
    is_open: bool
    asked_at: str
    area: str
    owner: str | None
    department: str
    deadline: str | None
    is_waiting: bool
    """For us: with its deadline passed it is overdue."""
    words: str | None
    hand_off: HandOff | None

    def is_overdue(self, day: str) -> bool:
        return self.is_waiting and self.deadline is not None and self.deadline < day


def items(cw: Casework) -> list[Item]:
    """All, open or not; the newest first."""
    with cw.reading() as database:
        found = [_of_request(one) for one in requests(cw)]
        found += [_of_case(database, one) for one in all_cases(cw)]
    return sorted(found, key=lambda one: (one.asked_at, one.subject), reverse=True)


def item(cw: Casework, subject: str) -> Item:
    """Errors: Refused no_such_request, no_such_case."""
    if not subject.startswith("C"):
        return _of_request(request(cw, subject))
    with cw.reading() as database:
        return _of_case(database, case(cw, subject))


def _of_request(this: Request) -> Item:
    return Item(
        subject=this.id,
        is_case=False,
        kind=this.kind,
        state=this.state.value,
        is_open=this.is_open,
        asked_at=this.asked_at,
        area=this.area,
        owner=this.owner,
        department=this.department,
        deadline=this.deadline,
        is_waiting=this.is_waiting,
        words=this.words,
        hand_off=this.hand_off,
    )


def _of_case(database: Database, this: Case) -> Item:
    holder = database.execute(
        "SELECT owner, department FROM case_holder WHERE verification = ?", (this.id,)
    ).fetchone()
    owner, department = (None, METERING) if holder is None else (holder["owner"], holder["department"])
    return Item(
        subject=this.id,
        is_case=True,
        kind=Kind.APPEAL if this.retest_of else Kind.VERIFICATION,
        state=this.state.value,
        is_open=this.is_open,
        asked_at=this.applied_on,
        area=this.area,
        owner=owner or this.verifier,
        department=department,
        deadline=this.deadline,
        is_waiting=this.is_open,
        words=this.doubt,
        hand_off=open_hand_off(database, this.id),
    )
