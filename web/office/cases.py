"""The table of cases, and one case with everything that is known of it and what can be done with it next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.apply import DAYS_WISHED
from web.attaching import attached
from web.casework import (
    cases,
    checklists,
    follow_ups,
    invitations,
    limits,
    self_check_photos,
    self_checks,
)
from web.casework.appeals import LONGEST as LONGEST_APPEAL
from web.casework.appeals import appeal
from web.casework.history import Entry, history
from web.casework.model import WITH_A_RESULT, Case, CaseState, Moment, Role
from web.casework.opinions import opinions
from web.casework.photos import jpeg, photo, photos
from web.casework.picture import MEDIA_TYPE
from web.casework.questions import questions
from web.casework.refused import Refused
from web.dates import local_day
from web.forms import Form
from web.office import case_table
from web.office.helpers import area_meant, area_options
from web.office.people import people_of
from web.office.repairing import differing, half_done, repair
from web.office.roles import ADMINISTRATORS, OFFICE, READERS
from web.office.showing import days_said, happened
from web.paging import asked_part
from web.postponing import may_postpone, may_release
from web.qr import qr_svg
from web.refusals import sentence
from web.site import Site
from web.texts import text

_LONGEST_REASON = 500
_BEFORE_PLAN = (CaseState.APPLIED, CaseState.DECLINED, CaseState.WITHDRAWN)
_BEFORE_CUSTOMER = (CaseState.APPLIED, CaseState.PLANNED)
_HAND_OVER = (CaseState.PLANNED, CaseState.READY, CaseState.TESTED, CaseState.EXPLAINED)
_TO_CHECK = (CaseState.TESTED, CaseState.EXPLAINED)


def add_routes(office: Blueprint, site: Site) -> None:
    @office.get("/office")
    @staff(*READERS)
    def start() -> str:
        """The table of cases."""
        wish = case_table.wish_of(request.args.to_dict())
        wish = replace(wish, area=area_meant(wish.area))
        today = local_day(site.now())
        everything = cases.all_cases(site.casework)
        chosen = case_table.chosen(everything, wish, today)
        return render_template(
            "office/cases.html",
            wish=wish,
            columns=case_table.COLUMNS,
            shown=len(chosen),
            part=asked_part(chosen),
            count=len(everything),
            half_done=half_done(site) if g.staff.has(*ADMINISTRATORS) else [],
            same_meter=case_table.same_meter(everything),
            overdue=sum(case_table.is_overdue(case, today) for case in everything),
            days_left=lambda case: case_table.days_left(case, today),
            state_options=[(state.value, text(f"case_state.{state}", g.language)) for state in CaseState],
            area_options=area_options(case.area for case in everything),
            people=people_of(site),
            now=site.now(),
            untaken=limits.untaken_applications(site.casework),
            most_untaken=limits.MOST_UNTAKEN_APPLICATIONS,
        )

    @office.get("/office/case/<case_id>")
    @staff(*READERS)
    def case(case_id: str) -> str:
        return _page(site, cases.case(site.casework, case_id), Form(), done="done" in request.args)

    def act(case_id: str, name: str, carry_out: Callable[[Case, Form], object]) -> Response | tuple[str, int]:
        """One act on a case: what is wrong with the form is said beside it, what went well leads back to the case."""
        found = cases.case(site.casework, case_id)
        form = Form(request.form)
        carry_out(found, form)
        if form.errors:
            return _page(site, found, form, opened=name), 422
        return redirect(url_for("office.case", case_id=case_id, done=name), 303)

    @office.post("/office/case/<case_id>/decline")
    @staff(*OFFICE)
    def decline(case_id: str) -> Response | tuple[str, int]:
        def carry_out(found: Case, form: Form) -> None:
            reason = form.text("decline_reason", most=_LONGEST_REASON)
            next_step = form.text("decline_next", most=_LONGEST_REASON)
            if not form.errors:
                cases.decline(site.casework, found.id, reason, next_step, g.staff.id)

        return act(case_id, "decline", carry_out)

    @office.post("/office/case/<case_id>/withdraw")
    @staff(*OFFICE)
    def withdraw(case_id: str) -> Response | tuple[str, int]:
        def carry_out(found: Case, form: Form) -> None:
            reason = form.text("withdraw_reason", most=_LONGEST_REASON)
            if not form.errors:
                cases.withdraw(site.casework, found.id, g.staff.id, reason)

        return act(case_id, "withdraw", carry_out)

    @office.post("/office/case/<case_id>/appeal")
    @staff(*OFFICE)
    def take_appeal(case_id: str) -> Response | tuple[str, int]:
        """A customer who is at home by now writes or telephones: the visit, which has the form, is over."""

        def carry_out(found: Case, form: Form) -> None:
            why = form.text("appeal_why", most=LONGEST_APPEAL)
            if not form.errors:
                appeal(site.casework, found.id, why, g.staff.id)

        return act(case_id, "appeal", carry_out)

    @office.post("/office/case/<case_id>/self-check")
    @staff(*OFFICE)
    def attach_self_check(case_id: str) -> Response | tuple[str, int]:
        """The customer says the code of a self-check, at the counter or on the telephone."""
        return act(
            case_id, "self_check", lambda found, form: attached(site.casework, form, found.id, g.staff.id)
        )

    @office.post("/office/case/<case_id>/hand-over")
    @staff(*ADMINISTRATORS)
    def hand_over(case_id: str) -> Response | tuple[str, int]:
        def carry_out(found: Case, form: Form) -> None:
            role = form.choice("handover_role", tuple(Role))
            to = form.text("handover_to")
            why = form.text("handover_why", most=_LONGEST_REASON)
            if not form.errors:
                site.link.case_handover(g.staff.session, found.id, to, why, role)
                try:
                    cases.hand_over(site.casework, found.id, Role(role), to, why, g.staff.id)
                except Refused as refusal:
                    said = sentence(refusal.key, refusal.values, g.language)
                    form.wrong("handover_to", "only_at_the_bench", why=said)

        return act(case_id, "handover", carry_out)

    @office.post("/office/case/<case_id>/repair")
    @staff(*ADMINISTRATORS)
    def repair_persons(case_id: str) -> Response | tuple[str, int]:
        def carry_out(found: Case, _: Form) -> None:
            repair(site, found, g.staff.session, g.staff.id, g.language)

        return act(case_id, "repair", carry_out)

    @office.post("/office/case/<case_id>/end-visits")
    @staff(*OFFICE)
    def end_visits(case_id: str) -> Response | tuple[str, int]:
        return act(
            case_id,
            "end_visits",
            lambda found, _: invitations.end_visits(site.casework, found.id, g.staff.id),
        )

    @office.post("/office/case/<case_id>/link")
    @staff(*OFFICE)
    def make_link(case_id: str) -> str:
        """Shown in the answer and kept nowhere: whoever loads the page again makes another one."""
        found = cases.case(site.casework, case_id)
        token = invitations.result_link(site.casework, found.id, g.staff.id)
        address = url_for("after.by_link", link=token, _external=True)
        label = text("office_case.link_qr", g.language)
        return render_template("office/link.html", case=found, address=address, qr=qr_svg(address, label))

    @office.get("/office/case/<case_id>/photo/<int:photo_id>")
    @staff(*READERS)
    def case_photo(case_id: str, photo_id: int) -> Response:
        if photo(site.casework, photo_id).case_id != case_id:
            raise Refused("no_such_photo")
        return Response(jpeg(site.casework, photo_id), mimetype=MEDIA_TYPE)

    @office.get("/office/case/<case_id>/self-check-photo/<int:photo_id>")
    @staff(*READERS)
    def self_check_photo(case_id: str, photo_id: int) -> Response:
        found = self_check_photos.jpeg_of_case(site.casework, case_id, photo_id)
        return Response(found, mimetype=MEDIA_TYPE)

    @office.post("/office/case/<case_id>/revoke-link")
    @staff(*OFFICE)
    def revoke_link(case_id: str) -> Response | tuple[str, int]:
        return act(case_id, "link", lambda found, _: invitations.revoke(site.casework, found.id, g.staff.id))


def _page(site: Site, case: Case, form: Form, *, opened: str = "", done: bool = False) -> str:
    people = people_of(site)
    entries = history(site.casework, case.id)
    told = site.link.case_if_known(case.id)
    return render_template(
        "office/case.html",
        case=case,
        form=form,
        opened=opened,
        done=done,
        people=people,
        at_bench=told,
        same_meter=cases.others_of_meter(site.casework, case.id, case.serial) if case.is_open else [],
        same_hour=case_table.same_hour(cases.all_cases(site.casework), case),
        differing=differing(case, told),
        may_repair=g.staff.has(*ADMINISTRATORS),
        actions=_actions(site, case, told),
        self_checks=self_checks.of(site.casework, case.id),
        check_photos=self_check_photos.of(site.casework, case.id),
        expectation=opinions(site.casework, case.id).get(Moment.BEFORE),
        preferred_days=preferred_days(entries, g.language),
        questions=questions(site.casework, case.id),
        ticks=checklists.ticks(site.casework, case.id),
        photos=photos(site.casework, case.id),
        links=[link for link in invitations.links(site.casework, case.id) if link.revoked_at is None],
        history=[happened(one, people, g.language) for one in reversed(entries)],
        before_plan=case.state in _BEFORE_PLAN,
        after_testing=case.state in WITH_A_RESULT,
        may_appeal=case.state in WITH_A_RESULT and case.customer is not None and g.staff.has(*OFFICE),
        may_attach=case.is_open and g.staff.has(*OFFICE),
        may_decline=case.state in _BEFORE_CUSTOMER and g.staff.has(*OFFICE),
        may_hand_over=case.state in _HAND_OVER and g.staff.has(*ADMINISTRATORS),
        handover_to=people.working(g.language),
        days_left=case_table.days_left(case, local_day(site.now())),
        now=site.now(),
    )


def _actions(site: Site, case: Case, told: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """(address, name of the text, kind of button) of what is done on other pages, the next one first and large.

    told: the case as the measuring side has it.
    """
    actions = []
    if g.staff.has(*OFFICE) and case.state in _BEFORE_CUSTOMER:
        name = "do_plan" if case.state is CaseState.APPLIED else "do_replan"
        kind = "main" if case.state is CaseState.APPLIED else "plain"
        actions.append((url_for("office.plan", case_id=case.id), name, kind))
    if may_postpone(case, told, g.staff):
        actions.append((url_for("staff.postpone", case_id=case.id), "do_postpone", "plain"))
    if may_release(case, told, g.staff):
        actions.append((url_for("staff.release", case_id=case.id), "do_release", "plain"))
    if case.checker == g.staff.id and case.state in _TO_CHECK:
        actions.append((url_for("office.check_case", case_id=case.id), "do_check", "main"))
    if case.run_ids:
        actions.append((url_for("office.certificate", case_id=case.id), "do_certificate", "plain"))
    if g.staff.has(*OFFICE):
        open_ones = [one for one in follow_ups.of(site.casework, case.id) if one.settled_at is None]
        if open_ones:
            actions.append((url_for("office.follow_up", number=open_ones[0].id), "do_follow_up", "plain"))
    if g.staff.has(*ADMINISTRATORS) and case.customer is not None and not case.is_open:
        actions.append((url_for("office.delete", case_id=case.id), "do_delete", "danger"))
    return actions


def preferred_days(entries: list[Entry], language: str) -> str:
    """The days that the customer named with the application; "" for none."""
    named = [entry.values["days"] for entry in entries if entry.act == DAYS_WISHED]
    return days_said(named[-1], language) if named else ""
