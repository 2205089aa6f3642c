"""Planning a case: the nameplate, the plan that the bench makes of it, who verifies and checks, and when.

Nothing is kept between the steps: the plan and the nameplate travel in the form, and the bench checks the plan again
before persons are named. Two processes are told, the measuring side first; where only that has happened, the page says
so and fixing the plan again mends it, for before a test has begun the last one named counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from bench.items import Item
from web.access import staff
from web.casework import cases
from web.casework.history import history
from web.casework.model import Case, Planned
from web.casework.refused import Refused
from web.dates import day_text, local_day
from web.forms import Form
from web.office.cases import preferred_days
from web.office.may_verify import WhoMay
from web.office.nameplate import CLASSES, COMMON, CONNECTIONS, WIRINGS, WISHES, nameplate_of, wishes_of
from web.office.people import People, people_of
from web.office.plan_text import decision_rule_of, rule_set_of
from web.office.roles import OFFICE
from web.refusals import problem_said, sentence
from web.site import Site
from web.texts import text

LONGEST_PLAN = 20_000
_MAKE, _CHECK = "make", "check"


def add_routes(office: Blueprint, site: Site) -> None:
    @office.route("/office/case/<case_id>/plan", methods=["GET", "POST"])
    @staff(*OFFICE)
    def plan(case_id: str) -> Response | str | tuple[str, int]:
        case = cases.case(site.casework, case_id)
        if request.method == "GET":
            return _page(site, case, _begun(case))
        form = Form(request.form)
        step = form.value("step")
        if step == _MAKE:
            return _make(site, case, form)
        if step == _CHECK:
            return _check(site, case, form)
        return _fix(site, case, form)


def _begun(case: Case) -> Form:
    """The form as it is first shown: what is known of the meter, else what most meters have."""
    known = {key: str(value) for key, value in case.meter_kind.items()}
    shown = COMMON | known | {"serial": case.serial}
    if case.rule_set:
        shown |= {"rule_set": case.rule_set}
    if case.plan_toml:
        shown |= {"plan": case.plan_toml, "verifier": case.verifier or "", "checker": case.checker or ""}
        day, _, at = (case.appointment or "").partition("T")
        shown |= {"date": day, "at": at[:5]}
    return Form(None, **shown)


def _make(site: Site, case: Case, form: Form) -> str | tuple[str, int]:
    meter, wishes = nameplate_of(form), wishes_of(form)
    rule_set = form.choice("rule_set", [one["name"] for one in site.link.rule_sets()])
    if form.errors:
        return _page(site, case, form), 422
    try:
        made = site.link.plan_new(g.staff.session, meter, rule_set, **wishes)
    except (ControlRefusedError, OperatorError) as problem:
        return _page(site, case, form, problem=problem_said(problem, g.language)), 409
    return _page(site, case, Form({**request.form, "plan": made["plan"]}), planned=made)


def _check(site: Site, case: Case, form: Form) -> str | tuple[str, int]:
    nameplate_of(form)
    written = form.text("plan", most=LONGEST_PLAN)
    if form.errors:
        return _page(site, case, form), 422
    try:
        planned = site.link.plan_check(g.staff.session, written)
    except (ControlRefusedError, OperatorError) as problem:
        return _page(site, case, form, problem=problem_said(problem, g.language)), 409
    return _page(site, case, form, planned=planned, is_checked=True)


def _fix(site: Site, case: Case, form: Form) -> Response | tuple[str, int]:
    meter = nameplate_of(form)
    people = people_of(site)
    written = form.text("plan", most=LONGEST_PLAN)
    verifier = form.choice("verifier", [one.id for one in people.fit_for("verifier")])
    checker = form.choice("checker", [one.id for one in people.fit_for("checker")])
    if verifier and verifier == checker:
        form.wrong("checker", "same_person")
    day, at = form.day("date"), form.time("at")
    planned: dict[str, Any] | None = None
    try:
        if written:
            planned = site.link.plan_check(g.staff.session, written)
        if form.errors or planned is None:
            return _page(site, case, form, planned=planned), 422
        if not form.flag("despite") and (warned := _warned(site, people, form)):
            return _page(site, case, form, planned=planned, warned=warned), 422
        cases.require_meter_free(site.casework, case.id, meter["serial"])
        site.link.case_assign(g.staff.session, case.id, meter["serial"], verifier, checker, case.retest_of)
    except Refused as refusal:
        said = sentence(refusal.key, refusal.values, g.language)
        return _page(site, case, form, planned=planned, problem=said), 409
    except (ControlRefusedError, OperatorError) as problem:
        return _page(site, case, form, planned=planned, problem=problem_said(problem, g.language)), 409
    wanted = Planned(
        meter={key: str(value) for key, value in meter.items()},
        rule_set=rule_set_of(written),
        decision_rule=decision_rule_of(written),
        plan_toml=written,
        planned_s=float(planned["planned_s"]),
        verifier=verifier,
        checker=checker,
        appointment=f"{day}T{at:%H:%M}",
        by=g.staff.id,
    )
    try:
        cases.plan(site.casework, case.id, wanted)
    except Refused as refusal:
        why = sentence(refusal.key, refusal.values, g.language)
        said = text("office_plan.half_done", g.language, why=why)
        return _page(site, case, form, planned=planned, problem=said), 409
    return redirect(url_for("office.case", case_id=case.id, done="plan"), 303)


def _who_may(site: Site, form: Form) -> WhoMay:
    """Of the plan of the form, on the day of its appointment; today where it has none. Nothing of what is no plan."""
    day = Form({"date": form.value("date")}).day("date", required=False) or local_day(site.now())
    try:
        return WhoMay(site.link.who_may(g.staff.session, form.value("plan"), day.isoformat()))
    except (ControlRefusedError, OperatorError):
        return WhoMay()


def _warned(site: Site, people: People, form: Form) -> list[str]:
    """Of whom is named and may not do it on the day of the appointment: why, and who can renew it."""
    may, language = _who_may(site, form), g.language
    lacking = [role for role in ("verifier", "checker") if may.lacks(role, form.value(role))]
    if not lacking:
        return []
    renewed_by = site.link.competence(g.staff.session)["renewed_by"]
    return [
        text(
            "competence.warned" if role == "verifier" else "competence.warned_checker",
            language,
            person=people.shown(form.value(role), language),
            day=day_text(form.value("date"), language),
            why=may.until(role, form.value(role), language),
            who=text("list.and", language).join(renewed_by),
        )
        for role in lacking
    ]


def _page(
    site: Site,
    case: Case,
    form: Form,
    *,
    planned: dict[str, Any] | None = None,
    warned: Sequence[str] = (),
    problem: str = "",
    is_checked: bool = False,
) -> str:
    people = people_of(site)
    may = _who_may(site, form) if form.value("plan") else WhoMay()
    return render_template(
        "office/plan.html",
        case=case,
        form=form,
        planned=planned,
        problem=problem,
        is_checked=is_checked,
        items=[item.value for item in Item],
        classes=CLASSES,
        connections=CONNECTIONS,
        wirings=WIRINGS,
        verifiers=people.choices("verifier", g.language, may),
        checkers=people.choices("checker", g.language, may),
        warned=warned,
        rule_set_options=_rule_set_options(site),
        has_wishes=any(form.value(name) for name in WISHES),
        preferred_days=preferred_days(history(site.casework, case.id), g.language),
    )


def _rule_set_options(site: Site) -> list[tuple[str, str]]:
    return [(one["name"], _rule_set_option(site, one)) for one in site.link.rule_sets()]


def _rule_set_option(site: Site, rule_set: dict[str, Any]) -> str:
    title = site.link.rule_title(rule_set["name"], g.language)
    return (
        text("office_plan.rule_provisional", g.language, title=title) if rule_set["is_provisional"] else title
    )
