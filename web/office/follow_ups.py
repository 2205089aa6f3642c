"""Calls and visits after the test: what is due, with the telephone number, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.casework import cases, follow_ups
from web.casework.agreements import Thing, consented
from web.casework.consumption import MOST_KWH
from web.casework.follow_ups import FollowUp, FollowUpKind
from web.casework.opinions import HIGHEST, experience
from web.dates import local_day
from web.forms import Form
from web.office.roles import OFFICE
from web.paging import asked_part
from web.site import Site

KINDS = (FollowUpKind.CALL, FollowUpKind.VISIT)
"""What the office does; the third, a page, is the customer's."""
_EVER = "9999-12-31"


def add_routes(office: Blueprint, site: Site) -> None:
    @office.get("/office/follow-ups")
    @staff(*OFFICE)
    def follow_up_list() -> str:
        today = local_day(site.now()).isoformat()
        part = asked_part(follow_ups.due(site.casework, _EVER))
        shown = [(one, cases.case(site.casework, one.case_id)) for one in part.rows]
        return render_template(
            "office/follow_ups.html",
            part=part,
            due=[pair for pair in shown if pair[0].due_on <= today],
            later=[pair for pair in shown if pair[0].due_on > today],
            days_over=lambda day: (date.fromisoformat(today) - date.fromisoformat(day)).days,
            has_agreed=lambda case_id: has_agreed(site, case_id),
            done="done" in request.args,
        )

    @office.route("/office/follow-up/<int:number>", methods=["GET", "POST"])
    @staff(*OFFICE)
    def follow_up(number: int) -> Response | str | tuple[str, int]:
        found = follow_ups.follow_up(site.casework, number)
        form = Form(request.form if request.method == "POST" else None, kind=KINDS[0])
        if request.method == "GET":
            return _page(site, found, form)
        kind = form.choice("kind", KINDS)
        said = form.text("said", most=follow_ups.LONGEST)
        used_kWh = form.number("consumption", least=0, most=MOST_KWH, required=False)
        # The two of the expectation, so that they can be compared: both or none.
        sure = form.whole("sure", least=0, most=HIGHEST, required=bool(form.value("trust")))
        trust = form.whole("trust", least=0, most=HIGHEST, required=bool(form.value("sure")))
        if form.errors:
            return _page(site, found, form), 422
        with site.casework.writing():
            if sure is not None and trust is not None:
                experience(site.casework, found.case_id, "", sure, trust, found.moment, g.staff.id)
            follow_ups.settle(site.casework, number, FollowUpKind(kind), said, used_kWh, g.staff.id)
        return redirect(url_for("office.follow_up_list", done="yes"), 303)


def has_agreed(site: Site, case_id: str) -> bool:
    """Whether the customer has agreed to be asked again."""
    said = consented(site.casework, case_id)
    return said is not None and said.agreed[Thing.FOLLOW_UP]


def _page(site: Site, found: FollowUp, form: Form) -> str:
    fields: dict[str, Any] = {"follow_up": found, "case": cases.case(site.casework, found.case_id)}
    return render_template(
        "office/follow_up.html",
        **fields,
        has_agreed=has_agreed(site, found.case_id),
        form=form,
        kinds=KINDS,
        longest=follow_ups.LONGEST,
    )
