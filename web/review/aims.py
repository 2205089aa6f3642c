"""What is aimed at, and the result of this month and the last of each who is judged by it, who sees it, too."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.casework.refused import Refused
from web.forms import Form
from web.office.people import People, people_of
from web.office.roles import OFFICE, READERS
from web.review.month_view import month_said
from web.review.showing import indicator_said, met_said, target_said
from web.service import departments, targets
from web.service.facts import Facts, facts
from web.service.indicators import Indicator
from web.service.items import items
from web.service.model import METERING
from web.service.months import Month, month_at, span_of
from web.service.targets import EVERYBODY, Direction, Target
from web.site import Site
from web.texts import text

_LARGEST = 100_000
EVERYBODY_CHOSEN = "everybody"
"""In a form, where an empty value is nothing chosen."""


def add_routes(review: Blueprint, site: Site) -> None:
    cw = site.casework

    @review.route("/office/targets", methods=["GET", "POST"])
    @staff(*READERS)
    def aims() -> Response | str | tuple[str, int]:
        form = Form(request.form if request.method == "POST" else None)
        if request.method == "GET":
            return _page(site, form)
        if not g.staff.has(*OFFICE):
            raise Refused("role_needed", role=OFFICE[0])
        indicator = form.choice("indicator", tuple(Indicator))
        holder = form.choice("holder", [value for value, _ in _holders(site)])
        direction = form.choice("direction", tuple(Direction))
        value = form.number("value", least=-_LARGEST, most=_LARGEST)
        if form.errors or value is None:
            return _page(site, form), 422
        chosen = EVERYBODY if holder == EVERYBODY_CHOSEN else holder
        targets.aim(cw, indicator, chosen, Direction(direction), Decimal(value), g.staff.id)
        return redirect(url_for("review.aims", done="yes"), 303)

    @review.post("/office/targets/<int:number>/end")
    @staff(*OFFICE)
    def end_aim(number: int) -> Response:
        targets.end(cw, number, g.staff.id)
        return redirect(url_for("review.aims", done="yes"), 303)


def teams_of(site: Site, person: str) -> frozenset[str]:
    """The departments of a person: those that the list says, metering for who verifies or checks, and those in which
    something is in hand."""
    own = {one.department for one in items(site.casework) if one.owner == person}
    own |= departments.of_person(site.casework, person)
    return frozenset(own | ({METERING} if g.staff.has("verifier", "checker") else set()))


def _page(site: Site, form: Form) -> str:
    language = g.language
    people = people_of(site)
    month = month_at(site.now())
    seen = targets.visible_to(
        targets.targets(site.casework),
        g.staff.id,
        teams_of(site, g.staff.id),
        g.staff.has(*OFFICE),
    )
    read = facts(site.casework)
    names = {one.name: one.shown(language) for one in departments.departments(site.casework)}
    return render_template(
        "review/targets.html",
        rows=[(one, *_row(one, read, month, names, people)) for one in seen],
        months=(month_said(month.before, language), month_said(month, language)),
        form=form,
        people=people,
        indicators=[(one.value, text(f"indicator.{one}", language)) for one in Indicator],
        holders=_holders(site),
        directions=[(one.value, text(f"target.{one}", language)) for one in Direction],
        done="done" in request.args,
    )


def _row(
    one: Target, read: Facts, month: Month, names: dict[str, str], people: People
) -> tuple[str, str, str, list[tuple[str, str]]]:
    """Whose, of what, how much, and (figure, whether it is met) of the last month and of this one so far."""
    if one.holder == EVERYBODY:
        holder = text("target.everybody", g.language)
    elif one.team is not None:
        holder = names.get(one.team, one.team)
    else:
        holder = people.shown(one.holder, g.language)
    results = [targets.result(read, one, span_of(each)) for each in (month.before, month)]
    return (
        holder,
        text(f"indicator.{one.indicator}", g.language),
        target_said(one, results[-1].found.unit, g.language),
        [
            (indicator_said(each.found, one.indicator, g.language), met_said(each.is_met, g.language))
            for each in results
        ],
    )


def _holders(site: Site) -> list[tuple[str, str]]:
    people = people_of(site)
    return [
        (EVERYBODY_CHOSEN, text("target.everybody", g.language)),
        *(
            (targets.team(one.name), one.shown(g.language))
            for one in departments.departments(site.casework)
            if one.is_open
        ),
        *people.everybody(g.language),
    ]
