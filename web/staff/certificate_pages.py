"""From the explained result to the signed certificate: a request is filled in, the bench drafts, persons sign.

What is printed of customer and meter is typed here (`web/certificate_request.py`).
"""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.access import staff
from web.casework.model import Case
from web.casework.refused import Refused
from web.certificate_request import known_of, position_in_plan, request_of
from web.forms import Form
from web.refusals import CONFLICT, problem_said
from web.signing import signed_with
from web.site import Site
from web.staff.acts import UNFIT, to_console
from web.staff.asking import case_of, drafts_waiting, names_of, told_of
from web.staff.console import ConsolePages
from web.staff.console_view import console_of, position_of

FORBIDDEN = 403


def add_routes(pages: Blueprint, site: Site, consoles: ConsolePages) -> None:
    @pages.route("/case/<case_id>/certificate", methods=["GET", "POST"])
    @staff()
    def draft(case_id: str) -> BaseResponse:
        case = case_of(site, case_id)
        run, problem = _run_of(case), ""
        form = Form(request.form if request.method == "POST" else known_of(site.casework, case))
        if request.method == "POST":
            wanted = request_of(form).toml()
            if not form.errors:
                try:
                    site.link.certificate_draft(g.staff.session, run, _position(site, case), wanted)
                    return to_console(case_id)
                except OperatorError as refusal:
                    problem = problem_said(refusal, g.language)
        html = render_template("staff/draft.html", case=case, form=form, problem=problem)
        return Response(html, CONFLICT if problem else UNFIT if form.errors else 200)

    @pages.route("/case/<case_id>/sign", methods=["GET", "POST"])
    @staff()
    def sign(case_id: str) -> BaseResponse:
        case = case_of(site, case_id)
        drafts = drafts_waiting(site, case)
        form = Form(request.form if request.method == "POST" else None)
        problem, status = "", 200
        if request.method == "POST" and drafts:
            wanted, password = signed_with(form, drafts)
            try:
                if not form.errors:
                    site.link.certificate_sign(wanted, (g.staff.id, password))
                    return to_console(case_id)
                status = UNFIT
            except OperatorError as refusal:
                problem = problem_said(refusal, g.language)
                status = FORBIDDEN if isinstance(refusal, ControlRefusedError) else CONFLICT
        names = names_of(site, g.staff, g.language)
        told = told_of(site, case, g.staff, site.feed.latest(), names, consoles.plans)
        html = render_template(
            "staff/sign.html",
            case=case,
            draft=drafts[0] if drafts else None,
            names=names,
            console=console_of(told, g.language),
            form=form,
            problem=problem,
        )
        return Response(html, status)


def _run_of(case: Case) -> str:
    if not case.run_ids:
        raise Refused("not_tested_yet", case=case.id)
    return case.run_ids[-1]


def _position(site: Site, case: Case) -> str:
    """Where the meter was; the plan of a case has one position."""
    return position_of(site.feed.latest().state, case.serial) or position_in_plan(case.plan_toml)
