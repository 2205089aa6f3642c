"""What has been done in a case so far, in the customer's words: acts with their time, who did them and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calibration.text_references import readable
from web.casework.history import Entry
from web.casework.model import BENCH, CUSTOMER
from web.texts import text


@dataclass(frozen=True, slots=True)
class Event:
    at: str
    what: str
    who: str
    why: str


def timeline(entries: Sequence[Entry], names: Mapping[str, str], language: str) -> list[Event]:
    """The newest first. names: of persons by their id. What was ticked has its own place on the page."""
    return [
        _event(entry, names, language)
        for entry in reversed(entries)
        if f"case_act.{entry.act}" in text and entry.act != "tick"
    ]


def persons_in(entries: Sequence[Entry]) -> set[str]:
    """Ids of the staff whom a timeline names."""
    return {
        who
        for entry in entries
        for who in (entry.who, *(entry.values.get(name) for name in ("from", "to")))
        if who and who not in (CUSTOMER, BENCH)
    }


def _event(entry: Entry, names: Mapping[str, str], language: str) -> Event:
    what = text(f"case_act.{entry.act}", language)
    if entry.act == "hand_over":
        what = text(
            "visit_course.handed_over",
            language,
            role=text(f"role.{entry.values['role']}", language),
            before=names.get(entry.values["from"], entry.values["from"]),
            after=names.get(entry.values["to"], entry.values["to"]),
        )
    elif entry.act == "end_test" and "outcome" in entry.values:
        what = f"{what}{text('list.colon', language)}{text('verdict.' + entry.values['outcome'], language)}"
    why = next((entry.values[name] for name in ("why", "reason") if entry.values.get(name)), "")
    return Event(entry.at, what, _who(entry.who, names, language), readable(why, language) if why else "")


def _who(who: str, names: Mapping[str, str], language: str) -> str:
    if who in (CUSTOMER, BENCH):
        return text(f"visit_course.{who}", language)
    return names.get(who) or text("visit_course.staff", language)
