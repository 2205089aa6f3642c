"""Makers of meters: errors by type and load point that name no meter, questions and replies, joint trainings.

A maker has no account. What it may see is its sheet, a page to be printed or saved, and the same as CSV, which somebody
of the office gives to it: of its own types only, without a name of anybody here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bench.csv_cells import no_formula
from web.access import staff
from web.beside import beside
from web.casework import made_up
from web.casework.refused import Refused
from web.dates import day_text
from web.forms import Form
from web.numbers import with_minus
from web.office.people import people_of
from web.office.roles import OFFICE, READERS
from web.service import maker_errors, makers
from web.service.figures import LEAST
from web.service.maker_errors import TypeErrors
from web.service.makers import Maker
from web.site import Site
from web.texts import text

_LONGEST_TYPES = makers.MOST_TYPES * (makers.LONGEST_TYPE + 2)


def add_routes(pages: Blueprint, site: Site) -> None:
    cw = site.casework

    @pages.route("/office/makers", methods=["GET", "POST"])
    @staff(*READERS)
    def maker_list() -> BaseResponse | str | tuple[str, int]:
        form = Form(request.form if request.method == "POST" else None)
        if request.method == "GET":
            return _list(site, form)
        _require_office()
        name = form.text("maker_name", most=makers.LONGEST_NAME)
        types = _types(form)
        if form.errors:
            return _list(site, form), 422
        made = beside(form, "maker_name", lambda: makers.add(cw, name, types, g.staff.id))
        if made is None:
            return _list(site, form), 422
        return redirect(url_for("competence.maker", number=made.id, done="yes"), 303)

    @pages.get("/office/makers/<int:number>")
    @staff(*READERS)
    def maker(number: int) -> str:
        return _page(site, makers.maker(cw, number), Form())

    @pages.post("/office/makers/<int:number>/types")
    @staff(*OFFICE)
    def set_maker_types(number: int) -> BaseResponse | tuple[str, int]:
        found, form = makers.maker(cw, number), Form(request.form)
        types = _types(form)
        if not form.errors:
            beside(form, "maker_types", lambda: makers.set_types(cw, number, types, g.staff.id))
        if form.errors:
            return _page(site, found, form), 422
        return redirect(url_for("competence.maker", number=number, done="yes"), 303)

    @pages.post("/office/makers/<int:number>/ask")
    @staff(*READERS)
    def ask_maker(number: int) -> BaseResponse | tuple[str, int]:
        found, form = makers.maker(cw, number), Form(request.form)
        words = form.text("maker_question", most=makers.LONGEST)
        if not form.errors:
            beside(form, "maker_question", lambda: makers.ask(cw, number, words, g.staff.id))
        if form.errors:
            return _page(site, found, form), 422
        return redirect(url_for("competence.maker", number=number, done="yes", _anchor="questions"), 303)

    @pages.post("/office/makers/question/<int:number>")
    @staff(*OFFICE)
    def note_maker_reply(number: int) -> BaseResponse | tuple[str, int]:
        question, form = makers.question_at(cw, number), Form(request.form)
        words = form.text(f"reply_{number}", most=makers.LONGEST)
        if form.errors:
            return _page(site, makers.maker(cw, question.maker), form), 422
        makers.note_reply(cw, number, words, g.staff.id)
        to = url_for("competence.maker", number=question.maker, done="yes", _anchor="questions")
        return redirect(to, 303)

    @pages.get("/office/makers/<int:number>/sheet")
    @staff(*OFFICE)
    def maker_sheet(number: int) -> str:
        found = makers.maker(cw, number)
        return render_template("competence/sheet.html", **_shown(site, found))

    @pages.get("/office/makers/<int:number>.csv")
    @staff(*OFFICE)
    def maker_csv(number: int) -> Response:
        found = makers.maker(cw, number)
        span = maker_errors.whole_months(site.now())
        written = io.StringIO()
        csv.writer(written).writerows(_csv_rows(maker_errors.by_load_point(cw, found.types, span)))
        # A spreadsheet takes UTF-8 for what it is by its mark.
        answer = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
        name = f"{'demonstration-' if made_up.has_any(cw) else ''}maker-{number}-{span[1]:%Y-%m}.csv"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _require_office() -> None:
    if not g.staff.has(*OFFICE):
        raise Refused("role_needed", role=OFFICE[0])


def _types(form: Form) -> list[str]:
    """One a line."""
    typed = form.text("maker_types", most=_LONGEST_TYPES, required=False)
    types = [line.strip() for line in typed.splitlines() if line.strip()]
    if any(len(one) > makers.LONGEST_TYPE for one in types):
        form.wrong("maker_types", "too_long", most=makers.LONGEST_TYPE)
    return types


def _list(site: Site, form: Form) -> str:
    every = makers.makers(site.casework)
    taken = {one for each in every for one in each.types}
    return render_template(
        "competence/makers.html",
        makers=every,
        nobodys=[one for one in maker_errors.types_seen(site.casework) if one not in taken],
        form=form,
        longest=(makers.LONGEST_NAME, _LONGEST_TYPES),
    )


def _page(site: Site, found: Maker, form: Form) -> str:
    shown = {"maker_types": "\n".join(found.types)}
    typed = Form(request.form if request.method == "POST" else None, **shown)
    typed.errors = form.errors
    return render_template(
        "competence/maker.html",
        **_shown(site, found),
        form=typed,
        people=people_of(site),
        longest=(makers.LONGEST, _LONGEST_TYPES),
        done="done" in request.args,
    )


def _shown(site: Site, found: Maker) -> dict[str, object]:
    """What the maker's page and its sheet say alike."""
    span = maker_errors.whole_months(site.now())
    return {
        "maker": found,
        "types": maker_errors.by_load_point(site.casework, found.types, span),
        "span": tuple(day_text(day.isoformat(), g.language) for day in span),
        "questions": makers.questions(site.casework, found.id),
        "trainings": _joint_trainings(site, found),
        "percent": _percent,
        "least": LEAST,
        "printed_on": day_text(site.now(), g.language),
    }


