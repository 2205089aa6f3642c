"""What a case is made of. Times are ISO 8601 UTC texts, days YYYY-MM-DD, persons the ids that the registry gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CUSTOMER = "customer"
"""Who acts, where it is the customer of the case."""
BENCH = "bench"
"""Who acts, where the web says what it saw of the bench: that a run has ended."""


class CaseState(StrEnum):
    APPLIED = "applied"
    PLANNED = "planned"
    READY = "ready"
    """The customer is here; the checklist is gone through."""
    TESTING = "testing"
    TESTED = "tested"
    EXPLAINED = "explained"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


ENDS = frozenset({CaseState.CLOSED, CaseState.DECLINED, CaseState.WITHDRAWN})
WITH_A_RESULT = frozenset({CaseState.TESTED, CaseState.EXPLAINED, CaseState.CLOSED})


class Role(StrEnum):
    """Of a person in one case."""

    VERIFIER = "verifier"
    CHECKER = "checker"


class Outcome(StrEnum):
    """Of the last run of a case, as the bench gave it."""

    PASS = "PASS"
    FAIL = "FAIL"
    INVALID = "INVALID"
    UNJUDGED = "UNJUDGED"


class Moment(StrEnum):
    """When a customer is asked: before the test, after it, and at both follow-ups."""

    BEFORE = "before"
    AFTER = "after"
    DAY_30 = "day_30"
    DAY_183 = "day_183"


@dataclass(frozen=True, slots=True)
class Customer:
    name: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class Application:
    """doubt: the customer's own words. meter_kind: what is known of the meter, by the names of a plan. by: who filled
    it in, `CUSTOMER` or a person."""

    customer: Customer
    doubt: str
    serial: str
    meter_kind: Mapping[str, str] = field(default_factory=dict)
    area: str = ""
    by: str = CUSTOMER


@dataclass(frozen=True, slots=True)
class Planned:
    """meter: by the names of a plan, with its `serial`, which from now on is the case's. planned_s: s.

    appointment: the laboratory's own time, `2026-12-01T09:30`. by: who plans.
    """

    meter: Mapping[str, str]
    rule_set: str
    decision_rule: str
    plan_toml: str
    planned_s: float
    verifier: str
    checker: str
    appointment: str
    by: str


@dataclass(frozen=True, slots=True)
class Case:
    """customer and doubt: None once they are forgotten. deadline: the day by which its state is to change, None where
    nothing is due. answered_on: when the customer has said how it was, or has withdrawn or appealed.

    reason, next_step: of a case that was declined, withdrawn or closed for a reason.
    """

    id: str
    state: CaseState
    state_since: str
    applied_on: str
    customer: Customer | None
    doubt: str | None
    serial: str
    meter_kind: Mapping[str, str]
    area: str
    rule_set: str | None
    decision_rule: str | None
    plan_toml: str | None
    planned_s: float | None
    verifier: str | None
    checker: str | None
    appointment: str | None
    deadline: str | None
    retest_of: str | None
    run_ids: tuple[str, ...]
    outcome: Outcome | None
    answered_on: str | None
    reason: str | None
    next_step: str | None

    @property
    def is_open(self) -> bool:
        return self.state not in ENDS
