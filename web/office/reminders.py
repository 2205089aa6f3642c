"""What ends soon, or has ended lately, as the bench tells it, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from web.dates import day_text
from web.texts import text


@dataclass(frozen=True, slots=True)
class Reminder:
    """person: whose it is. when: how long it lasts still, in words. urgency: over, 7, 30 or 60."""

    person: str
    what: str
    when: str
    urgency: str


def reminders(expiring: Iterable[Mapping[str, Any]], language: str) -> list[Reminder]:
    """What ends first comes first."""
    return [_reminder(one, language) for one in expiring]


def tests_said(items: Iterable[str], language: str) -> str:
    """Tests as verifiers call them; all of them where none is named."""
    named = [
        text(f"plan_item.{item}", language) if f"plan_item.{item}" in text else str(item) for item in items
    ]
    return text("list.and", language).join(named) or text("competence.all_tests", language)


def _reminder(one: Mapping[str, Any], language: str) -> Reminder:
    kind, left = str(one["kind"]), int(one["left_days"])
    said = tests_said(one["what"], language) if kind == "authorisation" else " ".join(map(str, one["what"]))
    day = day_text(str(one["last_day"]), language)
    if left < 0:
        when = text("competence.ended", language, day=day)
    elif left == 0:
        when = text("competence.ends_today", language)
    else:
        when = text("competence.ends_in", language, day=day, days=left)
    what = text(f"competence.of_{kind}", language, what=said, about=one["about"])
    return Reminder(str(one["person"]), what, when, str(one["within_days"]) if left >= 0 else "over")
