"""What persons ask of the bench over its socket: to be signed in, and what they do to a witnessed case.

The registry knows persons and cases, the sessions who is signed in; whether a run is under way only the service knows.
All that changes a case comes in one thread (the lane of acts), and so does the start of a run: what is looked up here
is still so when it is acted upon.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.checklist import EVERY_CHECK, Check
from bench.control.asking import SignedIn
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.control.sessions import Sessions, Throttle
from bench.dates import day_of
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan
from bench.process import MeasuringProcess
from bench.records.journal_reading import JournalReader
from bench.records.kinds import RUN_ENDED
from bench.registry import competence, trail, witnessed
from bench.registry.person_passwords import mark_of
from bench.registry.persons import Person, all_persons, authenticate
from bench.registry.refusals_kept import KeptRefusals
from bench.registry.store import Registry, glancing, writing
from bench.registry.witnessed import Case, CaseRole, Handover
from bench.service_competence import told_of_competence
from calibration.quantities import NS_PER_S, Outcome


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A run that is, or will be in a moment. case: "" for none."""

    run_id: str
    case: str
    verifier: str


class StaffService:
    """under_way: the run that is under way, if one is."""

    def __init__(self, process: MeasuringProcess, under_way: Callable[[], UnderWay | None]) -> None:
        self._process = process
        self._under_way = under_way
        self._state_dir = process.config.state_dir
        self._sessions = Sessions()
        self._tries = {is_owner: Throttle() for is_owner in (False, True)}
        self._refusals = KeptRefusals(self._state_dir)
        self._runs = _RunsOfCases(self._state_dir)

    # --- who asks

    def count_try(self, *, is_owner: bool) -> None:
        """A password comes. is_owner: from the bench's own user, who is not shut out by a flood of others.

        Errors: RefusedByRuleError where too many came lately.
        """
        self._tries[is_owner].take(self._now_s())

    def sign_in(self, by: str, password: str) -> tuple[str, SignedIn]:
        now = self._now()
        person = authenticate(self._state_dir, by, password, now)
        with writing(self._state_dir, now) as database:
            trail.add(database, now, person.id, "signed_in", person.id, None, None)
            mark = mark_of(database, person.id)
        return self._sessions.begin(_signed_in(person, 0), mark, self._now_s())

    def who(self, token: str, *, asks_registry: bool) -> SignedIn:
        staff, mark = self._sessions.use(token, self._now_s())
        if not asks_registry:
            return staff
        person = self._still_there(staff.person, mark)
        if person is None:
            self._sessions.end(token)
            raise RefusedByRuleError(Refusal.SESSION_EXPIRED)
        return _signed_in(person, staff.ends_in_s)

    def session_lasts(self, token: str) -> bool:
        found = self._sessions.look(token, self._now_s())
        return found is not None and self._still_there(*found) is not None

    def _still_there(self, who: str, mark: str) -> Person | None:
        """The person of a session; None where he has left, or has another password since."""
        with glancing(self._state_dir) as database:
            person = all_persons(database).get(who)
            has_changed = mark_of(database, who) != mark
        return None if person is None or not person.is_active or has_changed else person

    def sign_out(self, token: str) -> None:
        self._sessions.end(token)

    def refused(self, what: str, about: str, person: str | None, error: RefusedByRuleError) -> None:
        self._refusals.keep(what, about, person, error, self._now(), self._now_s())

    # --- cases

    def persons(self) -> list[JsonObject]:
        with glancing(self._state_dir) as database:
            busy = witnessed.under_test(database)
            return [
                {
                    "id": person.id,
                    "name": {"zh": person.name.zh, "latin": person.name.latin},
                    "roles": [role.value for role in person.roles],
                    "busy_with": busy.get(person.id),
                }
                for person in all_persons(database).values()
                if person.is_active
            ]

    def competence(self, by: SignedIn) -> JsonObject:
        with glancing(self._state_dir) as database:
            return told_of_competence(database, by, day_of(self._now()))

    def case(self, case: str) -> JsonObject:
        with glancing(self._state_dir) as database:
            return self._told(database, witnessed.named(database, case))

    def case_assign(
        self, by: SignedIn, case: str, serial: str, verifier: str, checker: str, retest_of: str | None
    ) -> JsonObject:
        wanted = Case(case, serial, verifier, checker, retest_of or "")
        return self._now_is(witnessed.assign(self._state_dir, by.person, wanted, self._now()))

    def case_begin(self, by: SignedIn, case: str) -> JsonObject:
        return self._now_is(witnessed.begin(self._state_dir, by.person, case, self._now()))

    def case_handover(self, by: SignedIn, case: str, role: str, to: str, why: str) -> JsonObject:
        if role not in set(CaseRole):
            raise OperatorError(f"a case is handed over as {' or '.join(CaseRole)}, not as {role[:20]!r}")
        self._require_no_run_of(case)
        as_role = CaseRole(role)
        return self._now_is(
            witnessed.hand_over(self._state_dir, by.person, case, as_role, to, why, self._now())
        )

    def case_release(self, by: SignedIn, case: str, why: str) -> JsonObject:
        self._require_no_run_of(case)
        if runs := self._runs.of(case):
            raise RefusedByRuleError(Refusal.CASE_MEASURED, run=runs[-1], case=case)
        return self._now_is(witnessed.release(self._state_dir, by.person, case, why, self._now()))

    def case_end(self, by: SignedIn, case: str, digest: str) -> JsonObject:
        self._require_no_run_of(case)
        return self._now_is(witnessed.end(self._state_dir, by.person, case, digest, self._now()))

    def require_may_start(
        self, by: SignedIn, case_id: str, checked: CheckedPlan, ticked: frozenset[str]
    ) -> None:
        """A run of a case: by its verifier, who is authorised for it today, of its meter alone, with everything done
        that must be done before, and while there is no result: whoever does not like one cannot measure until there is
        another.

        Errors: RefusedByRuleError.
        """
        with glancing(self._state_dir) as database:
            case = witnessed.require_may_run(database, case_id, by.person)
        if (result := self._runs.result_of(case.id)) is not None:
            run, verdict = result
            raise RefusedByRuleError(Refusal.ALREADY_DECIDED, case=case.id, run=run, verdict=verdict)
        if missing := EVERY_CHECK - ticked:
            raise RefusedByRuleError(
                Refusal.CHECKLIST_OPEN, open=[check.value for check in Check if check in missing]
            )
        serials = [meter.serial for meter in checked.plan.meter]
        if len(serials) != 1:
            raise RefusedByRuleError(Refusal.ONE_METER_ONLY, meters=str(len(serials)))
        if (serial := serials[0]) != case.serial:
            raise RefusedByRuleError(Refusal.WRONG_METER, planned=serial, case=case.id, serial=case.serial)
        with glancing(self._state_dir) as database:
            competence.require_may_verify(database, by.person, checked, day_of(self._now()))

    def _require_no_run_of(self, case: str) -> None:
        run = self._under_way()
        if run is not None and run.case == case:
            raise RefusedByRuleError(Refusal.RUN_UNDER_WAY, run=run.run_id, case=case)

    def _now_is(self, case: Case) -> JsonObject:
        with glancing(self._state_dir) as database:
            return self._told(database, case)

    def _told(self, database: Registry, case: Case) -> JsonObject:
        return {
            "case": case.id,
            **witnessed.told(case),
            "retest_of": case.retest_of or None,
            "handovers": [_handover(each) for each in witnessed.handovers(database, case.id)],
            "runs": self._runs.of(case.id),
            "names": _names(database, case),
        }

    def _now(self) -> str:
        return self._process.equipment.disk_clock.state().wall_time

    def _now_s(self) -> float:
        return self._process.equipment.disk_clock.now_ns() / NS_PER_S


