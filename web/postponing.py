"""Putting off a case whose customer is here: one page and one rule each, for its verifier and for the office.

Before the bench has begun it, the case is postponed. Once it has begun, its verifier and its meter are busy there, and
the bench is asked to release it; it does as long as nothing was measured. Both lead back to "planned".
"""

from __future__ import annotations

from typing import Any

from flask import g

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.access import Staff
from web.casework import cases, invitations, persons
from web.casework.model import Case, CaseState
from web.casework.transitions import Act, next_state
from web.forms import Form
from web.office.roles import OFFICE
from web.refusals import problem_said, sentence, write_down
from web.site import Site

LONGEST_WHY = 500
_FREE_THERE = ("case_not_begun", "case_unknown")


def may_postpone(case: Case, told: dict[str, Any] | None, who: Staff) -> bool:
    """The office or its verifier, and not once the bench has begun the case. told: the case as the measuring side has
    it."""
    return _may_put_off(case, who) and (told is None or told["state"] == "assigned")


def may_release(case: Case, told: dict[str, Any] | None, who: Staff) -> bool:
    """The same persons, of a case that has begun at the bench and has no run there."""
    return _may_put_off(case, who) and told is not None and told["state"] == "begun" and not told["runs"]


def _may_put_off(case: Case, who: Staff) -> bool:
    return case.state is CaseState.READY and (who.has(*OFFICE) or who.id == case.verifier)


def postpone(site: Site, case: Case, form: Form, who: Staff) -> None:
    """For the reason of the field `why`; the customer's visit ends with it. What stands against it is in the form."""
    why = form.text("why", most=LONGEST_WHY)
    if not may_postpone(case, site.link.case_if_known(case.id), who):
        write_down("not_postponed")
        form.wrong("why", "refused", why=sentence("not_postponed", {}, g.language))
    if not form.errors:
        cases.postpone(site.casework, case.id, why, who.id)
        invitations.end_visits(site.casework, case.id, who.id)


def release(site: Site, case: Case, form: Form, who: Staff) -> None:
    """As `postpone`, at the bench first: what it refuses has happened nowhere.

    Where it has let the case go already (from its own console, or casework could not follow), casework follows alone.
    """
    why = form.text("why", most=LONGEST_WHY)
    stands = persons.who_is(case, who.id)
    next_state(case.state, Act.RELEASE, stands, case.id, case.verifier)
    if not _may_put_off(case, who):
        write_down("not_postponed")
        form.wrong("why", "refused", why=sentence("not_postponed", {}, g.language))
    if form.errors:
        return
    try:
        _release_there(site, case.id, why, who)
    except OperatorError as problem:
        form.wrong("why", "refused", why=problem_said(problem, g.language))
        return
    cases.release(site.casework, case.id, why, who.id)
    invitations.end_visits(site.casework, case.id, who.id)


def _release_there(site: Site, case_id: str, why: str, who: Staff) -> None:
    try:
        site.link.case_release(who.session, case_id, why)
    except ControlRefusedError as refusal:
        if refusal.reason not in _FREE_THERE:
            raise