def _joint_trainings(site: Site, found: Maker) -> list[dict[str, str | int]]:
    """Those that the maker has held, of the registry: day, subject, how many took part and passed; no names."""
    told = site.link.competence(g.staff.session)
    held: dict[tuple[str, str], list[bool]] = {}
    for person in told["persons"]:
        for one in person["trainings"]:
            if one["is_maker"] and str(one["held_by"]).casefold() == found.name.casefold():
                held.setdefault((str(one["held_on"]), str(one["subject"])), []).append(bool(one["is_passed"]))
    return [
        {"day": day_text(day, g.language), "subject": subject, "n": len(passed), "passed": sum(passed)}
        for (day, subject), passed in sorted(held.items(), reverse=True)
    ]


def _percent(value: object) -> str:
    """Signed, to two decimals."""
    return with_minus(f"{value:+.2f}")


def _csv_rows(found: list[TypeErrors]) -> Iterator[list[object]]:
    yield [
        "meter_type", "load_point", "meters", "least_pct", "lower_quartile_pct", "median_pct", "upper_quartile_pct",
        "most_pct",
    ]  # fmt: skip
    for one in found:
        few = text("competence.too_few", "en", least=LEAST)
        if one.n is None:
            yield [no_formula(one.meter_type), "", few]
        for point in one.points:
            if (e := point.errors) is None:
                yield [no_formula(one.meter_type), no_formula(point.load_point), few]
            else:
                figures = (e.least, e.quarter, e.middle, e.three_quarters, e.most)
                yield [
                    no_formula(one.meter_type), no_formula(point.load_point), e.n, *(f"{each:.3f}" for each in figures),
                ]  # fmt: skip
