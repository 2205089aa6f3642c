"""The acts of a case: each is one transaction, with its entry in the history. What stands against it is `Refused`.

Which act is possible when, and for whom, is the table in `transitions.py`; the schema refuses the same once more.
`by` is `CUSTOMER`, `BENCH` or the id of a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from web.casework import checklists, follow_ups, persons
from web.casework import history as log
from web.casework.acts import acting
from web.casework.case_rows import all_cases, case, listed, others_of_meter
from web.casework.history import attempt, history, keep_text
from web.casework.limits import applications_full
from web.casework.model import CUSTOMER, ENDS, Application, Case, CaseState, Outcome, Planned, Role
from web.casework.numbering import next_id
from web.casework.promises import deadline
from web.casework.refused import Refused
from web.casework.store import Casework, Database
from web.casework.transitions import Act, Who
from web.dates import local_day

__all__ = [
    "all_cases", "answered", "apply", "begin_test", "case", "close", "decline", "end_test", "explain", "hand_over",
    "history", "others_of_meter", "plan", "postpone", "receive", "release", "require_meter_free", "retest", "withdraw",
]  # fmt: skip

_LONGEST_LINE = 200


def apply(cw: Casework, application: Application) -> Case:
    """A new case, with the next number of this year.

    It reserves no meter, whatever serial number it names, and tells nothing of other cases of that meter: anybody may
    apply. The office sees them (`others_of_meter`); planning makes the meter the case's.
    Errors: Refused, where something is missing; applications_full, where a customer applies and too many wait.
    """
    with attempt(cw, application.by, "apply") as database:
        if application.by == CUSTOMER and applications_full(cw):
            raise Refused("applications_full")
        return _new_case(cw, database, application, None)


def plan(cw: Casework, case_id: str, planned: Planned) -> Case:
    """Plan a case, or plan it anew while the customer is not here. The meter's serial is the case's from now on."""
    with acting(cw, case_id, Act.PLAN, planned.by) as this:
        serial = _line(planned.meter.get("serial", ""), "serial")
        appointment = _appointment(planned.appointment)
        require_meter_free(cw, case_id, serial)
        persons.require_two_fit(this.database, case_id, planned.verifier, planned.checker)
        named = {
            "serial": serial,
            "rule_set": planned.rule_set,
            "decision_rule": planned.decision_rule,
            "verifier": planned.verifier,
            "checker": planned.checker,
            "appointment": appointment,
        }
        this.set(
            **named,
            meter_kind=_as_json(planned.meter),
            plan_toml=planned.plan_toml,
            planned_s=float(planned.planned_s),
            deadline=deadline(CaseState.PLANNED, appointment, cw.promises, appointment),
        )
        return this.done({**named, "plan_sha256": hashlib.sha256(planned.plan_toml.encode()).hexdigest()})


def require_meter_free(cw: Casework, case_id: str, serial: str) -> None:
    """Errors: Refused where another case has this meter: one that is planned and not at its end."""
    for other in others_of_meter(cw, case_id, serial):
        if other.state is not CaseState.APPLIED:
            raise Refused("meter_has_a_case", serial=serial, case=other.id)


def receive(cw: Casework, case_id: str, by: str) -> Case:
    """The customer and the meter are here; from now on its verifier has no other meter. Errors: Refused."""
    with acting(cw, case_id, Act.RECEIVE, by) as this:
        verifier, checker = _persons(this.case)
        persons.require_free(cw, case_id, verifier)
        persons.require_two_fit(this.database, case_id, verifier, checker)
        at = cw.now()
        persons.take_in_hand(this.database, case_id, Role.VERIFIER, verifier, at, None)
        persons.take_in_hand(this.database, case_id, Role.CHECKER, checker, at, None)
        return this.done()


def postpone(cw: Casework, case_id: str, why: str, by: str) -> Case:
    """Not today, though the customer was here: planned again, with nothing ticked."""
    with acting(cw, case_id, Act.POSTPONE, by) as this:
        checklists.clear(this.database, case_id)
        return this.done({"why": this.keep(why)})


def release(cw: Casework, case_id: str, why: str, by: str) -> Case:
    """The bench had begun it and has let it go before a test: planned again, with nothing ticked."""
    with acting(cw, case_id, Act.RELEASE, by) as this:
        checklists.clear(this.database, case_id)
        return this.done({"why": this.keep(why)})


def begin_test(cw: Casework, case_id: str, run_id: str, by: str) -> Case:
    """The run that the bench has begun for this case.

    Errors: Refused, where something is not ticked, the verifier has another meter, or there is a result already.
    """
    with acting(cw, case_id, Act.BEGIN_TEST, by) as this:
        if this.case.outcome not in (None, Outcome.INVALID):
            raise Refused("has_a_result", case=case_id)
        checklists.require_all_ticked(this.database, case_id)
        persons.require_free(cw, case_id, by)
        run = _line(run_id, "run")
        taken = this.database.execute("SELECT case_id FROM case_run WHERE run_id = ?", (run,)).fetchone()
        if taken is not None:
            raise Refused("run_has_a_case", run=run, case=taken["case_id"])
        this.database.execute("INSERT INTO case_run VALUES (?, ?, ?, ?)", (run, case_id, cw.now(), by))
        return this.done({"run": run})


def end_test(cw: Casework, case_id: str, outcome: Outcome, by: str) -> Case:
    """The run is over: outcome as the bench gave it. by: the verifier, or `BENCH` where the web has seen it end."""
    with acting(cw, case_id, Act.END_TEST, by) as this:
        this.set(outcome=outcome)
        follow_ups.schedule(cw, case_id, local_day(cw.now()).isoformat())
        return this.done({"outcome": outcome})


def explain(cw: Casework, case_id: str, by: str) -> Case:
    """The result was explained to the customer, one to one."""
    with acting(cw, case_id, Act.EXPLAIN, by) as this:
        return this.done()


def answered(cw: Casework, case_id: str) -> None:
    """The customer has said how it was (satisfaction, signature): with that a case can be closed without a reason."""
    with cw.writing() as database:
        database.execute(
            "UPDATE cases SET answered_on = COALESCE(answered_on, ?) WHERE id = ?", (cw.now(), case_id)
        )


def close(cw: Casework, case_id: str, reason: str, by: str) -> Case:
    """reason: may be empty where the customer has answered and the result was explained."""
    with acting(cw, case_id, Act.CLOSE, by) as this:
        needs_none = this.case.answered_on is not None and this.case.state is CaseState.EXPLAINED
        if not reason.strip():
            if not needs_none:
                raise Refused("close_needs_answer_or_reason", case=case_id)
            return this.done()
        why = this.keep(reason)
        this.set(closing_reason=why)
        return this.done({"reason": why})


def decline(cw: Casework, case_id: str, reason: str, next_step: str, by: str) -> Case:
    """An honest reason, and what the customer can do now; neither is empty."""
    with acting(cw, case_id, Act.DECLINE, by) as this:
        if not reason.strip() or not next_step.strip():
            raise Refused("decline_needs_reason_and_next_step", case=case_id)
        why, then = this.keep(reason), this.keep(next_step)
        this.set(closing_reason=why, next_step=then)
        return this.done({"reason": why, "next_step": then})


def withdraw(cw: Casework, case_id: str, by: str, reason: str = "") -> Case:
    """The customer takes the application back; told to somebody else, that person writes how."""
    with acting(cw, case_id, Act.WITHDRAW, by) as this:
        if not reason.strip():
            if by != CUSTOMER:
                raise Refused("withdraw_needs_reason", case=case_id)
            answered(cw, case_id)
            return this.done()
        why = this.keep(reason)
        this.set(closing_reason=why)
        return this.done({"reason": why})


def hand_over(cw: Casework, case_id: str, role: Role, to: str, why: str, by: str) -> Case:
    """Another verifier or checker from now on, with a reason; not while a test is under way."""
    with acting(cw, case_id, Act.HAND_OVER, by) as this:
        verifier, checker = _persons(this.case)
        present = verifier if role is Role.VERIFIER else checker
        if not why.strip():
            raise Refused("hand_over_needs_reason", case=case_id)
        if to == present:
            raise Refused("hand_over_to_the_same", person=to, case=case_id)
        if role is Role.VERIFIER:
            persons.require_two_fit(this.database, case_id, to, checker)
            if this.case.state is CaseState.READY:
                persons.require_free(cw, case_id, to)
        else:
            persons.require_two_fit(this.database, case_id, verifier, to)
        reason = this.keep(why)
        if this.case.state is not CaseState.PLANNED:
            persons.take_in_hand(this.database, case_id, role, to, cw.now(), reason)
        this.set(**{role.value: to})
        return this.done({"role": role, "from": present, "to": to, "why": reason})


def retest(cw: Casework, case_id: str, doubt: str, by: str) -> Case:
    """The customer does not accept the result: a new case of the same meter, for other persons; this one is closed.

    doubt: why, in the customer's words.
    """
    with acting(cw, case_id, Act.RETEST, by) as this:
        before = this.case
        if before.customer is None:
            raise Refused("customer_forgotten", case=case_id)
        if this.who is not Who.CUSTOMER and not doubt.strip():
            raise Refused("text_missing")
        _require_no_retest(this.database, case_id)
        answered(cw, case_id)
        this.done()
        again = Application(before.customer, doubt, before.serial, before.meter_kind, before.area, by)
        new = _new_case(cw, this.database, again, before.id)
        log.add(cw, case_id, by, "retest_is", {"case": new.id})
        return new


def _require_no_retest(database: Database, case_id: str) -> None:
    row = database.execute(
        "SELECT id FROM cases WHERE root = (SELECT root FROM cases WHERE id = ?1) AND id <> ?1"
        f" AND state NOT IN ({listed(ENDS)})",
        (case_id,),
    ).fetchone()
    if row is not None:
        raise Refused("has_a_retest", case=row["id"])


def _new_case(cw: Casework, database: Database, application: Application, retest_of: str | None) -> Case:
    serial = _line(application.serial, "serial")
    customer = application.customer
    customer = replace(
        customer,
        name=_line(customer.name, "name"),
        address=_line(customer.address, "address"),
        phone=_line(customer.phone, "phone"),
    )
    at = cw.now()
    case_id = next_id(database, "cases", at)
    root = case_id
    if retest_of is not None:
        root = database.execute("SELECT root FROM cases WHERE id = ?", (retest_of,)).fetchone()["root"]
    # The row first, since a text belongs to a case; then its doubt.
    database.execute(
        "INSERT INTO cases (id, state, state_since, applied_on, doubt, serial, meter_kind, area, deadline, root,"
        " retest_of) VALUES (?, 'applied', ?, ?, '', ?, ?, ?, ?, ?, ?)",
        (
            *(case_id, at, at, serial, _as_json(application.meter_kind), application.area.strip()),
            *(deadline(CaseState.APPLIED, at, cw.promises), root, retest_of),
        ),
    )
    doubt = keep_text(cw, case_id, application.doubt)
    database.execute("UPDATE cases SET doubt = ? WHERE id = ?", (doubt, case_id))
    values = (case_id, customer.name, customer.address, customer.phone)
    database.execute("INSERT INTO customer VALUES (?, ?, ?, ?)", values)
    said = {"serial": serial, "doubt": doubt} | ({} if retest_of is None else {"retest_of": retest_of})
    log.add(cw, case_id, application.by, "apply", said)
    return case(cw, case_id)


def _persons(this: Case) -> tuple[str, str]:
    """Verifier and checker of a case that is planned."""
    if this.verifier is None or this.checker is None:
        raise Refused("not_planned_yet", case=this.id)
    return this.verifier, this.checker


def _line(written: str, field: str) -> str:
    """One line. Errors: Refused with the field, where it is empty, too long or no line."""
    line = written.strip()
    if not line or len(line) > _LONGEST_LINE or not line.isprintable():
        raise Refused(f"{field}_missing", longest=str(_LONGEST_LINE))
    return line


def _appointment(written: str) -> str:
    """To the minute, `2026-12-01T09:30`. Errors: Refused for anything else."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise Refused("no_such_time", written=written[:_LONGEST_LINE]) from None
    return read.replace(tzinfo=None).isoformat(timespec="minutes")


def _as_json(values: Mapping[str, str]) -> str:
    return json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
