"""What knowledge is made of. Times are ISO 8601 UTC texts, days YYYY-MM-DD, persons ids of the registry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    NEW = "new"
    STUDIED = "studied"
    """Somebody looks into it: an owner, and a day."""
    ANSWERED = "answered"
    """Written in both languages, and not published yet."""
    PUBLISHED = "published"
    REVIEWED = "reviewed"
    """Published, and a review of a period has looked at whether it helps."""
    SET_ASIDE = "set_aside"
    """No question of the handbook, with a reason; or the same as another one."""


IN_THE_HANDBOOK = frozenset({State.PUBLISHED, State.REVIEWED})


class Subject(StrEnum):
    METER = "meter"
    APPLIANCE = "appliance"
    TARIFF = "tariff"
    BILL = "bill"
    VERIFICATION = "verification"
    OTHER = "other"


class Source(StrEnum):
    """Where somebody asked it."""

    TABLET = "tablet"
    COUNTER = "counter"
    SITE = "site"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Asking:
    """One time that it was asked. words: None once they are deleted. area: as written, "" where it is unknown."""

    id: int
    asked_at: str
    source: Source
    area: str
    words: str | None
    written_by: str
    case_id: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One edition, in both languages. published_at: None before. withdrawn_at: None while it is the handbook's."""

    question: int
    edition: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    written_at: str
    written_by: str
    published_at: str | None
    published_by: str | None
    withdrawn_at: str | None

    def title(self, language: str) -> str:
        return self.title_zh if language == "zh" else self.title_en

    def text(self, language: str) -> str:
        """With the names of its figures in it (`figures.filled`)."""
        return self.text_zh if language == "zh" else self.text_en

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Question:
    """key: of one that came with the program. reason: why it was set aside, or sent back. same_as: another question.

    asked: how often. settled, unsettled: what readers said, of all editions.
    """

    id: int
    key: str | None
    state: State
    state_since: str
    subject: Subject
    owner: str | None
    due_on: str | None
    reason: str | None
    same_as: int | None
    reviewed_in: int | None
    asked: int
    settled: int
    unsettled: int

    @property
    def is_waiting(self) -> bool:
        """For us: it is not answered to everybody yet."""
        return self.state in (State.NEW, State.STUDIED, State.ANSWERED)

    def is_overdue(self, today: str) -> bool:
        """today: YYYY-MM-DD. A question that nobody has taken has no day yet."""
        return self.is_waiting and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Period:
    """Plan: aim. Do: what was published in it. Check: learned. Act: next. The last three are None while it is open."""

    number: int
    opened_at: str
    opened_by: str
    aim: str
    closed_at: str | None
    closed_by: str | None
    learned: str | None
    next: str | None
