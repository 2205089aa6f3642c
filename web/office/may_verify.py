"""Who may do what a plan asks on a day, in words: for the choice of a verifier, and for the warning. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.dates import day_text
from web.office.reminders import tests_said
from web.texts import text

FOR_EVER = "2999"
"""From this year on an authorisation is said to have no end."""


class WhoMay:
    """told: the bench's answer to `who_may`; empty where it was not asked."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self._told = told or {}

    def until(self, role: str, person: str, language: str) -> str:
        """For the choice: until when, or why not; "" where nothing is said of it."""
        found = self._of(role, person)
        if found is None:
            return ""
        if found["lacks"]:
            between = "；" if language == "zh" else "; "
            return between.join(_lack(lack, language) for lack in found["lacks"])
        if str(found["until"]) >= FOR_EVER:
            return text("competence.authorised", language)
        return text("competence.authorised_until", language, day=day_text(str(found["until"]), language))

    def lacks(self, role: str, person: str) -> bool:
        found = self._of(role, person)
        return found is not None and bool(found["lacks"])

    def _of(self, role: str, person: str) -> Mapping[str, Any] | None:
        of_role = self._told.get(role) or {}
        found: Mapping[str, Any] | None = of_role.get(person)
        return found


def _lack(lack: Mapping[str, Any], language: str) -> str:
    day = day_text(str(lack["day"]), language) if lack["day"] else ""
    return text(
        f"competence.lack_{lack['kind']}", language, items=tests_said(lack["items"], language), day=day
    )
