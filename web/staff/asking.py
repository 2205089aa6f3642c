"""What the console is told: casework and the bench are asked, and what they say becomes a `Told` (console_view.py)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar

from bench.errors import OperatorError
from web.access import Staff
from web.after.outcome import state_of
from web.bench_link import BenchAwayError, name_in
from web.casework import cases, checklists, outcomes, questions
from web.casework.model import WITH_A_RESULT, Case
from web.casework.refused import Refused
from web.customer.scene import State
from web.feed import Moment
from web.office.roles import OFFICE
from web.signing import certificates_of, drafts_of
from web.site import Site
from web.staff.console_view import Told

Answer = TypeVar("Answer")
_KEPT_PLANS = 32


class PlanPoints:
    """The points of plans, as the bench says them; kept, because the same plan is asked for with every page."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Sequence[Mapping[str, Any]]] = OrderedDict()
        self._lock = Lock()

    def of(self, site: Site, who: Staff, plan: str | None) -> Sequence[Mapping[str, Any]] | None:
        """None where nobody can say just now."""
        if plan is None:
            return None
        with self._lock:
            kept = self._kept.get(plan)
        if kept is not None:
            return kept
        answer = _unless_away(lambda: site.link.plan_check(who.session, plan))
        if answer is None:
            return None
        points: Sequence[Mapping[str, Any]] = answer["points"]
        with self._lock:
            self._kept[plan] = points
            while len(self._kept) > _KEPT_PLANS:
                self._kept.popitem(last=False)
        return points


def names_of(site: Site, who: Staff, language: str) -> dict[str, str]:
    """Everybody's name by id; empty where the bench does not answer."""
    persons = _unless_away(lambda: site.link.persons(who.session)) or []
    return {str(person["id"]): person_name(person, language) for person in persons}


def person_name(person: Mapping[str, Any], language: str) -> str:
    return name_in(person["name"], language)


def told_of(
    site: Site, case: Case, who: Staff, moment: Moment, names: Mapping[str, str], plans: PlanPoints
) -> Told:
    """Asks everybody. Errors: none; who does not answer is not quoted."""
    has_result = case.state in WITH_A_RESULT
    return Told(
        case_id=case.id,
        case_state=case.state,
        serial=case.serial,
        verifier=case.verifier,
        checker=case.checker,
        reader=who.id,
        names=names,
        outcome=case.outcome,
        has_plan=case.plan_toml is not None,
        ticked={check: tick is not None for check, tick in checklists.ticks(site.casework, case.id).items()},
        questions=[
            (question.id, question.text or "", not question.is_open)
            for question in questions.questions(site.casework, case.id)
        ],
        measuring=_unless_away(lambda: site.link.case(case.id)),
        planned=plans.of(site, who, case.plan_toml),
        drafts=drafts_waiting(site, case) if has_result else (),
        certificates=_unless_away(lambda: certificates_of(site.link, case.run_ids[-1:])) or ()
        if has_result
        else (),
        state=moment.state,
        is_connected=moment.is_connected,
        age_s=moment.age_s(site.feed.now_s()),
        kept=_kept(site, case) if has_result else None,
    )


def _kept(site: Site, case: Case) -> tuple[State, str] | None:
    outcome = outcomes.latest(site.casework, case.id)
    return None if outcome is None else state_of(outcome)


def drafts_waiting(site: Site, case: Case) -> list[dict[str, Any]]:
    """Drafts of the last run of a case: an older run of it has given no result. Empty while the bench is away."""
    return _unless_away(lambda: drafts_of(site.link, case.run_ids[-1:])) or []


def case_of(site: Site, case_id: str) -> Case:
    """Errors: Refused, where there is none."""
    return cases.case(site.casework, case_id)


def require_its_own(case: Case, who: Staff) -> None:
    """Whoever lets a customer in or out has the case in hand, or is of the office. Errors: Refused."""
    if who.id not in (case.verifier, case.checker) and not who.has(*OFFICE):
        raise Refused("not_allowed_here", case=case.id)


def _unless_away(ask: Callable[[], Answer]) -> Answer | None:
    """None where the bench does not answer, or does not know what it is asked for."""
    try:
        return ask()
    except (BenchAwayError, OperatorError):
        return None
