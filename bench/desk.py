"""The desk: what the bench asks the technician while a run is under way, and the answers.

A question stands in the live state until it is answered for every position (`bench answer`, or at the terminal of
`bench run`), or nobody has answered within the time. The simulated bench has a desk that answers by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from bench.errors import OperatorError
from bench.steps import Ask

Answers = Mapping[str, Mapping[str, str]]
_LONGEST_ANSWER = 200


class Desk(Protocol):
    def ask(self, question: Ask) -> None:
        """Put a question; it replaces the one before."""

    def answers(self) -> Answers:
        """What has been answered so far to the question that stands: position -> field -> text."""

    def withdraw(self) -> None:
        """The question stands no longer."""


class OpenDesk:
    """Answered by people, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._question: Ask | None = None
        self._answers: dict[str, dict[str, str]] = {}

    def ask(self, question: Ask) -> None:
        with self._lock:
            self._question, self._answers = question, {}

    def answers(self) -> Answers:
        with self._lock:
            return {position: dict(fields) for position, fields in self._answers.items()}

    def withdraw(self) -> None:
        with self._lock:
            self._question = None

    def question(self) -> Ask | None:
        with self._lock:
            return self._question

    def answer(self, position: str, fields: Mapping[str, str]) -> None:
        """Answer for one position. Errors: OperatorError where nothing like this was asked."""
        with self._lock:
            question = self._question
            if question is None:
                raise OperatorError("the bench asks nothing just now")
            if position not in question.positions:
                raise OperatorError(
                    f"nothing is asked of position {position!r}; asked are {', '.join(question.positions)}"
                )
            for name, said in fields.items():
                if name not in question.fields:
                    raise OperatorError(f"there is no field {name!r}; asked are {', '.join(question.fields)}")
                if not said.strip() or len(said) > _LONGEST_ANSWER:
                    raise OperatorError(f"{name}: give 1 to {_LONGEST_ANSWER} characters")
            self._answers.setdefault(position, {}).update(fields)


class AnsweringDesk:
    """Answers everything at once, by a function: of a simulated bench."""

    def __init__(self, answer: Callable[[Ask, str], Mapping[str, str]]) -> None:
        self._answer = answer
        self._answers: Answers = {}

    def ask(self, question: Ask) -> None:
        self._answers = {p: self._answer(question, p) for p in question.positions}

    def answers(self) -> Answers:
        return self._answers

    def withdraw(self) -> None:
        self._answers = {}
