"""What a request is made of. Times are ISO 8601 UTC texts, days YYYY-MM-DD, persons ids of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from web.casework.model import CUSTOMER


class Kind(StrEnum):
    VERIFICATION = "verification"
    """A doubt of the meter before there is a case: settled by an answer, or it leads to one."""
    BILLING = "billing"
    COMPLAINT = "complaint"
    READING = "reading"
    SUPPLY = "supply"
    APPEAL = "appeal"
    OTHER = "other"


class State(StrEnum):
    NEW = "new"
    """Nobody has taken it."""
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    """The customer has an answer, and has not said yet whether it settles the matter."""
    CLOSED = "closed"
    DECLINED = "declined"
    """Outside of what is promised: with a reason and a next step."""


ENDS = frozenset({State.CLOSED, State.DECLINED})
METERING = "metering"
"""The department of verifications, and so of everybody who verifies or checks."""
DEPARTMENT_OF = {
    Kind.VERIFICATION: METERING,
    Kind.BILLING: "billing",
    Kind.COMPLAINT: "counter",
    Kind.READING: "meter_reading",
    Kind.SUPPLY: "other",
    Kind.APPEAL: METERING,
    Kind.OTHER: "counter",
}
"""Where a request goes first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer asks. words: the customer's own. contact: a telephone number, or how else to reach.

    by: who wrote it down, `CUSTOMER` or a person, who then has it in hand.
    """

    kind: Kind
    words: str
    name: str
    contact: str
    area: str = ""
    by: str = CUSTOMER


@dataclass(frozen=True, slots=True)
class HandOff:
    """Offered and not yet taken. to_person: None where anybody of the department may accept. why: None if forgotten."""

    id: int
    subject: str
    offered_at: str
    offered_by: str
    from_department: str
    to_department: str
    to_person: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """name, contact, words, answer, reason, next_step: None once they are forgotten, and before there are any.

    settled: what the customer said to the answer; None where nothing was said. verification: the case it led to.
    """

    id: str
    kind: Kind
    state: State
    asked_at: str
    asked_by: str
    area: str
    owner: str | None
    department: str
    deadline: str
    words: str | None
    name: str | None
    contact: str | None
    answer: str | None
    answered_at: str | None
    settled: bool | None
    settled_at: str | None
    reason: str | None
    next_step: str | None
    closed_at: str | None
    verification: str | None
    hand_off: HandOff | None

    @property
    def is_open(self) -> bool:
        return self.state not in ENDS

    @property
    def is_waiting(self) -> bool:
        """For us. An answer that was given waits for the customer, and is not overdue."""
        return self.state in (State.NEW, State.IN_HAND)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history. facts: departments, persons, days. said: a free text, None once it is forgotten."""

    at: str
    who: str
    act: str
    facts: Mapping[str, str]
    said: str | None
