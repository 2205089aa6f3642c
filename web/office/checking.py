"""The checker's page: what waits for his signature, all that it rests on, signing and sending back.

The signature is the bench's: it checks the password, the role and that this person is the checker of the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.access import staff
from web.after.outcome import state_of
from web.casework import cases, checklists
from web.casework.model import Case, CaseState
from web.casework.outcomes import latest
from web.casework.photos import photos
from web.casework.questions import questions
from web.casework.sent_back import send_back, sent_back
from web.forms import Form
from web.office.people import people_of
from web.office.results import Shown, shown_result
from web.office.roles import CHECKERS
from web.refusals import problem_said
from web.signing import certificates_of, drafts_of, signed_with
from web.site import Site

_LONGEST_REASON = 1000
WAITING = (CaseState.TESTED, CaseState.EXPLAINED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case and what its checker has to do. how: name of a text of the section `checking`."""

    case: Case
    how: str
    draft: str | None


def add_routes(office: Blueprint, site: Site) -> None:
    @office.get("/check")
    @staff(*CHECKERS)
    def check() -> str:
        mine = [one for one in cases.all_cases(site.casework, person=g.staff.id) if one.checker == g.staff.id]
        waiting = [_waiting(site, case) for case in mine if case.state in WAITING]
        return render_template(
            "office/check_list.html",
            waiting=[one for one in waiting if one.how != "issued"],
            people=people_of(site),
        )

    @office.get("/check/<case_id>")
    @staff(*CHECKERS)
    def check_case(case_id: str) -> str:
        return _page(site, cases.case(site.casework, case_id), Form())

    @office.post("/check/<case_id>/sign")
    @staff(*CHECKERS)
    def check_sign(case_id: str) -> Response | tuple[str, int]:
        case = cases.case(site.casework, case_id)
        form = Form(request.form)
        draft, password = signed_with(form, drafts_of(site.link, case.run_ids))
        if form.errors:
            return _page(site, case, form), 422
        try:
            signed = site.link.certificate_sign(draft, (g.staff.id, password), "checker")
        except (ControlRefusedError, OperatorError) as problem:
            return _page(site, case, form, problem=problem_said(problem, g.language)), 409
        return redirect(
            url_for("office.check_case", case_id=case_id, done="signed", number=signed["number"] or None), 303
        )

    @office.post("/check/<case_id>/refuse")
    @staff(*CHECKERS)
    def check_refuse(case_id: str) -> Response | tuple[str, int]:
        case = cases.case(site.casework, case_id)
        form = Form(request.form)
        why = form.text("refuse_reason", most=_LONGEST_REASON)
        if form.errors:
            return _page(site, case, form), 422
        send_back(site.casework, case_id, why, g.staff.id)
        return redirect(url_for("office.check_case", case_id=case_id, done="refused"), 303)


def _waiting(site: Site, case: Case) -> Waiting:
    if certificates_of(site.link, case.run_ids[-1:]):
        return Waiting(case, "issued", None)
    for draft in drafts_of(site.link, case.run_ids):
        roles = {signature["role"] for signature in draft["signatures"]}
        if "checker" not in roles:
            return Waiting(case, "waiting" if "verifier" in roles else "verifier_first", draft["id"])
    return Waiting(case, "not_drafted", None)


def _result(site: Site, case: Case) -> Shown | None:
    """The figures of its last run, as they were kept when it ended."""
    outcome = latest(site.casework, case.id)
    return None if outcome is None else shown_result(*state_of(outcome), g.language)


def _page(site: Site, case: Case, form: Form, *, problem: str = "") -> str:
    waiting = _waiting(site, case)
    arguments: dict[str, Any] = {
        "case": case,
        "form": form
        if form.value("draft")
        else Form({}, draft=waiting.draft or "")
        if not form.errors
        else form,
    }
    return render_template(
        "office/check.html",
        **arguments,
        waiting=waiting,
        result=_result(site, case),
        problem=problem,
        done=request.args.get("done", ""),
        number=request.args.get("number", ""),
        is_its_checker=case.checker == g.staff.id,
        people=people_of(site),
        questions=questions(site.casework, case.id),
        ticks=checklists.ticks(site.casework, case.id),
        photos=photos(site.casework, case.id),
        sent_back=sent_back(site.casework, case.id),
    )
