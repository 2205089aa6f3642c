"""From the explained result to the signed certificate: a request is filled in, the bench drafts, persons sign.

What is printed of customer and meter is typed here and goes to the bench as the small file that
`bench certificate draft` reads (docs/issuing.md); the figures come from the journal, never from a page.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bench.control.client import ControlRefusedError
from web.access import staff
from web.casework.model import Case
from web.casework.refused import Refused
from web.forms import Form
from web.refusals import sentence, write_down
from web.site import Site
from web.staff.acts import UNFIT, to_console
from web.staff.asking import case_of, drafts_of, names_of, told_of
from web.staff.console import ConsolePages
from web.staff.console_view import console_of, position_of
from web.staff.wording import local_day

LONGEST_CONDITION = 600
FORBIDDEN = 403
_LINES = ("customer_name", "customer_address", "manufacturer")


def add_routes(pages: Blueprint, site: Site, consoles: ConsolePages) -> None:
    @pages.route("/case/<case_id>/certificate", methods=["GET", "POST"])
    @staff()
    def draft(case_id: str) -> BaseResponse:
        case = case_of(site, case_id)
        form = Form(request.form, **_known(site, case)) if request.method == "GET" else Form(request.form)
        if request.method == "POST":
            wanted = request_text(form)
            if not form.errors:
                site.link.certificate_draft(g.staff.session, _run_of(case), _position(site, case), wanted)
                return to_console(case_id)
        html = render_template("staff/draft.html", case=case, form=form)
        return Response(html, UNFIT if form.errors else 200)

    @pages.route("/case/<case_id>/sign", methods=["GET", "POST"])
    @staff()
    def sign(case_id: str) -> BaseResponse:
        case = case_of(site, case_id)
        drafts = drafts_of(site, case)
        problem, status = "", 200
        if request.method == "POST" and drafts:
            password = request.form.get("password", "")
            try:
                site.link.certificate_sign(str(drafts[0]["id"]), (g.staff.id, password))
                return to_console(case_id)
            except ControlRefusedError as refusal:
                write_down(refusal.reason)
                problem, status = sentence(refusal.reason, refusal.values, g.language), FORBIDDEN
        names = names_of(site, g.staff, g.language)
        told = told_of(site, case, g.staff, site.feed.latest(), names, consoles.plans)
        html = render_template(
            "staff/sign.html",
            case=case,
            draft=drafts[0] if drafts else None,
            names=names,
            console=console_of(told, g.language),
            form=Form(),
            problem=problem,
        )
        return Response(html, status)


def request_text(form: Form) -> str:
    """The request (TOML) of what was typed; the form says what is missing."""
    name, address, manufacturer = (form.text(line) for line in _LINES)
    model = form.text("model", required=False)
    condition = form.text("condition", most=LONGEST_CONDITION, required=False).replace("\n", " ")
    deviations = form.text("deviations", most=LONGEST_CONDITION, required=False).replace("\n", " ")
    received_on = form.day("received_on")
    lines = [
        f"received_on = {_toml(received_on.isoformat() if received_on else '')}",
        f"deviations = {_toml(deviations)}",
        "[customer]",
        f"name = {_toml(name)}",
        f"address = {_toml(address)}",
        "[meter]",
        f"manufacturer = {_toml(manufacturer)}",
        f"model = {_toml(model)}",
        f"condition = {_toml(condition)}",
    ]
    return "\n".join(lines) + "\n"


def _toml(value: str) -> str:
    """A basic string of TOML: for text without control characters, which is all a form gives, as JSON writes it."""
    return json.dumps(value, ensure_ascii=False)


def _known(site: Site, case: Case) -> dict[str, Any]:
    """What the case knows of what is printed."""
    customer, kind = case.customer, case.meter_kind
    return {
        "customer_name": customer.name if customer else "",
        "customer_address": customer.address if customer else "",
        "manufacturer": kind.get("manufacturer", ""),
        "model": kind.get("meter_type", ""),
        "received_on": local_day(site.now()).isoformat(),
    }


def _run_of(case: Case) -> str:
    if not case.run_ids:
        raise Refused("not_tested_yet", case=case.id)
    return case.run_ids[-1]


def _position(site: Site, case: Case) -> str:
    """Where the meter was; the plan of a case has one position."""
    return position_of(site.feed.latest().state, case.serial) or position_in_plan(case.plan_toml)


def position_in_plan(plan: str | None) -> str:
    meters = tomllib.loads(plan or "").get("meter") or [{}]
    return str(meters[0].get("position", "1"))
