"""Thanks from customers and colleagues: given by anybody who works here, read by the office, seen by the team."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.forms import Form
from web.office.people import People, people_of
from web.office.roles import OFFICE, READERS
from web.service import kudos
from web.site import Site


def add_routes(review: Blueprint, site: Site) -> None:
    cw = site.casework

    @review.route("/office/thanks", methods=["GET", "POST"])
    @staff(*READERS)
    def thanks() -> Response | str | tuple[str, int]:
        form = Form(request.form if request.method == "POST" else None)
        people = people_of(site)
        if request.method == "POST":
            person = form.choice("person", [value for value, _ in people.everybody(g.language)])
            words = form.text("thanks", most=kudos.LONGEST)
            if not form.errors:
                kudos.give(cw, person, words, g.staff.id)
                return redirect(url_for("review.thanks", done="yes"), 303)
        page = _page(site, form, people)
        return (page, 422) if form.errors else page

    @review.post("/office/thanks/<int:number>")
    @staff(*OFFICE)
    def read_thanks(number: int) -> Response | tuple[str, int]:
        form = Form(request.form)
        if form.value("act") == "drop":
            kudos.drop(cw, number, g.staff.id)
            return redirect(url_for("review.thanks", done="yes"), 303)
        words = form.text(f"words_{number}", most=kudos.LONGEST)
        if form.errors:
            return _page(site, form, people_of(site)), 422
        kudos.show(cw, number, words, g.staff.id)
        return redirect(url_for("review.thanks", done="yes"), 303)


def _page(site: Site, form: Form, people: People) -> str:
    waiting = kudos.waiting(site.casework) if g.staff.has(*OFFICE) else []
    typed = Form(
        {name: form.value(name) for name in ("person", "thanks")}
        | {f"words_{one.id}": form.value(f"words_{one.id}") or one.words for one in waiting}
    )
    typed.errors = form.errors
    return render_template(
        "review/thanks.html",
        form=typed,
        people=people,
        persons=people.everybody(g.language),
        waiting=waiting,
        shown=kudos.shown(site.casework),
        longest=kudos.LONGEST,
        done="done" in request.args,
    )
