"""Areas, the department that looks after each, and the questions and cases of each. What was written and is no area of
the list is counted as it was written."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.beside import beside
from web.casework import areas, cases
from web.casework.areas import LONGEST, LONGEST_SPELLING, MOST_SPELLINGS
from web.forms import Form
from web.handbook.question_table import rows
from web.office.roles import OFFICE, READERS
from web.service.departments import departments
from web.site import Site

_LONGEST_SPELLINGS = MOST_SPELLINGS * (LONGEST_SPELLING + 2)


@dataclass(slots=True)
class Count:
    """Of one area. area: as rows have it, "" where nobody said; name: as it is shown. department: its name, None for
    what is none of the list."""

    area: str
    name: str
    department: str | None
    questions: int = 0
    waiting: int = 0
    cases: int = 0
    open_cases: int = 0


def add_routes(room: Blueprint, site: Site) -> None:
    cw = site.casework

    @room.get("/office/areas")
    @staff(*READERS)
    def grid() -> str:
        return _page(site, _begun(site), done="done" in request.args)

    @room.post("/office/areas/area")
    @staff(*OFFICE)
    def keep_area() -> Response | tuple[str, int]:
        form = Form(request.form)
        name, zh, en = (form.text(f"area_{part}", most=LONGEST) for part in ("name", "zh", "en"))
        department = form.choice("area_department", [one.name for one in departments(cw) if one.is_open])
        spellings = form.text("area_spellings", most=_LONGEST_SPELLINGS, required=False).splitlines()
        kept = [one for one in spellings if one.strip()]
        if not form.errors:
            by = g.staff.id
            beside(form, "area_name", lambda: areas.keep(cw, name, zh, en, department, by, kept))
        if form.errors:
            return _page(site, form), 422
        return redirect(url_for("questions.grid", done="yes"), 303)


def _begun(site: Site) -> Form:
    """What stands in the form: of the area that is to be changed, `?area=`."""
    shown: dict[str, str] = {}
    for one in areas.areas(site.casework):
        if one.name == request.args.get("area"):
            shown = {
                "area_name": one.name,
                "area_zh": one.zh,
                "area_en": one.en,
                "area_department": one.department,
                "area_spellings": "\n".join(one.spellings),
            }
    return Form(None, **shown)


def _page(site: Site, form: Form, *, done: bool = False) -> str:
    known = departments(site.casework)
    return render_template(
        "handbook/areas.html",
        form=form,
        done=done,
        areas=areas.areas(site.casework),
        department_names={one.name: one.shown(g.language) for one in known},
        department_options=[(one.name, one.shown(g.language)) for one in known if one.is_open],
        counts=counts(site, g.language),
        is_editor=g.staff.has(*OFFICE),
        longest=(LONGEST, _LONGEST_SPELLINGS),
    )


def counts(site: Site, language: str) -> list[Count]:
    """The areas of the list in its order, then what else was written, the most questions and cases first."""
    known = areas.areas(site.casework)
    listed = {one.name: Count(one.name, one.shown(language), one.department) for one in known}
    others: dict[str, Count] = {}
    for row in rows(site.casework, language):
        for area in row.areas or ("",) * (row.question.asked > 0):
            count = _count(listed, others, area)
            count.questions += 1
            count.waiting += row.question.is_waiting
    for case in cases.all_cases(site.casework):
        count = _count(listed, others, case.area or "")
        count.cases += 1
        count.open_cases += case.is_open
    rest = sorted(others.values(), key=lambda count: (-count.questions - count.cases, count.name))
    return [*listed.values(), *rest]


def _count(listed: dict[str, Count], others: dict[str, Count], area: str) -> Count:
    return listed.get(area) or others.setdefault(area, Count(area, area, None))
