"""The table of cases: narrowed and sorted by what stands in its address, so that it works without any script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from web.casework.model import Case, CaseState

OPEN = "open"
OVERDUE, WEEK = "overdue", "week"
_WEEK_DAYS = 7
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the office wants to see; an empty text is no wish."""

    state: str = ""
    """A state's name, or `open`."""
    person: str = ""
    area: str = ""
    due: str = ""
    """`overdue` or `week`."""
    sort: str = "deadline"
    order: Literal["up", "down"] = "up"

    def sorted_by(self, column: str) -> Wish:
        """The wish behind the head of a column: sort by it, and the other way round at the second click."""
        turned: Literal["up", "down"] = "down" if (self.sort, self.order) == (column, "up") else "up"
        return replace(self, sort=column, order=turned)

    def query(self) -> dict[str, str]:
        """The part of the address that says it."""
        default = Wish(state=OPEN)
        named = {
            name: str(getattr(self, name)) for name in ("state", "person", "area", "due", "sort", "order")
        }
        return {name: said for name, said in named.items() if said != getattr(default, name)}


_KEYS: dict[str, Callable[[Case], str]] = {
    "number": lambda case: case.id,
    "state": lambda case: f"{list(CaseState).index(case.state):02}",
    "customer": lambda case: case.customer.name if case.customer else "",
    "meter": lambda case: case.serial or "",
    "area": lambda case: case.area or "",
    "verifier": lambda case: _number_of(case.verifier),
    "checker": lambda case: _number_of(case.checker),
    "appointment": lambda case: case.appointment or "",
    "deadline": lambda case: case.deadline or "",
    "applied": lambda case: case.applied_on,
}
COLUMNS = tuple(_KEYS)


def wish_of(asked: dict[str, str]) -> Wish:
    """What an address asks for; what it says that means nothing is left out, never an error."""
    state = asked.get("state", OPEN)
    due = asked.get("due", "")
    sort = asked.get("sort", "deadline")
    return Wish(
        state=state if state in {OPEN, *(known.value for known in CaseState)} else "",
        person=asked.get("person", ""),
        area=asked.get("area", ""),
        due=due if due in (OVERDUE, WEEK) else "",
        sort=sort if sort in _KEYS else "deadline",
        order="down" if asked.get("order") == "down" else "up",
    )


def chosen(cases: Iterable[Case], wish: Wish, today: date) -> list[Case]:
    """The cases that a wish asks for, in its order; what is overdue stands first where it is sorted by deadline.

    A case without the figure that it is sorted by stands last in either order.
    """
    fitting = [case for case in cases if _fits(case, wish, today)]
    key = _KEYS[wish.sort]
    by_number = sorted(fitting, key=lambda case: case.id)
    said = sorted((c for c in by_number if key(c)), key=key, reverse=wish.order == "down")
    return said + [case for case in by_number if not key(case)]


def same_hour(everything: Iterable[Case], case: Case) -> list[Case]:
    """Other cases to come that this one's verifier has an appointment for, less than an hour before or after it."""
    if case.state is not CaseState.PLANNED or case.appointment is None:
        return []
    begins = datetime.fromisoformat(case.appointment)
    return [
        other
        for other in everything
        if other.id != case.id
        and (other.state, other.verifier) == (CaseState.PLANNED, case.verifier)
        and other.appointment is not None
        and abs(datetime.fromisoformat(other.appointment) - begins) < _AN_HOUR
    ]


def same_meter(cases: Iterable[Case]) -> frozenset[str]:
    """The numbers of the open cases whose serial number another open case has, too: upper and lower case alike."""
    by_meter: dict[str, list[str]] = {}
    for case in cases:
        if case.is_open:
            by_meter.setdefault(case.serial.lower(), []).append(case.id)
    return frozenset(number for numbers in by_meter.values() if len(numbers) > 1 for number in numbers)


def days_left(case: Case, today: date) -> int | None:
    """Days until its deadline, negative once it is over; None where it has none or is at its end."""
    if not case.is_open or not case.deadline:
        return None
    return (date.fromisoformat(case.deadline[:10]) - today).days


def is_overdue(case: Case, today: date) -> bool:
    left = days_left(case, today)
    return left is not None and left < 0


def _fits(case: Case, wish: Wish, today: date) -> bool:
    left = days_left(case, today)
    return (
        (not wish.state or (case.is_open if wish.state == OPEN else case.state.value == wish.state))
        and (not wish.person or wish.person in (case.verifier, case.checker))
        and (not wish.area or wish.area == case.area)
        and (wish.due != OVERDUE or is_overdue(case, today))
        and (wish.due != WEEK or (left is not None and left <= _WEEK_DAYS))
    )


def _number_of(person: str | None) -> str:
    """P2 before P10."""
    return f"{int(person[1:]):06}" if person else ""
