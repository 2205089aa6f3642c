"""The application: a customer's doubt in the own words becomes a case. The one page that anybody may write to.

It needs no account, so it is bounded: each field, the size of the form, how often one address may send. At the counter
somebody who is signed in fills in the same form, and the case says who took it.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import Staff, limit_public, staff_or_nobody
from web.apply.promised import promised
from web.casework import cases, history, limits, self_check_photos, self_checks
from web.casework.model import CUSTOMER, Application, Customer
from web.casework.opinions import expectation
from web.forms import Form
from web.refusals import write_down
from web.site import Site
from web.texts import text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LIMITS = {"doubt": 2000, "expects": 500, "serial": 40, "area": 60, "name": 80, "address": 200, "phone": 30}
"""The most characters of each field."""
_MOST = 10
SELF_CHECK = "self_check"
"""The field, and the part of the address, with the code of self-checks that come with the application."""
DAYS_WISHED = "days_wished"
"""The act of a history's entry that has the days that suit the customer."""
_NUMBER = re.compile(r"C\d{4}-\d{4,6}")


def create_apply_blueprint(site: Site) -> Blueprint:
    """`/apply` and what is said after it."""
    apply = Blueprint("apply", __name__, template_folder="templates")

    @apply.route("/apply", methods=["GET", "POST"])
    def form() -> Response | str | tuple[str, int]:
        counter = staff_or_nobody()
        if request.method == "GET":
            return _page(site, Form(None, **{SELF_CHECK: request.args.get(SELF_CHECK, "")}), counter)
        limit_public()
        typed = Form(request.form)
        if full := _full(site, counter):
            write_down(full)
            return _page(site, typed, counter), 503
        application = _application(typed, counter)
        sure = typed.whole("sure", least=0, most=_MOST)
        expects = typed.text("expects", most=LIMITS["expects"])
        trust = typed.whole("trust", least=0, most=_MOST)
        code = typed.value(SELF_CHECK)
        if code and not self_checks.kept(site.casework, code):
            typed.wrong(SELF_CHECK, "self_check_gone", days=self_checks.KEPT_DAYS)
        if typed.errors or sure is None or trust is None:
            return _page(site, typed, counter), 422
        with site.casework.writing():
            case = cases.apply(site.casework, application)
            expectation(site.casework, case.id, expects, sure, trust)
            if code:
                self_checks.attach(site.casework, code, case.id, application.by)
            if days := ",".join(day for day in DAYS if typed.flag(f"day_{day}")):
                history.add(site.casework, case.id, application.by, DAYS_WISHED, {"days": days})
        return redirect(url_for("apply.sent", number=case.id), 303)

    @apply.get("/apply/sent/<number>")
    def sent(number: str) -> str:
        """It says the number and nothing of the case, so that a number that is guessed tells nothing."""
        if not _NUMBER.fullmatch(number):
            abort(404)
        return render_template(
            "apply/sent.html",
            number=number,
            days=site.casework.promises.plan_days,
            at_counter=staff_or_nobody() is not None,
        )

    return apply


def _application(form: Form, counter: Staff | None) -> Application:
    return Application(
        customer=Customer(
            name=form.text("name", most=LIMITS["name"]),
            address=form.text("address", most=LIMITS["address"]),
            phone=form.text("phone", most=LIMITS["phone"]),
        ),
        doubt=form.text("doubt", most=LIMITS["doubt"]),
        serial=form.text("serial", most=LIMITS["serial"]),
        area=form.text("area", most=LIMITS["area"], required=False),
        by=counter.id if counter else CUSTOMER,
    )


def _page(site: Site, form: Form, counter: Staff | None) -> str:
    labels: dict[str, Any] = {
        name: text(f"apply.{name}", g.language) for name in (*LIMITS, "sure", "trust", SELF_CHECK)
    }
    return render_template(
        "apply/form.html",
        form=form,
        labels=labels,
        limits=LIMITS,
        days=DAYS,
        promises=promised(site.casework.promises, g.language),
        counter=counter.name(g.language) if counter else None,
        full=_full(site, counter),
        telephone=site.casework.promises.telephone,
        self_check_days=self_checks.KEPT_DAYS,
        self_checks=self_checks.kept(site.casework, form.value(SELF_CHECK)),
        check_photos=self_check_photos.kept(site.casework, form.value(SELF_CHECK)),
    )


def _full(site: Site, counter: Staff | None) -> str:
    """Why the web takes no application from a customer now; "" where it does."""
    return "applications_full" if counter is None and limits.applications_full(site.casework) else ""
