"""One request, or a case beside its test: taken, handed on and accepted, answered, ended with a reason."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import staff
from web.beside import beside
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.dates import days_between, local_day
from web.forms import Form
from web.office.people import People, people_of
from web.office.roles import OFFICE, READERS
from web.review.listing import may_read
from web.service import departments, hand_offs, requests
from web.service.items import Item, item
from web.service.model import Event
from web.service.rows import LONGEST_TEXT, events
from web.site import Site
from web.texts import text

YES, NO = "yes", "no"


def add_routes(review: Blueprint, site: Site) -> None:
    cw = site.casework

    @review.get("/office/request/<subject>")
    @staff(*READERS)
    def one_request(subject: str) -> str:
        return _page(site, _readable(site, subject), Form(), done="done" in request.args)

    @review.post("/office/request/<subject>/<act>")
    @staff(*READERS)
    def act_on_request(subject: str, act: str) -> Response | tuple[str, int]:
        """One act; what is wrong with the form is said beside it, what went well leads back to the request."""
        this, form = _readable(site, subject), Form(request.form)
        if act not in ACTS:
            raise Refused("not_found")
        if not g.staff.has(*OFFICE):
            _require_in_hand(this, act)
        if act in _REFUSED_BESIDE:
            beside(form, _REFUSED_BESIDE[act], lambda: ACTS[act](this, form))
        else:
            ACTS[act](this, form)
        if form.errors:
            return _page(site, this, form, opened=act), 422
        return redirect(url_for("review.one_request", subject=subject, done=act), 303)

    def take(this: Item, _: Form) -> None:
        hand_offs.take(cw, this.subject, g.staff.id)

    def hand_over(this: Item, form: Form) -> None:
        open_ones = [one.name for one in departments.departments(cw) if one.is_open]
        department = form.choice("hand_department", open_ones)
        people = people_of(site)
        to = form.choice("hand_to", [value for value, _ in people.everybody(g.language)], required=False)
        why = form.text("hand_why", most=LONGEST_TEXT)
        if not form.errors:
            hand_offs.hand_over(cw, this.subject, department, to or None, why, g.staff.id)

    def accept(this: Item, _: Form) -> None:
        hand_offs.accept(cw, this.subject, g.staff.id)

    def take_back(this: Item, _: Form) -> None:
        hand_offs.take_back(cw, this.subject, g.staff.id)

    def send_back(this: Item, form: Form) -> None:
        why = form.text("back_why", most=LONGEST_TEXT)
        if not form.errors:
            hand_offs.send_back(cw, this.subject, why, g.staff.id)

    def answer(this: Item, form: Form) -> None:
        said = form.text("answer", most=LONGEST_TEXT)
        if not form.errors:
            requests.answer(cw, this.subject, said, g.staff.id)

    def customer(this: Item, form: Form) -> None:
        settled = form.choice("settled", (YES, NO))
        words = form.text("customer_words", most=LONGEST_TEXT, required=False)
        if not form.errors:
            requests.customer_says(cw, this.subject, settled == YES, words, g.staff.id)

    def close(this: Item, form: Form) -> None:
        reason = form.text("close_reason", most=LONGEST_TEXT)
        if not form.errors:
            requests.close(cw, this.subject, reason, g.staff.id)

    def decline(this: Item, form: Form) -> None:
        reason = form.text("decline_reason", most=LONGEST_TEXT)
        next_step = form.text("decline_next", most=LONGEST_TEXT)
        if not form.errors:
            requests.decline(cw, this.subject, reason, next_step, g.staff.id)

    def led_to(this: Item, form: Form) -> None:
        case_id = form.text("case", most=20)
        if not form.errors:
            requests.led_to(cw, this.subject, case_id, g.staff.id)

    def forget(this: Item, _: Form) -> None:
        requests.forget(cw, this.subject, g.staff.id)

    ACTS: dict[str, Callable[[Item, Form], None]] = {
        "take": take, "hand-over": hand_over, "accept": accept, "send-back": send_back, "take-back": take_back,
        "answer": answer, "customer": customer, "close": close, "decline": decline, "led-to": led_to, "forget": forget,
    }  # fmt: skip


_OF_THE_OWNER = ("answer", "hand-over", "customer")
_OF_THE_RECEIVER = ("accept", "send-back")
"""What whoever has it in hand does, and whoever it is offered to, without being of the office."""
_REFUSED_BESIDE = {"hand-over": "hand_department", "led-to": "case"}
"""What a choice in the form can be refused for: said beside it, and the rest of the form stays."""


def _require_in_hand(this: Item, act: str) -> None:
    """Errors: Refused role_needed, not_your_case where it is offered and not accepted yet."""
    if act not in (*_OF_THE_OWNER, *_OF_THE_RECEIVER):
        raise Refused("role_needed", role=OFFICE[0])
    if act in _OF_THE_OWNER and this.owner != g.staff.id:
        raise Refused("not_your_case", case=this.subject, owner=this.owner or "–")


def _readable(site: Site, subject: str) -> Item:
    this = item(site.casework, subject)
    if not may_read(g.staff, this):
        raise Refused("not_your_case", case=subject, owner=this.owner or "–")
    return this


def _page(site: Site, this: Item, form: Form, *, opened: str = "", done: bool = False) -> str:
    people = people_of(site)
    known = departments.departments(site.casework)
    names = {one.name: one.shown(g.language) for one in known}
    today = local_day(site.now()).isoformat()
    offered = this.hand_off
    return render_template(
        "review/request.html",
        this=this,
        request_of_it=None if this.is_case else requests.request(site.casework, this.subject),
        came_from=requests.of_case(site.casework, this.subject) if this.is_case else [],
        form=form,
        opened=opened,
        done=done,
        people=people,
        department_names=names,
        department_options=[(one.name, names[one.name]) for one in known if one.is_open],
        person_options=people.everybody(g.language),
        is_overdue=this.is_overdue(today),
        days_left=None if this.deadline is None else days_between(today, this.deadline),
        may_accept=offered is not None
        and offered.to_person in (None, g.staff.id)
        and (offered.offered_by != g.staff.id or offered.to_person == g.staff.id),
        is_of_the_office=g.staff.has(*OFFICE),
        is_in_hand=g.staff.has(*OFFICE) or this.owner == g.staff.id,
        history=[(one, _said(one, names, people)) for one in reversed(events(site.casework, this.subject))],
        longest=LONGEST_TEXT,
        settled_options=[
            (YES, text("request.settled_yes", g.language)),
            (NO, text("request.settled_no", g.language)),
        ],
    )


def _said(one: Event, names: dict[str, str], people: People) -> str:
    """Who did what, with whom it went where."""
    who = text("request.customer", g.language) if one.who == CUSTOMER else people.shown(one.who, g.language)
    shown = {name: names.get(value, value) for name, value in one.facts.items()}
    if "to" in shown:
        shown["to"] = people.shown(shown["to"], g.language)
    act = text(f"request_act.{one.act}", g.language)
    sentence = text("request.did", g.language, who=who, act=act)
    went = [shown[name] for name in ("department", "to", "case") if name in shown]
    return f"{sentence} → {' · '.join(went)}" if went else sentence
