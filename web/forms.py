"""Reading what somebody has typed into a form: each field with its limits, and what is wrong with it beside the field.

    form = Form(request.form)
    name = form.text("name", most=80)
    day = form.day("appointment")
    if form.errors: render the page again with `form`, status 422

The macros of `templates/_forms.html` show a field with what was typed and its error. An error is the name of a text of
the section `form_error`, with the values that the text needs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation

from web.texts import text as said
from web.whole_days import JOINER

LONGEST_LINE = 200
LONGEST_TEXT = 4000
_DIGITS_OF_A_NUMBER = 24
_MOST_DECIMALS = 24


class Form:
    """The fields of one form, as they were sent; empty before the first time."""

    def __init__(self, sent: Mapping[str, str] | None = None, **shown: str) -> None:
        """shown: what stands in the fields that were not sent."""
        # A day that was copied from a page of ours has joiners in it.
        self._values = {**shown, **{name: typed.replace(JOINER, "") for name, typed in (sent or {}).items()}}
        self.errors: dict[str, tuple[str, dict[str, object]]] = {}

    def value(self, name: str) -> str:
        """What was typed, as it was."""
        return self._values.get(name, "")

    def show(self, name: str, value: str) -> None:
        """What stands in a field from now on: what was read of a file."""
        self._values[name] = value

    def wrong(self, name: str, error: str, **values: object) -> None:
        """Say that a field is wrong; the first error of a field stays."""
        self.errors.setdefault(name, (error, values))

    def error(self, name: str, language: str) -> str | None:
        """The sentence beside the field; None where it is right."""
        if name not in self.errors:
            return None
        key, values = self.errors[name]
        return said(f"form_error.{key}", language, **values)

    def text(self, name: str, *, most: int = LONGEST_LINE, required: bool = True) -> str:
        """One line or, with more than `LONGEST_LINE` characters, several; without what cannot be seen."""
        typed = _cleaned(self.value(name), keep_lines=most > LONGEST_LINE)
        if len(typed) > most:
            self.wrong(name, "too_long", most=most)
        if required and not typed:
            self.wrong(name, "missing")
        return typed

    def number(
        self, name: str, *, least: Decimal | int, most: Decimal | int, required: bool = True
    ) -> Decimal | None:
        """A decimal number from `least` to `most`; None where it is missing or wrong. A comma is a decimal point."""
        typed = self.value(name).strip().replace(",", ".").replace("−", "-")
        if not typed:
            if required:
                self.wrong(name, "missing")
            return None
        try:
            number = Decimal(typed) if len(typed) <= _DIGITS_OF_A_NUMBER else None
        except InvalidOperation:
            number = None
        # `1e-9999999` is within limits, but no figure that can be written out or reckoned with.
        if number is None or not number.is_finite() or int(number.as_tuple().exponent) < -_MOST_DECIMALS:
            self.wrong(name, "no_number")
            return None
        if not Decimal(least) <= number <= Decimal(most):
            self.wrong(name, "outside", least=least, most=most)
            return None
        return number

    def whole(self, name: str, *, least: int, most: int, required: bool = True) -> int | None:
        """A whole number."""
        number = self.number(name, least=least, most=most, required=required)
        if number is not None and number != number.to_integral_value():
            self.wrong(name, "no_whole_number")
            return None
        return None if number is None else int(number)

    def day(self, name: str, *, required: bool = True) -> date | None:
        """A day as a browser sends it: 2026-11-26."""
        typed = self.value(name).strip()
        if not typed:
            if required:
                self.wrong(name, "missing")
            return None
        try:
            return date.fromisoformat(typed)
        except ValueError:
            self.wrong(name, "no_day")
            return None

    def time(self, name: str, *, required: bool = True) -> time | None:
        """A time of day as a browser sends it: 09:30."""
        typed = self.value(name).strip()
        if not typed:
            if required:
                self.wrong(name, "missing")
            return None
        try:
            read = time.fromisoformat(typed)
        except ValueError:
            self.wrong(name, "no_time")
            return None
        return read.replace(second=0, microsecond=0, tzinfo=None)

    def choice(self, name: str, among: Collection[str], *, required: bool = True) -> str:
        """One of some; "" where none was chosen."""
        chosen = self.value(name)
        if not chosen:
            if required:
                self.wrong(name, "not_chosen")
            return ""
        if chosen not in among:
            self.wrong(name, "not_among")
            return ""
        return chosen

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.value(name) != ""


def _cleaned(typed: str, *, keep_lines: bool) -> str:
    """Without control characters and what turns the direction of writing; line ends as \\n, or as spaces."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    if not keep_lines:
        lines = lines.replace("\n", " ")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()
