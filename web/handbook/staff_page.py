"""What the staff's pages of the handbook share: labels of fields, and choices."""

from __future__ import annotations

from flask import g

from web.casework import areas
from web.handbook.question_table import rows
from web.knowledge.model import State, Subject
from web.site import Site
from web.texts import text

LONGEST_SHOWN = 60

_LABELS = {
    "question_words": "question.words", "asked_area": "apply.area", "source": "question.source",
    "subject": "question.subject", "same_as": "question.same_as", "question_owner": "question.owner",
    "due_on": "question.due", "reason": "question.reason", "withdraw_why": "question.withdraw_why",
    "title_zh": "question.title_zh", "title_en": "question.title_en",
    "text_zh": "question.text_zh", "text_en": "question.text_en",
    "aim": "period.aim", "learned": "period.learned", "next": "period.next",
    "area_name": "area.name", "area_zh": "area.zh", "area_en": "area.en", "area_department": "area.department",
    "area_spellings": "area.spellings",
}  # fmt: skip


def labels() -> dict[str, str]:
    """The label of each field, by its name."""
    return {name: text(key, g.language) for name, key in _LABELS.items()}


def subject_options() -> list[tuple[str, str]]:
    return [(one.value, text(f"question_subject.{one}", g.language)) for one in Subject]


def question_options(site: Site, without: int | None = None) -> list[tuple[str, str]]:
    """The questions that another one may be the same as, the most asked first."""
    return [
        (str(row.question.id), f"{row.question.id} {(row.words or '')[:LONGEST_SHOWN]}")
        for row in rows(site.casework, g.language)
        if row.question.state is not State.SET_ASIDE and row.question.id != without
    ]


def area_names(site: Site) -> list[str]:
    return [one.shown(g.language) for one in areas.areas(site.casework)]
