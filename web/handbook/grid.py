"""Areas, the team that looks after each, and the questions and cases of each. What was written and is no area of the
list is counted as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.casework import cases
from web.forms import Form
from web.handbook.question_table import rows
from web.knowledge import areas
from web.knowledge.areas import LONGEST, Area
from web.office.case_table import OVER
from web.office.people import people_of
from web.office.problems import beside
from web.office.roles import OFFICE, READERS
from web.site import Site


@dataclass(slots=True)
class Count:
    """Of one area. name: as it is shown, "" where nobody said; team: its name, None for what is none of the list.

    written: each way in which it was written, for the filters of the tables.
    """

    name: str
    team: str | None
    questions: int = 0
    waiting: int = 0
    cases: int = 0
    open_cases: int = 0
    written: tuple[str, ...] = ()


def add_routes(room: Blueprint, site: Site) -> None:
    cw = site.casework

    @room.get("/office/areas")
    @staff(*READERS)
    def grid() -> str:
        return _page(site, _begun(site), request.args.get("team", ""), done="done" in request.args)

    @room.post("/office/areas/team")
    @staff(*OFFICE)
    def keep_team() -> Response | tuple[str, int]:
        form = Form(request.form)
        name, zh, en = (form.text(f"team_{part}", most=LONGEST) for part in ("name", "zh", "en"))
        there = {person for person, _ in people_of(site).everybody(g.language)}
        members = tuple(one for one in request.form.getlist("members") if one in there)
        if not form.errors:
            beside(form, "team_name", lambda: areas.keep_team(cw, name, zh, en, members, g.staff.id))
        return _answered(form, members)

    @room.post("/office/areas/area")
    @staff(*OFFICE)
    def keep_area() -> Response | tuple[str, int]:
        form = Form(request.form)
        name, zh, en = (form.text(f"area_{part}", most=LONGEST) for part in ("name", "zh", "en"))
        team = form.choice("area_team", [one.name for one in areas.teams(cw)])
        if not form.errors:
            beside(form, "area_name", lambda: areas.keep_area(cw, name, zh, en, team, g.staff.id))
        return _answered(form)

    def _answered(form: Form, members: Sequence[str] = ()) -> Response | tuple[str, int]:
        if form.errors:
            return _page(site, form, members=members), 422
        return redirect(url_for("questions.grid", done="yes"), 303)


def _begun(site: Site) -> Form:
    """What stands in the forms: of the area and the team that are to be changed, `?area=` and `?team=`."""
    shown: dict[str, str] = {}
    for one in areas.areas(site.casework):
        if one.name == request.args.get("area"):
            shown |= {"area_name": one.name, "area_zh": one.zh, "area_en": one.en, "area_team": one.team}
    for team in areas.teams(site.casework):
        if team.name == request.args.get("team"):
            shown |= {"team_name": team.name, "team_zh": team.zh, "team_en": team.en}
    return Form(None, **shown)


def _page(site: Site, form: Form, team: str = "", *, members: Sequence[str] = (), done: bool = False) -> str:
    teams = areas.teams(site.casework)
    chosen = next((one.members for one in teams if one.name == team), tuple(members))
    people = people_of(site)
    return render_template(
        "handbook/areas.html",
        form=form,
        done=done,
        areas=areas.areas(site.casework),
        teams=teams,
        team_names={one.name: one.shown(g.language) for one in teams},
        counts=counts(site, g.language),
        people=people,
        everybody=people.everybody(g.language),
        members=chosen,
        is_editor=g.staff.has(*OFFICE),
        longest=LONGEST,
    )


def counts(site: Site, language: str) -> list[Count]:
    """The areas of the list in its order, then what else was written, the most questions and cases first."""
    known = areas.areas(site.casework)
    listed = {one.name: Count(one.shown(language), one.team) for one in known}
    others: dict[str, Count] = {}
    for row in rows(site.casework, language):
        for written in row.areas or ("",) * (row.question.asked > 0):
            count = _count(known, listed, others, written)
            count.questions += 1
            count.waiting += row.question.is_waiting
    for case in cases.all_cases(site.casework):
        count = _count(known, listed, others, case.area or "")
        count.cases += 1
        count.open_cases += case.state not in OVER
    rest = sorted(others.values(), key=lambda count: (-count.questions - count.cases, count.name))
    return [*listed.values(), *rest]


def _count(known: list[Area], listed: dict[str, Count], others: dict[str, Count], written: str) -> Count:
    area = areas.of(known, written)
    count = listed[area.name] if area else others.setdefault(written, Count(written, None))
    if written and written not in count.written:
        count.written = (*count.written, written)
    return count
