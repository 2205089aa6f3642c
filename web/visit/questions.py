"""Questions of a customer and their answers: all of one case, in the order in which they were asked."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.access import visit
from web.casework import questions
from web.casework.model import CUSTOMER
from web.forms import Form
from web.site import Site

BACK = (
    "visit.questions_page", "visit.live_page", "visit.overview", "after.result", "trial.trial_page",
)  # fmt: skip
"""Pages from which a question is asked, and to which one comes back."""


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/visit/questions")
    @visit
    def questions_page() -> Response:
        return _page(site, Form())

    @pages.get("/visit/questions/list")
    @visit
    def questions_list() -> str:
        """The list alone: the page fetches it again now and then, so that an answer appears by itself."""
        asked = _questions(site)
        return render_template("visit/_questions.html", questions=asked, names=_names(site, asked))

    @pages.post("/visit/questions")
    @visit
    def ask() -> BaseResponse:
        form = Form(request.form)
        question = form.text("question", most=questions.LONGEST)
        back = form.choice("back", BACK, required=False) or BACK[0]
        if form.errors:
            return _page(site, form, 422)
        questions.ask(site.casework, g.visit.case_id, question, CUSTOMER)
        return redirect(url_for(back, asked="yes"), 303)


def _page(site: Site, form: Form, status: int = 200) -> Response:
    asked = _questions(site)
    html = render_template("visit/questions.html", form=form, questions=asked, names=_names(site, asked))
    return Response(html, status)


def _questions(site: Site) -> list[questions.Question]:
    """The newest first."""
    return list(reversed(questions.questions(site.casework, g.visit.case_id)))


def _names(site: Site, asked: list[questions.Question]) -> dict[str, str]:
    """Of the staff who asked and answered."""
    persons = {who for one in asked for who in (one.who, one.answered_by) if who and who != CUSTOMER}
    return site.link.names(g.language, g.visit.case_id, persons)
