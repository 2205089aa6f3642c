"""What the bench asks (a look at the meter, its registers) as fields of a form, and what was filled in as its answer.

The same as `bench answer` says at a terminal: a check is `ok` or what is wrong with it, a register is all digits of the
display. A field that is left empty is not answered; the bench waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.items import TARIFF_REGISTERS, TOTAL_REGISTER
from web.forms import Form
from web.texts import text

OK = "ok"
NOT_THERE = "-"
"""Typed for a tariff that the meter does not have."""
_REGISTERS = (TOTAL_REGISTER, *TARIFF_REGISTERS)
_LARGEST_REGISTER = 999_999_999
LONGEST_REMARK = 200


def fields_of(question: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Name and label of each field; one that this web does not know, by its name."""
    return [
        (str(field), text(f"bench_field.{field}", language) if f"bench_field.{field}" in text else str(field))
        for field in question["fields"]
    ]


def name_of(position: str, field: str) -> str:
    """Of the form's field."""
    return f"{position}-{field}"


def said_in(form: Form, position: str, question: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in for a position. A remark counts more than a tick: nobody writes one about what is in order.

    A register that is no figure is said to be wrong in the form: for the bench it would be an unread meter.
    """
    said: dict[str, str] = {}
    for field in question["fields"]:
        name = name_of(position, str(field))
        typed = form.text(name, most=LONGEST_REMARK, required=False)
        if typed and field in _REGISTERS and typed != NOT_THERE:
            if form.number(name, least=0, most=_LARGEST_REGISTER) is not None:
                said[str(field)] = typed.replace(",", ".")
        elif typed:
            said[str(field)] = typed
        elif form.flag(f"{name}-ok"):
            said[str(field)] = OK
    return said
