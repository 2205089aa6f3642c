"""What people say to the bench: kept as one readable line, `ok` in any of its spellings, and what is held of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bench.canonical import JsonObject
from bench.methods.visual import OK
from bench.refusals import RefusedError
from bench.run.words import word
from bench.words import field_name

LONGEST = 200
_SAYS_OK = frozenset({OK, "合格", "正常"})
_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of controls, halves of surrogate pairs (no UTF-8) and line separators."""


@dataclass(frozen=True)
class Held:
    """After an answer for a position: what is held, which fields are open, and what this answer replaced."""

    answers: Mapping[str, str]
    open: tuple[str, ...]
    replaced: Mapping[str, str]

    @staticmethod
    def of(message: JsonObject) -> Held:
        """Of the answer of the socket."""
        return Held(message["held"], tuple(message["open"]), message["replaced"])


def says_ok(text: str) -> bool:
    """`ok` in capitals, full width or Chinese."""
    return unicodedata.normalize("NFKC", text).strip().casefold() in _SAYS_OK


def field_named(typed: str) -> str:
    """The field of this name, which may be Chinese; a name that nobody knows as it is."""
    return next((field for field in field_name.table if typed == field_name(field, "zh")), typed)


def is_line(text: str) -> bool:
    """Whether it can stand in the record: 1 to LONGEST characters, all of them text of one line."""
    return 0 < len(text.strip()) <= LONGEST and not any(unicodedata.category(c) in _NO_TEXT for c in text)


def as_recorded(field: str, said: str) -> str:
    """Errors: RefusedError for what is no line of text."""
    if not is_line(said):
        raise RefusedError("no_text", field=field, longest=LONGEST)
    return OK if says_ok(said) else said.strip()


def held_lines(held: Mapping[str, Held], language: str) -> list[str]:
    """For the technician: what is held of whom, positions with the same answers together."""
    alike: dict[str, list[str]] = {}
    for position, of_it in held.items():
        alike.setdefault(_held(of_it, language), []).append(position)
    return [
        f"{word('at_position', language, position=', '.join(positions))}: {line}"
        for line, positions in alike.items()
    ]


def _held(held: Held, language: str) -> str:
    parts = []
    for field, said in held.answers.items():
        if was := held.replaced.get(field):
            parts.append(f"{field}={said} ({word('said_before', language, said=was)})")
        elif said != OK:
            parts.append(f"{field}={said}")
    if fine := [f for f, said in held.answers.items() if said == OK and f not in held.replaced]:
        parts.append(f"{OK}: {', '.join(fine)}")
    is_open = word("still_open", language, fields=", ".join(held.open))
    parts.append(is_open if held.open else word("nothing_open", language))
    return "; ".join(parts)
