"""What anybody can read: the handbook by subject, what is asked most, a search, one answer; and what anybody may say:
whether it settled the doubt, and a question in the own words. Nobody is known here, and no personal data are asked for.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import limit_public
from web.beside import beside
from web.casework import areas
from web.casework.refused import Refused
from web.forms import Form
from web.handbook.shown import ShownAnswer, shown, subjects_of
from web.knowledge import answers, questions, readers
from web.knowledge.model import Question, Source, Subject
from web.knowledge.questions import LONGEST_AREA, LONGEST_WORDS
from web.knowledge.search import LONGEST, search
from web.site import Site

MOST_ASKED = 5
YES, NO = "yes", "no"


def add_routes(handbook: Blueprint, site: Site) -> None:
    cw = site.casework

    @handbook.get("/handbook")
    def book() -> str:
        wanted = request.args.get("q", "")[:LONGEST]
        everything = questions.questions(cw)
        published, subjects = answers.published(cw), subjects_of(everything)
        found = [
            shown(one, subjects[one.question], g.language, cw.promises)
            for one in search(published, wanted, g.language)
        ]
        asked = {one.id: one.asked for one in everything}
        return render_template(
            "handbook/book.html",
            wanted=wanted,
            is_search=bool(wanted.strip()),
            found=found,
            by_subject=[(s, of) for s in Subject if (of := [one for one in found if one.subject is s])],
            most_asked=[one for one in found if asked[one.question]][:MOST_ASKED],
            count=len(published),
            longest=LONGEST,
        )

    @handbook.get("/handbook/answer/<int:question_id>")
    def answer(question_id: int) -> Response | str | tuple[str, int]:
        this = questions.question(cw, question_id)
        if this.same_as is not None:
            return redirect(url_for("handbook.answer", question_id=this.same_as), 303)
        found = _published(site, this)
        if found is None:
            return render_template("handbook/gone.html", longest=LONGEST), 404
        said = request.args.get("said", "")
        return render_template(
            "handbook/answer.html",
            answer=found,
            question=this,
            said=said if said in (YES, NO) else "",
        )

    @handbook.post("/handbook/answer/<int:question_id>")
    def settled(question_id: int) -> Response:
        """Counted, and thanked; a "no" is led on."""
        limit_public()
        said = request.form.get("settled", "")
        if said not in (YES, NO):
            raise Refused("settled_unsaid")
        readers.say(cw, question_id, said == YES)
        return redirect(
            url_for("handbook.answer", question_id=question_id, said=said, _anchor="settled"), 303
        )

    @handbook.route("/handbook/ask", methods=["GET", "POST"])
    def ask() -> Response | str | tuple[str, int]:
        if request.method == "GET":
            form = Form(question_words=request.args.get("words", "")[:LONGEST_WORDS])
            return _ask_page(site, form, sent="sent" in request.args)
        limit_public()
        form = Form(request.form)
        words = form.text("question_words", most=LONGEST_WORDS)
        area = form.text("asked_area", most=LONGEST_AREA, required=False)
        if not form.errors:
            beside(form, "question_words", lambda: questions.ask(cw, words, Source.WEB, area))
        if form.errors:
            return _ask_page(site, form), 422
        return redirect(url_for("handbook.ask", sent="yes"), 303)


def _published(site: Site, this: Question) -> ShownAnswer | None:
    found = answers.of(site.casework, this.id)
    return None if found is None else shown(found, this.subject, g.language, site.casework.promises)


def _ask_page(site: Site, form: Form, *, sent: bool = False) -> str:
    return render_template(
        "handbook/ask.html",
        form=form,
        sent=sent,
        longest=(LONGEST_WORDS, LONGEST_AREA),
        areas=[one.shown(g.language) for one in areas.areas(site.casework)],
        days=site.casework.promises.answer_days,
    )
