"""Postponing a case whose customer is here: one page and one rule, for its verifier and for the office."""

from __future__ import annotations

from typing import Any

from flask import g

from web.access import Staff
from web.casework import cases, invitations
from web.casework.model import Case, CaseState
from web.forms import Form
from web.office.roles import OFFICE
from web.refusals import sentence, write_down
from web.site import Site

LONGEST_WHY = 500


def may_postpone(case: Case, told: dict[str, Any] | None, who: Staff) -> bool:
    """The office or its verifier, and not once the bench has begun the case: then its verifier and its meter are busy
    there, until the test is over or the case is declined. told: the case as the measuring side has it."""
    is_its = who.has(*OFFICE) or who.id == case.verifier
    has_begun = told is not None and told["state"] != "assigned"
    return is_its and case.state is CaseState.READY and not has_begun


def postpone(site: Site, case: Case, form: Form, who: Staff) -> None:
    """For the reason of the field `why`; the customer's visit ends with it. What stands against it is in the form."""
    why = form.text("why", most=LONGEST_WHY)
    if not may_postpone(case, site.link.case_if_known(case.id), who):
        write_down("not_postponed")
        form.wrong("why", "refused", why=sentence("not_postponed", {}, g.language))
    if not form.errors:
        cases.postpone(site.casework, case.id, why, who.id)
        invitations.end_visits(site.casework, case.id, who.id)
