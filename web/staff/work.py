"""My work: the cases in hand, what waits for me, and who is busy with what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template

from web.access import staff
from web.casework import cases, questions
from web.casework.model import Case, CaseState
from web.dates import local_day, moment_text
from web.office.reminders import reminders
from web.office.roles import OFFICE
from web.site import Site
from web.staff.asking import person_name, told_of
from web.staff.console import ConsolePages
from web.staff.console_view import console_of
from web.staff.next_act import WAITS, Act
from web.staff.overdue import due
from web.texts import text


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of mine. next_act: in words. waits_for_me: whether it is mine to do."""

    case: Case
    appointment: str
    next_act: str
    waits_for_me: bool
    open_questions: int

    @property
    def day(self) -> str:
        """Of the appointment (ISO); "" for none."""
        return (self.case.appointment or "")[:10]


def add_routes(pages: Blueprint, site: Site, consoles: ConsolePages) -> None:
    @pages.get("")
    @staff()
    def work() -> Response:
        persons = site.link.persons(g.staff.session)
        names = {str(person["id"]): person_name(person, g.language) for person in persons}
        held = {person["id"]: person.get("busy_with") for person in persons}.get(g.staff.id)
        # Over here and still begun on the bench: its verifier alone can end it there, and nothing else can begin.
        rows = [
            _row(site, consoles, case, names)
            for case in cases.all_cases(site.casework, person=g.staff.id)
            if case.is_open or case.id == held
        ]
        verifies = [row for row in rows if row.case.verifier == g.staff.id]
        today = local_day(site.now()).isoformat()
        html = render_template(
            "staff/work.html",
            today=[row for row in verifies if row.day <= today],
            later=[row for row in verifies if row.day > today],
            checks=[row for row in rows if row.case.checker == g.staff.id],
            unplanned=cases.all_cases(site.casework, CaseState.APPLIED)[::-1] if g.staff.has(*OFFICE) else [],
            persons=_persons(persons, g.language),
            names=names,
            due=due(site.casework, g.staff, today, g.language),
            reminders=[
                one
                for one in reminders(site.link.competence(g.staff.session)["expiring"], g.language)
                if one.person == g.staff.id
            ],
        )
        return Response(html)


def _row(site: Site, consoles: ConsolePages, case: Case, names: dict[str, str]) -> CaseRow:
    told = told_of(site, case, g.staff, site.feed.latest(), names, consoles.plans)
    act = console_of(told, g.language).act
    is_early = act.act is Act.LOOK and case.checker == g.staff.id
    asked = questions.questions(site.casework, case.id)
    return CaseRow(
        case=case,
        appointment=moment_text(case.appointment, g.language) if case.appointment else "",
        next_act=text("staff.not_to_check_yet", g.language) if is_early else act.title,
        waits_for_me=act.act not in WAITS or act.act in (Act.PRESS_START, Act.SET_LOAD, Act.CLEAR_THE_WAY),
        open_questions=sum(question.is_open for question in asked),
    )


def _persons(persons: Sequence[dict[str, Any]], language: str) -> list[tuple[str, str]]:
    """Those who run and check tests: name, and with which case each is busy."""
    return [
        (
            person_name(person, language),
            text("staff.busy_with", language, case=person["busy_with"])
            if person.get("busy_with")
            else text("staff.is_free", language),
        )
        for person in persons
        if {"verifier", "checker"} & set(person["roles"])
    ]
