"""The people: roles, trainings, authorisations, what ends soon, what each has in hand, and their thanks.

The office sees everybody, others see themselves: the bench tells no more. Nothing is changed here; trainings and
authorisations are given on the bench (`bench admin`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template

from web.access import staff
from web.casework.refused import Refused
from web.dates import day_text, local_day
from web.forms import Form
from web.office.people import people_of
from web.office.reminders import Reminder, reminders, tests_said
from web.office.roles import OFFICE, READERS
from web.service import kudos
from web.service.items import Item, items
from web.service.kudos import Kudos
from web.site import Site
from web.texts import text


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the list. authorised: in words."""

    id: str
    roles: tuple[str, ...]
    authorised: str
    reminders: tuple[Reminder, ...]
    open_tasks: int
    overdue: int
    thanks: int


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/office/staff")
    @staff(*READERS)
    def people() -> str:
        told, names = site.link.competence(g.staff.session), people_of(site)
        soon = reminders(told["expiring"], g.language)
        tasks, thanks = _open_tasks(site), kudos.shown(site.casework)
        return render_template(
            "competence/staff.html",
            rows=[
                _row(site, one, soon, tasks, thanks, is_bound=told["checking_is_bound"])
                for one in told["persons"]
            ],
            reminders=soon,
            people=names,
            renewed_by=text("list.and", g.language).join(told["renewed_by"]),
            checking_is_bound=told["checking_is_bound"],
        )

    @pages.get("/office/staff/<person>")
    @staff(*READERS)
    def one_person(person: str) -> str:
        told, names = site.link.competence(g.staff.session), people_of(site)
        found = next((one for one in told["persons"] if one["id"] == person), None)
        if found is None:
            if not g.staff.has(*OFFICE):
                raise Refused("role_needed", role=OFFICE[0])
            raise Refused("person_unknown", person=person[:20])
        soon = reminders(told["expiring"], g.language)
        tasks, thanks = _open_tasks(site), kudos.shown(site.casework, person)
        return render_template(
            "competence/person.html",
            row=_row(site, found, soon, tasks, thanks, is_bound=told["checking_is_bound"]),
            trainings=[_training(one) for one in reversed(found["trainings"])],
            authorisations=[_authorisation(one) for one in reversed(found["authorisations"])],
            tasks=[one for one in tasks if one.owner == person],
            thanks=thanks,
            people=names,
            renewed_by=text("list.and", g.language).join(told["renewed_by"]),
            form=Form(),
            longest=kudos.LONGEST,
            today=told["today"],
        )


def _open_tasks(site: Site) -> list[Item]:
    return [one for one in items(site.casework) if one.is_open]


def _row(
    site: Site,
    told: Mapping[str, Any],
    soon: list[Reminder],
    tasks: list[Item],
    thanks: list[Kudos],
    *,
    is_bound: bool,
) -> Row:
    """soon, tasks, thanks: of everybody. is_bound: whether checking needs to be authorised."""
    person = str(told["id"])
    own = [one for one in tasks if one.owner == person]
    counting = [one for one in told["authorisations"] if one["counts"]]
    today = local_day(site.now()).isoformat()
    return Row(
        person,
        tuple(map(str, told["roles"])),
        _authorised(counting, told["roles"], checking_is_bound=is_bound),
        tuple(one for one in soon if one.person == person),
        len(own),
        sum(one.is_overdue(today) for one in own),
        sum(one.person == person for one in thanks),
    )


def _authorised(counting: list[Mapping[str, Any]], roles: Collection[str], *, checking_is_bound: bool) -> str:
    """The tests that somebody may carry out or check today. Only verifiers need to be authorised, and checkers once
    one of them was."""
    needs = {"verifier", "checker"} if checking_is_bound else {"verifier"}
    if not counting and not needs & set(roles):
        return text("competence.not_needed", g.language)
    if not counting:
        return text("competence.for_nothing", g.language)
    if any(not one["items"] for one in counting):
        return text("competence.all_tests", g.language)
    every = dict.fromkeys(item for one in counting for item in one["items"])
    return tests_said(every, g.language)


def _training(told: Mapping[str, Any]) -> dict[str, str]:
    until = told["valid_until"]
    key = "passed" if told["counts"] else "expired" if told["is_passed"] else "not_passed"
    return {
        "number": str(told["number"]),
        "subject": str(told["subject"]),
        "held_by": text("competence.by_maker", g.language, name=told["held_by"])
        if told["is_maker"]
        else str(told["held_by"]),
        "held_on": day_text(str(told["held_on"]), g.language),
        "result": str(told["result"]),
        "state": text(f"competence.{key}", g.language),
        "until": day_text(str(until), g.language) if until else text("competence.for_good", g.language),
    }


def _authorisation(told: Mapping[str, Any]) -> dict[str, str]:
    if told["taken_back_on"]:
        state = text(
            "competence.taken_back", g.language, day=day_text(str(told["taken_back_on"]), g.language)
        )
    else:
        state = text("competence.counts" if told["counts"] else "competence.counts_not", g.language)
    return {
        "role": text(f"competence.to_{told['role']}", g.language),
        "tests": tests_said(told["items"], g.language),
        "kinds": " · ".join(told["kinds"]) or text("competence.all_meters", g.language),
        "days": text(
            "competence.from_until",
            g.language,
            first=day_text(str(told["valid_from"]), g.language),
            last=day_text(str(told["last_day"]), g.language),
        ),
        "training": str(told["training"] or ""),
        "state": state,
    }
