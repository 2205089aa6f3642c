"""The desk: what the bench asks the technician while a run is under way, and the answers.

A question stands in the live state until it is answered for every position (`bench answer`, or at the terminal of
`bench run`), or nobody has answered within the time. The simulated bench has a desk that answers by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bench.methods.steps import Ask
from bench.methods.visual import OK
from bench.refusals import RefusedError
from bench.run.said import Held, as_recorded, field_named

Answers = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Replaced:
    """An answer that another one took the place of; both are in the record."""

    position: str
    field: str
    said: str


class Desk(Protocol):
    def ask(self, question: Ask) -> None:
        """Put a question; it replaces the one before."""

    def answers(self) -> Answers:
        """What has been answered so far to the last question: position -> field -> text."""

    def replaced(self) -> tuple[Replaced, ...]:
        """What was answered to it before and then changed, in its order."""

    def withdraw(self) -> None:
        """The question stands no longer."""


class OpenDesk:
    """Answered by people, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._question: Ask | None = None
        self._answers: dict[str, dict[str, str]] = {}
        self._replaced: list[Replaced] = []

    def ask(self, question: Ask) -> None:
        with self._lock:
            self._question, self._answers, self._replaced = question, {}, []

    def answers(self) -> Answers:
        with self._lock:
            return {position: dict(fields) for position, fields in self._answers.items()}

    def replaced(self) -> tuple[Replaced, ...]:
        with self._lock:
            return tuple(self._replaced)

    def withdraw(self) -> None:
        with self._lock:
            self._question = None

    def question(self) -> Ask | None:
        with self._lock:
            return self._question

    def answer(self, position: str, fields: Mapping[str, str], *, rest_ok: bool = False) -> Held:
        """Answer for one position; rest_ok: what is open after that is ok, and nothing else is touched.

        Errors: RefusedError where nothing like this was asked; then nothing has changed.
        """
        with self._lock:
            question = self._question
            if question is None:
                raise RefusedError("asks_nothing")
            if position not in question.positions:
                asked = ", ".join(question.positions)
                raise RefusedError("not_asked_of", position=repr(position), positions=asked)
            if rest_ok and not question.item.facts.is_inspection:
                raise RefusedError("ok_is_no_reading", fields=", ".join(question.fields))
            said: dict[str, str] = {}
            for name, text in fields.items():
                if (field := field_named(name)) not in question.fields:
                    raise RefusedError("no_field", field=repr(name), fields=", ".join(question.fields))
                if field in said:  # by both its names: which of the two holds, nobody could tell
                    raise RefusedError("field_twice", field=field)
                said[field] = as_recorded(field, text)
            return self._take(position, said, question.fields, rest_ok)

    def _take(self, position: str, said: Mapping[str, str], asked: tuple[str, ...], rest_ok: bool) -> Held:
        held = self._answers.setdefault(position, {})
        changed = {f: held[f] for f, text in said.items() if held.get(f, text) != text}
        self._replaced += [Replaced(position, field, was) for field, was in changed.items()]
        held.update(said)
        if rest_ok:
            held.update({field: OK for field in asked if field not in held})
        return Held(dict(held), tuple(field for field in asked if field not in held), changed)


class AnsweringDesk:
    """Answers everything at once, by a function: of a simulated bench."""

    def __init__(self, answer: Callable[[Ask, str], Mapping[str, str]]) -> None:
        self._answer = answer
        self._answers: Answers = {}

    def ask(self, question: Ask) -> None:
        self._answers = {p: self._answer(question, p) for p in question.positions}

    def answers(self) -> Answers:
        return self._answers

    def replaced(self) -> tuple[Replaced, ...]:
        return ()

    def withdraw(self) -> None:
        """Its answers stay to be read."""
