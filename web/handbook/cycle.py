"""The periods of the cycle: an aim, what happened, each answer looked at, what was learned and what is next."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.beside import beside
from web.forms import Form
from web.handbook.question_table import rows
from web.knowledge import periods
from web.knowledge.model import Source
from web.knowledge.periods import LONGEST
from web.office.people import people_of
from web.office.roles import OFFICE, READERS
from web.site import Site


def add_routes(room: Blueprint, site: Site) -> None:
    cw = site.casework

    @room.get("/office/questions/periods")
    @staff(*READERS)
    def cycle() -> str:
        return _page(site, Form(), done="done" in request.args)

    @room.post("/office/questions/periods/open")
    @staff(*OFFICE)
    def open_period() -> Response | tuple[str, int]:
        form = Form(request.form)
        aim = form.text("aim", most=LONGEST)
        if not form.errors:
            beside(form, "aim", lambda: periods.open_first(cw, aim, g.staff.id))
        return _answered(form)

    @room.post("/office/questions/periods/look/<int:question_id>")
    @staff(*OFFICE)
    def look(question_id: int) -> Response:
        """It was read and stays as it is."""
        periods.review(cw, question_id, g.staff.id)
        return redirect(url_for("questions.cycle", done="yes", _anchor="look"), 303)

    @room.post("/office/questions/periods/close")
    @staff(*OFFICE)
    def close_period() -> Response | tuple[str, int]:
        form = Form(request.form)
        learned, then = form.text("learned", most=LONGEST), form.text("next", most=LONGEST)
        if not form.errors:
            beside(form, "learned", lambda: periods.close(cw, learned, then, g.staff.id))
        return _answered(form)

    def _answered(form: Form) -> Response | tuple[str, int]:
        if form.errors:
            return _page(site, form), 422
        return redirect(url_for("questions.cycle", done="yes"), 303)


def _page(site: Site, form: Form, *, done: bool = False) -> str:
    cw = site.casework
    everything = periods.periods(cw)
    titles = {row.question.id: row.words for row in rows(cw, g.language)}
    return render_template(
        "handbook/periods.html",
        form=form,
        done=done,
        current=periods.current(cw),
        courses=[(period, periods.course(cw, period)) for period in everything],
        sources=tuple(Source),
        titles=titles,
        people=people_of(site),
        is_editor=g.staff.has(*OFFICE),
        longest=LONGEST,
    )
