"""Which act leads a case from which state to which, and who may: one table. What is not in it is refused, with a
reason.

The passages are in the schema, too, so that the file itself refuses a state that no act leads to.
"""

from __future__ import annotations

from enum import StrEnum

from web.casework.model import CaseState
from web.casework.refused import Refused


class Act(StrEnum):
    PLAN = "plan"
    RECEIVE = "receive"
    POSTPONE = "postpone"
    RELEASE = "release"
    """As `POSTPONE`, of a case that the bench has begun and lets go."""
    BEGIN_TEST = "begin_test"
    END_TEST = "end_test"
    EXPLAIN = "explain"
    CLOSE = "close"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"
    TICK = "tick"
    RETEST = "retest"


class Who(StrEnum):
    """How whoever acts stands to the case."""

    CUSTOMER = "customer"
    VERIFIER = "verifier"
    CHECKER = "checker"
    STAFF = "staff"
    """Signed in, and neither of them."""
    BENCH = "bench"


_ANY_STAFF = frozenset({Who.VERIFIER, Who.CHECKER, Who.STAFF})
_S = CaseState

TABLE: dict[tuple[CaseState, Act], tuple[CaseState, frozenset[Who]]] = {
    (_S.APPLIED, Act.PLAN): (_S.PLANNED, _ANY_STAFF),
    (_S.APPLIED, Act.DECLINE): (_S.DECLINED, _ANY_STAFF),
    (_S.APPLIED, Act.WITHDRAW): (_S.WITHDRAWN, _ANY_STAFF | {Who.CUSTOMER}),
    (_S.PLANNED, Act.PLAN): (_S.PLANNED, _ANY_STAFF),
    (_S.PLANNED, Act.RECEIVE): (_S.READY, frozenset({Who.VERIFIER})),
    (_S.PLANNED, Act.HAND_OVER): (_S.PLANNED, _ANY_STAFF),
    (_S.PLANNED, Act.DECLINE): (_S.DECLINED, _ANY_STAFF),
    (_S.PLANNED, Act.WITHDRAW): (_S.WITHDRAWN, _ANY_STAFF | {Who.CUSTOMER}),
    (_S.READY, Act.TICK): (_S.READY, frozenset({Who.VERIFIER, Who.CUSTOMER})),
    # Any of the staff: a customer who cannot stay or come back telephones the office.
    (_S.READY, Act.POSTPONE): (_S.PLANNED, _ANY_STAFF),
    (_S.READY, Act.RELEASE): (_S.PLANNED, _ANY_STAFF),
    (_S.READY, Act.BEGIN_TEST): (_S.TESTING, frozenset({Who.VERIFIER})),
    (_S.READY, Act.HAND_OVER): (_S.READY, _ANY_STAFF),
    (_S.READY, Act.DECLINE): (_S.DECLINED, frozenset({Who.VERIFIER})),
    (_S.READY, Act.WITHDRAW): (_S.WITHDRAWN, frozenset({Who.VERIFIER, Who.CUSTOMER})),
    (_S.TESTING, Act.END_TEST): (_S.TESTED, frozenset({Who.VERIFIER, Who.BENCH})),
    # Where a run has given no result, the same person tries again.
    (_S.TESTED, Act.BEGIN_TEST): (_S.TESTING, frozenset({Who.VERIFIER})),
    (_S.TESTED, Act.EXPLAIN): (_S.EXPLAINED, frozenset({Who.VERIFIER})),
    (_S.TESTED, Act.HAND_OVER): (_S.TESTED, _ANY_STAFF),
    (_S.TESTED, Act.CLOSE): (_S.CLOSED, _ANY_STAFF),
    (_S.TESTED, Act.RETEST): (_S.CLOSED, _ANY_STAFF | {Who.CUSTOMER}),
    (_S.EXPLAINED, Act.HAND_OVER): (_S.EXPLAINED, _ANY_STAFF),
    (_S.EXPLAINED, Act.CLOSE): (_S.CLOSED, _ANY_STAFF),
    (_S.EXPLAINED, Act.RETEST): (_S.CLOSED, _ANY_STAFF | {Who.CUSTOMER}),
    (_S.CLOSED, Act.RETEST): (_S.CLOSED, _ANY_STAFF | {Who.CUSTOMER}),
}


def next_state(state: CaseState, act: Act, who: Who, case_id: str, verifier: str | None) -> CaseState:
    """The state that the act leads to. Errors: Refused, where the case is not so far, or who acts may not."""
    if (state, act) not in TABLE:
        raise Refused(_why_not(state, act), case=case_id)
    after, allowed = TABLE[state, act]
    if who in allowed:
        return after
    if who is Who.CUSTOMER:
        raise Refused("not_for_customers", case=case_id)
    if Who.VERIFIER in allowed and verifier is not None:
        raise Refused("not_its_verifier", case=case_id, verifier=verifier)
    raise Refused("not_allowed_here", case=case_id)


def _why_not(state: CaseState, act: Act) -> str:
    """The key of the sentence for an act that is not in the table of this state."""
    if state in (_S.CLOSED, _S.DECLINED, _S.WITHDRAWN):
        return "case_over"
    if state is _S.TESTING:
        return "test_under_way"
    if state in (_S.TESTED, _S.EXPLAINED):
        return "already_tested"
    if act in (Act.END_TEST, Act.EXPLAIN, Act.CLOSE, Act.RETEST):
        return "not_tested_yet"
    if state is _S.APPLIED:
        return "not_planned_yet"
    if state is _S.PLANNED:
        return "not_received_yet"
    return "already_received"
