"""Deleting a customer's data on request: by an administrator, who types the number of the case and the password again.

The password is asked for by signing in at the bench once more; the session that comes of it is ended at once. What the
registry still has, the certificates, can only be forgotten at the bench, and the page names them.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bench.control.client import ControlRefusedError
from web.access import limit_sign_in, sign_in_worked, staff
from web.casework import cases, forgetting
from web.casework.model import Case
from web.forms import Form
from web.office.roles import ADMINISTRATORS
from web.refusals import problem_said
from web.service.requests import forget, of_case
from web.signing import certificates_of, drafts_of
from web.site import Site

_LONGEST_PASSWORD = 256


def add_routes(office: Blueprint, site: Site) -> None:
    @office.route("/office/delete/<case_id>", methods=["GET", "POST"])
    @staff(*ADMINISTRATORS)
    def delete(case_id: str) -> Response | str | tuple[str, int]:
        case = cases.case(site.casework, case_id)
        if request.method == "GET":
            return _page(site, case, Form())
        form = Form(request.form)
        if form.text("number") != case.id:
            form.wrong("number", "other_number", id=case.id)
        password = form.value("password")[:_LONGEST_PASSWORD]
        if not password:
            form.wrong("password", "missing")
        if form.errors:
            return _page(site, case, form), 422
        limit_sign_in()
        try:
            confirmed = site.link.sign_in(g.staff.id, password)
        except ControlRefusedError as refusal:
            return _page(site, case, form, problem=problem_said(refusal, g.language)), 403
        sign_in_worked()
        site.link.sign_out(confirmed["session"])
        with site.casework.writing():
            forgetting.forget(site.casework, case.id, g.staff.id)
            for one in of_case(site.casework, case.id):  # what the customer had asked before
                if one.name is not None:
                    forget(site.casework, one.id, g.staff.id)
        return redirect(url_for("office.delete", case_id=case.id), 303)


def _page(site: Site, case: Case, form: Form, *, problem: str = "") -> str:
    return render_template(
        "office/delete.html",
        case=case,
        form=form,
        problem=problem,
        others=forgetting.not_forgotten_with(site.casework, case.id),
        certificates=[one["number"] for one in certificates_of(site.link, case.run_ids)]
        + [one["id"] for one in drafts_of(site.link, case.run_ids)],
    )
