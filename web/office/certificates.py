"""The certificate of a case: drafted from what the office types, signed by two persons at the bench, handed out.

Numbers, seals and signatures are the measuring side's (docs/issuing.md); this page asks for them and shows them.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.access import staff
from web.after.downloads import streamed
from web.casework import cases
from web.casework.model import Case
from web.certificate_request import known_of, position_in_plan, request_of
from web.forms import Form
from web.office.people import people_of
from web.office.roles import OFFICE, READERS
from web.refusals import problem_said
from web.signing import certificates_of, drafts_of, signed_with
from web.site import Site

MEDIA = {"pdf": "application/pdf", "xml": "application/xml", "label": "application/pdf"}
_SUFFIX = {"pdf": ".pdf", "xml": ".xml", "label": "-label.pdf"}


def add_routes(office: Blueprint, site: Site) -> None:
    @office.get("/office/case/<case_id>/certificate")
    @staff(*READERS)
    def certificate(case_id: str) -> str:
        return _page(site, cases.case(site.casework, case_id), None)

    @office.post("/office/case/<case_id>/certificate/draft")
    @staff(*OFFICE)
    def draft(case_id: str) -> str | tuple[str, int]:
        case = cases.case(site.casework, case_id)
        form = Form(request.form)
        run = form.choice("run", case.run_ids)
        wanted = request_of(form)
        if form.errors:
            return _page(site, case, form), 422
        try:
            drafted = site.link.certificate_draft(
                g.staff.session, run, position_in_plan(case.plan_toml), wanted.toml()
            )
        except (ControlRefusedError, OperatorError) as problem:
            return _page(site, case, form, problem=problem_said(problem, g.language)), 409
        return _page(site, case, form, drafted=drafted)

    @office.post("/office/case/<case_id>/certificate/sign")
    @staff("verifier")
    def sign_as_verifier(case_id: str) -> Response | tuple[str, int]:
        case = cases.case(site.casework, case_id)
        form = Form(request.form)
        wanted, password = signed_with(form, drafts_of(site.link, case.run_ids))
        if form.errors:
            return _page(site, case, form), 422
        try:
            site.link.certificate_sign(wanted, (g.staff.id, password), "verifier")
        except (ControlRefusedError, OperatorError) as problem:
            return _page(site, case, form, problem=problem_said(problem, g.language)), 409
        return redirect(url_for("office.certificate", case_id=case_id, done="signed"), 303)

    @office.get("/office/case/<case_id>/certificate/<number>/<kind>")
    @staff(*READERS)
    def certificate_file(case_id: str, number: str, kind: str) -> Response:
        case = cases.case(site.casework, case_id)
        known = {one["number"]: one for one in certificates_of(site.link, case.run_ids)}
        if number not in known or kind not in known[number]["files"]:
            abort(404)
        return streamed(
            lambda offset: site.link.certificate_read(number, kind, offset),
            MEDIA[kind],
            f"{number}{_SUFFIX[kind]}",
        )


def _begun(site: Site, case: Case) -> Form:
    """The fields of the request, with what the case knows."""
    return Form(None, run=case.run_ids[-1] if case.run_ids else "", **known_of(site.casework, case))


def _page(
    site: Site,
    case: Case,
    form: Form | None,
    *,
    drafted: dict[str, Any] | None = None,
    problem: str = "",
) -> str:
    drafts = drafts_of(site.link, case.run_ids)
    return render_template(
        "office/certificate.html",
        case=case,
        form=_begun(site, case) if form is None else form,
        people=people_of(site),
        drafts=drafts,
        draft_options=[(one["id"], one["id"]) for one in drafts],
        issued=certificates_of(site.link, case.run_ids),
        drafted=drafted,
        problem=problem,
        done=request.args.get("done", ""),
    )
