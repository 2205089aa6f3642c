"""The table of questions: narrowed and sorted by what stands in its address, so that it works without any script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from web.casework.store import Casework
from web.knowledge import answers, questions
from web.knowledge.model import Question, State, Subject

WAITING, ALL, OVERDUE, NOBODY = "waiting", "all", "overdue", "nobody"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see; an empty text is no wish. state: a state's name, waiting, overdue or all."""

    state: str = WAITING
    owner: str = ""
    area: str = ""
    subject: str = ""
    sort: str = "due"
    order: str = "up"

    def sorted_by(self, column: str) -> Wish:
        """The wish behind the head of a column: sort by it, and the other way round at the second click."""
        turned = "down" if (self.sort, self.order) == (column, "up") else "up"
        return replace(self, sort=column, order=turned)

    def query(self) -> dict[str, str]:
        """The part of the address that says it."""
        default = asdict(Wish())
        return {name: said for name, said in asdict(self).items() if said != default[name]}


@dataclass(frozen=True, slots=True)
class Row:
    """words: the title of its answer, else the newest words in which it was asked; None where these are deleted."""

    question: Question
    words: str | None
    areas: tuple[str, ...]


_KEYS: dict[str, Callable[[Row], object]] = {
    "number": lambda row: row.question.id,
    "state": lambda row: list(State).index(row.question.state),
    "owner": lambda row: row.question.owner or "~",
    "due": lambda row: row.question.due_on if row.question.is_waiting and row.question.due_on else "~",
    "asked_count": lambda row: -row.question.asked,
    "helped_count": lambda row: -row.question.settled,
}
SORTED = tuple(_KEYS)


def rows(cw: Casework, language: str) -> list[Row]:
    """All questions, the most asked first."""
    written = questions.written(cw)
    titles = {one.question: one.title(language) for one in answers.published(cw)}
    return [
        Row(one, titles.get(one.id, written.get(one.id, (None, ()))[0]), written.get(one.id, (None, ()))[1])
        for one in questions.questions(cw)
    ]


def wish_of(asked: Mapping[str, str]) -> Wish:
    """What an address asks for; what it says that means nothing is left out, never an error."""
    state, sort, subject = (asked.get(name, "") for name in ("state", "sort", "subject"))
    return Wish(
        state=state if state in (ALL, OVERDUE, *State) else WAITING,
        owner=asked.get("owner", ""),
        area=asked.get("area", ""),
        subject=subject if subject in tuple(Subject) else "",
        sort=sort if sort in _KEYS else "due",
        order="down" if asked.get("order") == "down" else "up",
    )


def chosen(everything: Iterable[Row], wish: Wish, today: str) -> list[Row]:
    """Those that a wish asks for, in its order."""
    fitting = [row for row in everything if _fits(row, wish, today)]
    return sorted(fitting, key=_KEYS[wish.sort], reverse=wish.order == "down")  # type: ignore[arg-type]


def _fits(row: Row, wish: Wish, today: str) -> bool:
    this = row.question
    state_fits = {ALL: True, WAITING: this.is_waiting, OVERDUE: this.is_overdue(today)}
    return (
        state_fits.get(wish.state, this.state == wish.state)
        and (wish.owner in ("", this.owner) or (wish.owner == NOBODY and this.owner is None))
        and (not wish.area or wish.area in row.areas)
        and wish.subject in ("", this.subject)
    )
