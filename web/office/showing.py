"""Entries of a case's history, and refusals, as people read them."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.text_references import readable
from web.casework.history import Entry
from web.casework.model import BENCH, CUSTOMER
from web.customer.judging import rule_sentence
from web.customer.wording import clock_text
from web.office.people import People
from web.texts import text

_UNSAID = frozenset({"plan_sha256", "sha256", "text_sha256", "case_digest", "strokes_sha256"})
"""Figures of an entry that are for machines."""


_MINUTES = len("2026-12-01 09:30")
_WORDS = frozenset({"on", "role", "outcome", "moment", "kind", "as", "test", "record", "follow_up"})
"""Figures whose values are names."""


@dataclass(frozen=True, slots=True)
class Happened:
    at: str
    who: str
    what: str
    details: tuple[tuple[str, str], ...]
    """What it was about and what was said: names and values, as they are shown."""


def happened(entry: Entry, people: People, language: str) -> Happened:
    """One entry in words; an act or a figure that this web does not know is shown by its name."""
    details = tuple(
        (_word(f"case_figure.{name}", name, language), _value(name, value, people, language))
        for name, value in entry.values.items()
        if name not in _UNSAID and value
    )
    return Happened(
        entry.at,
        who(entry.who, people, language),
        _word(f"case_act.{entry.act}", entry.act, language),
        details,
    )


def who(said: str, people: People, language: str) -> str:
    if said in (CUSTOMER, BENCH):
        return text(f"case_who.{said}", language)
    return people.shown(said, language)


def moment(iso_8601: str) -> str:
    """To the minute, as the clocks of the place show it: 2026-11-26 18:04."""
    return clock_text(iso_8601, "en")


def days_said(days: str, language: str) -> str:
    """ "mon,fri" as "Monday, Friday"."""
    return text("list.and", language).join(text(f"apply.{day}", language) for day in days.split(","))


def act_name(act: str, language: str) -> str:
    """What somebody wanted to do: an act of casework by its name, or a request for a page ("POST staff.start").

    One that has no name here is at least said to be a look at a page, or something that was sent.
    """
    if f"case_act.{act}" in text:
        return text(f"case_act.{act}", language)
    method, _, page = act.partition(" ")
    sent = () if method == "GET" else (page.replace(".", "_"),)
    for name in (*sent, act, page.partition(".")[0]):
        if (key := f"refused_act.{name}") in text:
            return text(key, language)
    return text("refused_act.look" if method == "GET" else "refused_act.send", language)


def _word(key: str, name: str, language: str) -> str:
    return text(key, language) if key in text else name


def _value(name: str, value: str, people: People, language: str) -> str:
    if name in ("verifier", "checker", "from", "to", "person"):
        return people.shown(value, language)
    if name == "check":
        return _word(f"case_check.{value}", value, language)
    if name == "decision_rule":
        return rule_sentence(value, language)
    if name == "rule_set":
        return _word(f"rule_set.{value}", value, language)
    if name == "days":
        return days_said(value, language)
    if name in _WORDS:
        return _word(f"case_value.{value}", value, language)
    if name in ("appointment", "until"):
        return moment(value) if "+" in value else value.replace("T", " ")[:_MINUTES]
    return readable(value, language)
