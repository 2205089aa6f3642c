"""Lines of a command language as data: commands with numbers in them, and the answers they get. Pure.

A command is written as `VOLT {voltage_V:.3f}`: text, and fields with a number format. Nothing else that Python's format
language can do is let through, and a template is tried out when it is read, so that a profile cannot fail in the middle
of a run. An answer is written as `{voltage_V},{any}`: text, numbers by their field, and anything. It is matched without
regular expressions of the profile's own, so no answer can hold the matching up.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

LONGEST_LINE = 256
"""Longest command and answer (bytes), its terminator included."""
ANY = "any"
_FORMAT = re.compile(r"\+?0?\d{0,2}(\.\d{1,2})?[fe]")
_NUMBER = r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?"
_TRIED = (0.0, -180.0, 123456.789)
Parts = tuple[tuple[str, str, str], ...]
"""(text, field, format) one after another; the last may have no field."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line to send, without its terminator. fields: what it tells the device."""

    text: str
    parts: Parts

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(field for _, field, _ in self.parts if field)

    @property
    def steps(self) -> dict[str, float]:
        """Field -> the step in which its number is written; 0 with an exponent, whose step goes with the number."""
        return {field: _step(spec) for _, field, spec in self.parts if field}

    def line(self, values: Mapping[str, float]) -> str:
        """Errors: KeyError where a field has no value."""
        return "".join(
            text + (format(values[field], spec) if field else "") for text, field, spec in self.parts
        )

    def told(self, values: Mapping[str, float]) -> dict[str, float]:
        """The values as the line has them, after their rounding."""
        return {field: float(format(values[field], spec)) for _, field, spec in self.parts if field}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer looks like. fields: the numbers in it."""

    text: str
    fields: tuple[str, ...]
    _pattern: re.Pattern[str]

    def read(self, line: str) -> dict[str, float] | None:
        """The numbers of a line without its terminator; None where it is no such answer."""
        found = self._pattern.fullmatch(line.strip())
        if found is None:
            return None
        return {field: float(number) for field, number in zip(self.fields, found.groups(), strict=True)}


def _step(spec: str) -> float:
    if spec.endswith("e"):
        return 0.0
    decimals = spec[:-1].partition(".")[2]
    return float(10 ** -int(decimals or 6))


def parse_command(text: str, known: Collection[str]) -> Command:
    """Errors: ValueError that says what is wrong with the template."""
    parts = _split(text)
    for _, field, spec in parts:
        if not field:
            continue
        _require_known(text, field, known)
        if not _FORMAT.fullmatch(spec):
            raise ValueError(f"{text!r}: {{{field}}} needs a number format, such as {{{field}:.3f}}")
    command = Command(text, parts)
    if len(set(command.fields)) != len(command.fields):
        raise ValueError(f"{text!r}: a field stands twice in it")
    for number in _TRIED:
        if len(command.line(dict.fromkeys(command.fields, number))) >= LONGEST_LINE:
            raise ValueError(f"{text!r}: longer than {LONGEST_LINE} characters")
    return command


def parse_answer(text: str, known: Collection[str]) -> Answer:
    """Errors: ValueError that says what is wrong with the template."""
    parts = _split(text)
    pattern, fields, is_after_field = "", [], False
    for before, field, spec in parts:
        if is_after_field and field and not before:
            raise ValueError(f"{text!r}: between two fields there must be a text that separates them")
        if spec:
            raise ValueError(f"{text!r}: an answer's fields have no format")
        if field:
            _require_known(text, field, (*known, ANY))
        pattern += re.escape(before)
        if field == ANY:
            pattern += ".*"
        elif field:
            pattern += f"({_NUMBER})"
            fields.append(field)
        is_after_field = bool(field)
    if sum(field == ANY for _, field, _ in parts) > 1 or len(set(fields)) != len(fields):
        raise ValueError(f"{text!r}: a field stands twice in it")
    return Answer(text, tuple(fields), re.compile(pattern, re.ASCII))


def _require_known(text: str, field: str, known: Collection[str]) -> None:
    if field in known:
        return
    nearest = get_close_matches(field, list(known), 1, 0.0)
    raise ValueError(
        f"{text!r}: there is no {field!r} here{f'; did you mean {nearest[0]!r}?' if nearest else ''}"
    )


def _split(text: str) -> Parts:
    """Text and fields of a template. Errors: ValueError for what a line cannot hold."""
    if not text.isascii() or not text.isprintable() or not text.strip() or len(text) >= LONGEST_LINE:
        raise ValueError(
            f"{text!r}: a line is 1 to {LONGEST_LINE} printable ASCII characters, without its terminator"
        )
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}; write a brace that is meant as a brace twice") from error
    for _, field, _, conversion in parsed:
        if conversion is not None or (field is not None and not field.isidentifier()):
            raise ValueError(f"{text!r}: a field is a name in braces, and nothing more")
    return tuple((before, field or "", spec or "") for before, field, spec, _ in parsed)


def line_length(received: bytes, terminator: bytes) -> int | None:
    """Length of the first line in `received`, its terminator included; None while it has not come. What is longer than
    any line is taken as it is, for whoever reads it to refuse."""
    end = received.find(terminator)
    if end >= 0:
        return end + len(terminator)
    return len(received) if len(received) > LONGEST_LINE else None
