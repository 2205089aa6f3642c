"""The table of questions, and a question that somebody has asked at the counter, on site, or in a case.

What a customer asked in a case is taken over by hand, since a name may stand in it; whoever takes it reads it first.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.beside import beside
from web.casework import areas, cases
from web.casework import questions as asked_in_case
from web.casework.refused import Refused
from web.dates import days_between, local_day
from web.forms import Form
from web.handbook import question_table
from web.handbook.question_table import ALL, NOBODY, OVERDUE, WAITING
from web.handbook.staff_page import area_names, question_options, subject_options
from web.knowledge import questions
from web.knowledge.model import Source, State, Subject
from web.knowledge.questions import LONGEST_AREA, LONGEST_WORDS
from web.office.helpers import area_meant, area_options
from web.office.people import people_of
from web.office.roles import READERS
from web.site import Site
from web.texts import text

_BY_STAFF = (Source.COUNTER, Source.SITE, Source.TABLET)


def add_routes(questions_room: Blueprint, site: Site) -> None:
    cw = site.casework

    @questions_room.get("/office/questions")
    @staff(*READERS)
    def table() -> str:
        wish, today = question_table.wish_of(request.args), local_day(site.now()).isoformat()
        wish = replace(wish, area=area_meant(wish.area))
        everything = question_table.rows(cw, g.language)
        people = people_of(site)
        return render_template(
            "handbook/questions.html",
            wish=wish,
            sorted_columns=question_table.SORTED,
            shown=question_table.chosen(everything, wish, today),
            count=len(everything),
            overdue=sum(row.question.is_overdue(today) for row in everything),
            today=today,
            days_left=lambda this: days_between(today, this.due_on) if this.due_on else None,
            state_options=[(one, text(f"question.{one}", g.language)) for one in (WAITING, OVERDUE, ALL)]
            + [(one.value, text(f"question_state.{one}", g.language)) for one in State],
            owner_options=[(NOBODY, text("request.nobody", g.language)), *people.everybody(g.language)],
            area_options=area_options(area for row in everything for area in row.areas),
            subject_options=subject_options(),
            people=people,
        )

    @questions_room.route("/office/questions/new", methods=["GET", "POST"])
    @staff(*READERS)
    def new() -> Response | str | tuple[str, int]:
        if request.method == "GET":
            return _page(site, _begun(site))
        form = Form(request.form)
        words = form.text("question_words", most=LONGEST_WORDS)
        source = form.choice("source", _BY_STAFF)
        area = form.text("asked_area", most=LONGEST_AREA, required=False)
        subject = form.choice("subject", tuple(Subject))
        options = [number for number, _ in question_options(site)]
        same_as = form.choice("same_as", options, required=False)
        case_id = form.text("of_case", required=False) or None
        if form.errors:
            return _page(site, form), 422
        kept: list[int] = []

        def keep() -> None:
            if same_as:
                again = questions.asked_again(
                    cw, int(same_as), words, Source(source), area, g.staff.id, case_id
                )
                kept.append(again.id)
            else:
                this = questions.ask(cw, words, Source(source), area, g.staff.id, Subject(subject), case_id)
                kept.append(this.id)

        beside(form, "question_words", keep)
        if form.errors:
            return _page(site, form), 422
        return redirect(url_for("questions.one", question_id=kept[0], done="asked"), 303)


def _begun(site: Site) -> Form:
    """Empty, or with the words of a question of a case: `?case=C2026-0001&question=3`."""
    case_id, number = request.args.get("case", ""), request.args.get("question", type=int)
    if not case_id:
        return Form(source=Source.COUNTER)
    this = cases.case(site.casework, case_id)
    area = areas.naming(areas.areas(site.casework), g.language)(this.area or "")
    shown = {"source": Source.TABLET, "asked_area": area, "of_case": case_id}
    if number is None:
        return Form(None, **shown)
    asked = next((one for one in asked_in_case.questions(site.casework, case_id) if one.id == number), None)
    if asked is None:
        raise Refused("no_such_question")
    return Form(None, **shown, question_words=asked.text or "")


def _page(site: Site, form: Form) -> str:
    case_id = form.value("of_case")
    known = {one.id for one in cases.all_cases(site.casework)} if case_id else set()
    return render_template(
        "handbook/new_question.html",
        form=form,
        sources=[(one.value, text(f"question_source.{one}", g.language)) for one in _BY_STAFF],
        subject_options=subject_options(),
        same_options=question_options(site),
        areas=area_names(site),
        longest=(LONGEST_WORDS, LONGEST_AREA),
        in_case=asked_in_case.questions(site.casework, case_id) if case_id in known else [],
        case_id=case_id,
    )
