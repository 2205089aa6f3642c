"""The review of a month: one page, the same on one sheet of paper, and the measures that come of it."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.access import staff
from web.beside import beside
from web.casework import areas, made_up
from web.casework.refused import Refused
from web.dates import local_day
from web.forms import Form
from web.knowledge.rows import questions
from web.office.people import People, people_of
from web.office.roles import OFFICE, READERS
from web.printing import pdf_of
from web.review.issued import IssuedDays
from web.review.month_view import MonthView, Reader, before_and_in, month_said, month_view
from web.service import measures
from web.service.facts import Facts, facts
from web.service.indicators import Indicator
from web.service.items import items
from web.service.measures import Worked
from web.service.months import Month, month_at, month_of
from web.service.targets import targets
from web.site import Site
from web.texts import text


def add_routes(review: Blueprint, site: Site, issued: IssuedDays) -> None:
    @review.get("/office/review")
    @staff(*READERS)
    def latest() -> BaseResponse:
        """The newest month that is over: a review is of a whole one."""
        return redirect(url_for("review.month", written=month_at(site.now()).before.name), 303)

    @review.get("/office/review/<written>")
    @staff(*READERS)
    def month(written: str) -> str:
        return _page(site, issued, _month(site, written), Form())

    @review.get("/office/review/<written>.pdf")
    @staff(*READERS)
    def month_pdf(written: str) -> Response:
        this = _month(site, written)
        view = _view(site, issued, this, facts(site.casework), people_of(site))
        day = local_day(site.now())
        printed = view.printed(g.language) | {
            "day": [day.year, day.month, day.day],
            "demonstration": _mark(site),
        }
        answer = Response(pdf_of("web.review", "month", printed), mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f'inline; filename="review-{this.name}.pdf"'
        return answer

    @review.post("/office/review/<written>/plan")
    @staff(*OFFICE)
    def plan_measure(written: str) -> BaseResponse | tuple[str, int]:
        this, form = _month(site, written), Form(request.form)
        what = form.text("what", most=measures.LONGEST)
        owner = form.choice("owner", [value for value, _ in people_of(site).everybody(g.language)])
        indicator = form.choice("indicator", tuple(Indicator))
        due = form.day("due")
        if form.errors or due is None:
            return _page(site, issued, this, form), 422
        beside(
            form,
            "what",
            lambda: measures.plan(site.casework, this.next, what, owner, indicator, due, g.staff.id),
        )
        if form.errors:
            return _page(site, issued, this, form), 422
        return redirect(url_for("review.month", written=this.name, done="yes", _anchor="measures"), 303)

    @review.post("/office/review/measure/<int:number>")
    @staff(*OFFICE)
    def review_measure(number: int) -> BaseResponse | tuple[str, int]:
        found, form = measures.measure(site.casework, number), Form(request.form)
        verdict = form.choice(f"verdict_{number}", tuple(Worked))
        said = form.text(f"said_{number}", most=measures.LONGEST_SAID, required=False)
        if form.errors:
            return _page(site, issued, month_of(found.month), form), 422
        measures.review(site.casework, number, Worked(verdict), said, g.staff.id)
        return redirect(url_for("review.month", written=found.month, done="yes", _anchor="measures"), 303)


def _month(site: Site, written: str) -> Month:
    """Errors: Refused no_such_month, also for one that has not begun."""
    this = month_of(written)
    if this > month_at(site.now()):
        raise Refused("no_such_month", written=written)
    return this


def _mark(site: Site) -> list[str]:
    """What stands over the sheet where its figures rest on made-up cases: a word and a sentence, or nothing."""
    if not made_up.has_any(site.casework):
        return []
    return [text("demonstration.mark", g.language), text("demonstration.said", g.language)]


def _view(site: Site, issued: IssuedDays, month: Month, read: Facts, people: People) -> MonthView:
    cw, today = site.casework, local_day(site.now()).isoformat()
    language = g.language
    return month_view(
        read,
        month,
        targets(cw),
        (measures.measures(cw, month), measures.measures(cw, month.next)),
        (
            sum(one.is_overdue(today) for one in items(cw)),
            sum(one.is_overdue(today) for one in questions(cw)),
        ),
        issued,
        Reader(
            language,
            lambda person: people.shown(person, language),
            areas.naming(areas.areas(cw), language),
            None if g.staff.has(*OFFICE) else g.staff.id,
        ),
    )


def _page(site: Site, issued: IssuedDays, month: Month, form: Form) -> str:
    read, people = facts(site.casework), people_of(site)
    this_month = month_at(site.now())
    return render_template(
        "review/month.html",
        view=_view(site, issued, month, read, people),
        month=month,
        month_before=month.before,
        month_after=month.next if month < this_month else None,
        month_said=lambda one: month_said(one, g.language),
        is_over=month < this_month,
        tried=[
            (one, before_and_in(read, month, one, g.language))
            for one in measures.measures(site.casework, month)
        ],
        planned=measures.measures(site.casework, month.next),
        form=form,
        people=people,
        owners=people.everybody(g.language),
        indicators=[(one.value, text(f"indicator.{one}", g.language)) for one in Indicator],
        verdicts=[(one.value, text(f"measure.{one}", g.language)) for one in Worked],
        longest=(measures.LONGEST, measures.LONGEST_SAID),
        done="done" in request.args,
    )
