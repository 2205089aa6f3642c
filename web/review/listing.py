"""Requests and verification cases of all departments in one table, narrowed by what stands in its address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import Staff, staff
from web.beside import beside
from web.casework import areas, limits
from web.dates import days_between, local_day
from web.forms import Form
from web.office.helpers import area_meant, area_options
from web.office.people import people_of
from web.office.roles import ADMINISTRATORS, OFFICE, READERS
from web.paging import asked_part
from web.service import departments
from web.service.items import Item, items
from web.service.model import DEPARTMENT_OF
from web.site import Site
from web.texts import text

OPEN, ALL, OVERDUE, NOBODY, OFFERED = "open", "all", "overdue", "nobody", "offered"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see; an empty text is no wish. show: open, overdue, offered (handed over) or all."""

    show: str
    department: str
    owner: str
    area: str


def add_routes(review: Blueprint, site: Site) -> None:
    @review.get("/office/requests")
    @staff(*READERS)
    def requests() -> str:
        everything = [one for one in items(site.casework) if may_read(g.staff, one)]
        today = local_day(site.now()).isoformat()
        wish = _wish_of(request.args.to_dict())
        wish = replace(wish, area=area_meant(wish.area))
        people = people_of(site)
        known = departments.departments(site.casework)
        chosen = _chosen(everything, wish, today)
        return render_template(
            "review/requests.html",
            wish=wish,
            shown=len(chosen),
            part=asked_part(chosen),
            count=len(everything),
            overdue=sum(one.is_overdue(today) for one in everything),
            days_left=lambda one: None if one.deadline is None else days_between(today, one.deadline),
            is_overdue=lambda one: one.is_overdue(today),
            department_names={one.name: one.shown(g.language) for one in known},
            owner_options=[(NOBODY, text("request.nobody", g.language)), *people.everybody(g.language)],
            area_options=area_options(one.area for one in everything),
            people=people,
            untaken=limits.untaken_requests(site.casework),
            most_untaken=limits.MOST_UNTAKEN_REQUESTS,
        )

    @review.route("/office/departments", methods=["GET", "POST"])
    @staff(*ADMINISTRATORS)
    def department_list() -> Response | str | tuple[str, int]:
        people, members = people_of(site), request.form.getlist("members")
        if request.method == "POST":
            form = Form(request.form)
            if closed := form.value("close"):
                departments.close(site.casework, closed, g.staff.id)
                return redirect(url_for("review.department_list", done="yes"), 303)
            there = {person for person, _ in people.everybody(g.language)}
            members = [one for one in members if one in there]
            name = form.text("department_name", most=departments.LONGEST)
            zh = form.text("department_zh", most=departments.LONGEST)
            en = form.text("department_en", most=departments.LONGEST)
            if not form.errors:
                beside(
                    form,
                    "department_name",
                    lambda: departments.keep(site.casework, name, zh, en, g.staff.id, members),
                )
            if not form.errors:
                return redirect(url_for("review.department_list", done="yes"), 303)
        else:
            form, members = _begun(site)
        page = render_template(
            "review/departments.html",
            form=form,
            members=members,
            people=people,
            everybody=people.everybody(g.language),
            departments=departments.departments(site.casework),
            areas=areas.areas(site.casework),
            first=frozenset(DEPARTMENT_OF.values()),
            longest=departments.LONGEST,
            done="done" in request.args,
        )
        return (page, 422) if form.errors else page


def _begun(site: Site) -> tuple[Form, list[str]]:
    """What stands in the form, and who is ticked: of the department that is to be changed, `?change=`."""
    for one in departments.departments(site.casework):
        if one.name == request.args.get("change"):
            shown = {"department_name": one.name, "department_zh": one.zh, "department_en": one.en}
            return Form(None, **shown), list(one.members)
    return Form(), []


def may_read(who: Staff, this: Item) -> bool:
    """The office all of them; a verifier and a checker what is theirs, or is offered to them."""
    offered = this.hand_off is not None and this.hand_off.to_person in (None, who.id)
    return who.has(*OFFICE) or this.owner == who.id or offered


def _wish_of(asked: dict[str, str]) -> Wish:
    """What an address asks for; what it says that means nothing is left out, never an error."""
    show = asked.get("show", OPEN)
    return Wish(
        show=show if show in (OPEN, ALL, OVERDUE, OFFERED) else OPEN,
        department=asked.get("department", ""),
        owner=asked.get("owner", ""),
        area=asked.get("area", ""),
    )


def _chosen(everything: Iterable[Item], wish: Wish, today: str) -> list[Item]:
    """What is due first stands first, what is due never last."""
    fitting = [one for one in everything if _fits(one, wish, today)]
    return sorted(fitting, key=lambda one: (not one.is_waiting, one.deadline or "9999", one.subject))


def _fits(one: Item, wish: Wish, today: str) -> bool:
    return (
        (wish.show != OPEN or one.is_open)
        and (wish.show != OVERDUE or one.is_overdue(today))
        and (wish.show != OFFERED or one.hand_off is not None)
        and wish.department in ("", one.department)
        and (wish.owner in ("", one.owner) or (wish.owner == NOBODY and one.owner is None))
        and wish.area in ("", one.area)
    )
