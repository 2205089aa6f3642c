"""What is overdue or due today and is not seen in the cases of my work: requests, questions of the handbook, thanks."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from web.access import Staff
from web.casework.store import Casework
from web.dates import day_text
from web.knowledge.rows import questions, written
from web.office.roles import OFFICE
from web.service import kudos
from web.service.items import items
from web.texts import text


@dataclass(frozen=True, slots=True)
class Due:
    """One request or question, or all thanks that nobody has read. said: what is due, in words."""

    address: str
    name: str
    words: str
    said: str


def due(cw: Casework, who: Staff, today: str, language: str) -> list[Due]:
    """What `who` owns; for the office what nobody owns too, and the thanks to be read. The longest overdue first."""
    is_office = who.has(*OFFICE)
    words = written(cw)
    owners = {who.id, None} if is_office else {who.id}
    found = [
        (one.deadline, url_for("review.one_request", subject=one.subject), one.subject, one.words or "")
        for one in items(cw)
        if one.is_waiting and one.owner in owners and one.deadline is not None and not one.is_case
    ]
    found += [
        (
            one.due_on,
            url_for("questions.one", question_id=one.id),
            text("staff.question", language, number=one.id),
            words.get(one.id, (None,))[0] or "",
        )
        for one in questions(cw)
        if one.is_waiting and one.owner in owners and one.due_on is not None
    ]
    rows = [
        Due(address, name, asked, _said(day, today, language))
        for day, address, name, asked in sorted(found)
        if day <= today
    ]
    waiting = kudos.waiting(cw) if is_office else []
    if waiting:
        count = text.counted("staff.thanks_waiting", language, len(waiting))
        rows.append(Due(url_for("review.thanks"), text("staff.thanks", language), "", count))
    return rows


def _said(day: str, today: str, language: str) -> str:
    if day == today:
        return text("staff.due_today", language)
    return text("staff.overdue_since", language, day=day_text(day, language))
