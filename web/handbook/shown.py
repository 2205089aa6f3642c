"""An answer as it is shown in one language: its lines with their figures, and whether one of these is unsure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from web.casework.promises import Promises
from web.knowledge.figures import filled, is_unsure
from web.knowledge.model import Answer, Question, Subject


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """paragraphs: the lines of the text. day: when it was published, an instant; "" where it is not."""

    question: int
    edition: int
    subject: Subject
    title: str
    paragraphs: tuple[str, ...]
    unsure: bool
    day: str


def shown(answer: Answer, subject: Subject, language: str, promises: Promises) -> ShownAnswer:
    """Errors: Refused no_such_figure for a name that is none."""
    text = answer.text(language)
    return ShownAnswer(
        answer.question,
        answer.edition,
        subject,
        answer.title(language),
        tuple(line for line in filled(text, language, promises).split("\n") if line),
        is_unsure(text),
        answer.published_at or "",
    )


def subjects_of(questions: Iterable[Question]) -> dict[int, Subject]:
    return {one.id: one.subject for one in questions}