class _RunsOfCases:
    """Which runs each case has, from the journal; what was read once is not read again. From any thread."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._lock = threading.Lock()
        self._runs: dict[str, list[str]] = {}
        self._since = 0

    def of(self, case: str) -> list[str]:
        """In the order in which they began."""
        with self._lock:
            with closing(JournalReader(self._state_dir)) as journal:
                started, self._since = journal.starts_of_cases(self._since)
            for record in started:
                if isinstance(of_case := record.fields().get("case"), str):
                    self._runs.setdefault(of_case, []).append(record.run_id)
            return list(self._runs.get(case, ()))

    def result_of(self, case: str) -> tuple[str, str] | None:
        """The run of a case that has given a result, and its verdict. INVALID is none, and neither is a run that was
        interrupted."""
        runs = self.of(case)
        with closing(JournalReader(self._state_dir)) as journal:
            for run in runs:
                _, last = journal.ends_of(run)
                if last.kind == RUN_ENDED and (verdict := last.fields()["verdict"]) != Outcome.INVALID:
                    return run, str(verdict)
        return None


def _signed_in(person: Person, ends_in_s: int) -> SignedIn:
    roles = tuple(role.value for role in person.roles)
    return SignedIn(person.id, roles, person.name.zh, person.name.latin, ends_in_s)


def _names(database: Registry, case: Case) -> JsonObject:
    """Of everybody in a case, also of who has left the laboratory since: who it is is shown with the case."""
    involved = witnessed.involved(database, case)
    return {
        person.id: {"zh": person.name.zh, "latin": person.name.latin}
        for person in all_persons(database).values()
        if person.id in involved
    }


def _handover(kept: Handover) -> JsonObject:
    who = {"from": kept.from_person, "to": kept.to_person, "by": kept.by}
    return {"role": kept.role.value, **who, "why": kept.why, "at": kept.at}
