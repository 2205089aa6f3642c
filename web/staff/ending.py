"""The last acts of a case: the result is explained, the case ends; and its persons change by a handover.

Both sides keep who has a case and whether it is over. The bench is asked first: what it refuses has not happened
anywhere. Where casework cannot follow then, the page says how it stands on both sides and offers to put it right by
what the bench says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.access import staff
from web.casework import cases, invitations, persons
from web.casework.agreements import Consent, Thing, consented
from web.casework.history import digest
from web.casework.model import Case, Role
from web.casework.refused import Refused
from web.casework.transitions import Act, next_state
from web.forms import Form
from web.refusals import person_said, problem_said, sentence, status_of
from web.site import Site
from web.staff.acts import LONGEST_WHY, UNFIT, confirmation, to_console
from web.staff.asking import case_of, person_name
from web.texts import text

SAYINGS = (
    "verdict",
    "figure",
    "bill",
    "invalid",
    "not_decided",
    "own_check",
    "appeal",
    "follow_up",
    "questions",
)
"""What is said to the customer about a result."""
_NO_CALL = "no_call"
"""Said in the place of `follow_up` to a customer who has not agreed to be asked again."""
ROLES = ("verifier", "checker")
_NOT_THERE = ("case_unknown",)
_OVER_THERE = ("case_ended", "case_unknown")


def add_routes(pages: Blueprint, site: Site) -> None:
    cw = site.casework

    @pages.route("/case/<case_id>/explain", methods=["GET", "POST"])
    @staff()
    def explain(case_id: str) -> BaseResponse:
        case, form = case_of(site, case_id), Form(request.form)
        # Before the page is shown: without a result it would state one.
        next_state(case.state, Act.EXPLAIN, persons.who_is(case, g.staff.id), case_id, case.verifier)
        sayings, problem = sayings_for(consented(cw, case_id)), ""
        if request.method == "POST":
            if all(form.flag(saying) for saying in sayings):
                cases.explain(cw, case_id, g.staff.id)
                return to_console(case_id)
            problem = text("explain.not_all", g.language)
        html = render_template("staff/explain.html", case=case, form=form, sayings=sayings, problem=problem)
        return Response(html, UNFIT if problem else 200)

    @pages.route("/case/<case_id>/end", methods=["GET", "POST"])
    @staff()
    def end(case_id: str) -> BaseResponse:
        case, form = case_of(site, case_id), Form(request.form)
        if not case.is_open:
            return end_there_alone(case)
        if request.method == "POST":
            who = persons.who_is(case, g.staff.id)
            # Before the bench is told: there it cannot be taken back.
            next_state(case.state, Act.CLOSE, who, case_id, case.verifier)
            why = form.text("why", most=LONGEST_WHY)
            if not form.errors:
                _end_there(site, case_id)
                invitations.end_visits(cw, case_id, g.staff.id)
                cases.close(cw, case_id, why, g.staff.id)
                return to_console(case_id)
        return confirmation(case_id, "end", ("end_1", "end_2", "end_3"), form, "end_why")

    def end_there_alone(case: Case) -> BaseResponse:
        """A case that is over here, by an appeal or since it was taken back: its verifier is set free."""
        if request.method == "POST":
            _end_there(site, case.id)
            return to_console(case.id)
        return confirmation(case.id, "end", ("end_1", "end_3"))

    @pages.route("/case/<case_id>/hand-over", methods=["GET", "POST"])
    @staff()
    def hand_over(case_id: str) -> BaseResponse:
        case, form = case_of(site, case_id), Form(request.form, role="verifier")
        if request.method == "POST":
            role, to = form.choice("role", ROLES), form.text("to", most=20)
            why = form.text("why", most=LONGEST_WHY)
            if not form.errors:
                try:
                    _hand_over_there(site, case_id, role, to, why)
                except OperatorError as refused:  # nothing has happened anywhere, and what was typed stays
                    return _hand_over_page(
                        site, case, form, problem_said(refused, g.language), status_of(refused)
                    )
                try:
                    cases.hand_over(cw, case_id, Role(role), to, why, g.staff.id)
                except Refused as refused:
                    failed = sentence(refused.key, refused.values, g.language)
                    problem = text(
                        "hand_over.half_done", g.language, to=person_said(to, g.language), reason=failed
                    )
                    return _hand_over_page(site, case_of(site, case_id), Form(role=role), problem, 409)
                return to_console(case_id)
        return _hand_over_page(site, case, form, status=UNFIT if form.errors else 200)

    @pages.post("/case/<case_id>/hand-over/repair")
    @staff()
    def repair_hand_over(case_id: str) -> BaseResponse:
        there, case = site.link.case(case_id), case_of(site, case_id)
        for role in ROLES:
            if there[role] != getattr(case, role):
                cases.hand_over(cw, case_id, Role(role), there[role], _why_there(there, role), g.staff.id)
        return to_console(case_id)


def sayings_for(consent: Consent | None) -> tuple[str, ...]:
    """What is to be said to a customer who has agreed to this, or to nothing."""
    may_call = consent is not None and consent.agreed[Thing.FOLLOW_UP]
    return tuple(_NO_CALL if saying == "follow_up" and not may_call else saying for saying in SAYINGS)


def _end_there(site: Site, case_id: str) -> None:
    """On the measuring side; a case that has ended there already, or was never known there, is no obstacle."""
    try:
        site.link.case_end(g.staff.session, case_id, digest(site.casework, case_id))
    except ControlRefusedError as refusal:
        if refusal.reason not in _OVER_THERE:
            raise


def _hand_over_there(site: Site, case_id: str, role: str, to: str, why: str) -> None:
    """A case that the bench has not heard of gets its persons there when it begins."""
    try:
        site.link.case_handover(g.staff.session, case_id, to, why, role)
    except ControlRefusedError as refusal:
        if refusal.reason not in _NOT_THERE:
            raise


def _why_there(there: Mapping[str, Any], role: str) -> str:
    reasons = [str(change["why"]) for change in there.get("handovers", ()) if change["role"] == role]
    return reasons[-1] if reasons else "-"


def _hand_over_page(site: Site, case: Case, form: Form, problem: str = "", status: int = 200) -> Response:
    everybody = site.link.persons(g.staff.session)
    names = {str(person["id"]): person_name(person, g.language) for person in everybody}
    try:
        there = site.link.case(case.id)
    except ControlRefusedError:
        there = None
    html = render_template(
        "staff/hand_over.html",
        case=case,
        form=form,
        problem=problem,
        names=names,
        there=there,
        differs=there is not None and any(there[role] != getattr(case, role) for role in ROLES),
        people=[
            (str(person["id"]), _choice(person, g.language))
            for person in everybody
            if _may_take(person, case)
        ],
        roles=[(role, text(f"hand_over.role_{role}", g.language)) for role in ROLES],
    )
    return Response(html, status)


def _may_take(person: Mapping[str, Any], case: Case) -> bool:
    """Whoever could be either; the bench decides."""
    return any(role in person["roles"] for role in ROLES) and person["id"] not in (
        case.verifier,
        case.checker,
    )


def _choice(person: Mapping[str, Any], language: str) -> str:
    brackets = "（{}）" if language == "zh" else " ({})"
    name = person_name(person, language) + brackets.format(person["id"])
    busy = person.get("busy_with")
    return text("hand_over.busy", language, name=name, case=busy) if busy else name
