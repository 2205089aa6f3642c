"""What the service promises, with figures: promises.toml, or the laboratory's own file of the same form.

From the promises follow the days by which a case's state is to change. A request that is outside of them is declined
with a reason and a next step; no page promises more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

from bench.errors import OperatorError
from web.casework.model import CaseState
from web.dates import day_of

_OUR_FILE = files("web.casework") / "promises.toml"
_PAYERS = ("customer", "laboratory")
_MOST_DAYS = 3650
_LONGEST_TELEPHONE = 60


@dataclass(frozen=True, slots=True)
class Cost:
    """fee: in `currency`, a decimal text. The others: who bears it when the result is that, or it is a retest."""

    currency: str
    fee: str
    when_pass: str
    when_fail: str
    when_invalid: str
    when_unjudged: str
    when_retest: str


@dataclass(frozen=True, slots=True)
class Promises:
    """Figures in days; visit_min: min beside the measurement itself. is_set_by_the_laboratory: or they are ours.

    telephone: of the laboratory, for who cannot be served on the web; "" where it has not said one.
    """

    is_set_by_the_laboratory: bool
    plan_days: int
    appointment_days: int
    answer_days: int
    visit_min: int
    explain_days: int
    certificate_days: int
    close_days: int
    appeal_days: int
    telephone: str
    cost: Cost


def read_promises(path: Path | None = None) -> Promises:
    """Errors: OperatorError with the name of what is missing, unknown or no such figure."""
    source = _OUR_FILE if path is None else path
    try:
        read = tomllib.loads(source.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"{source} cannot be read: {error}; write it as web/casework/promises.toml is"
        ) from error
    figures, cost = _section(read, "promises", source), _section(read, "cost", source)
    _refuse_others(read, {"promises", "contact", "cost"}, source)
    others = ("is_set_by_the_laboratory", "telephone", "cost")
    numbers = [f.name for f in fields(Promises) if f.name not in others]
    payers = [f.name for f in fields(Cost) if f.name.startswith("when_")]
    _refuse_others(figures, {"is_set_by_the_laboratory", *numbers}, source)
    _refuse_others(cost, {"currency", "fee", *(name.removeprefix("when_") for name in payers)}, source)
    return Promises(
        is_set_by_the_laboratory=_yes_or_no(figures, "is_set_by_the_laboratory", source),
        **{name: _figure(figures, name, source) for name in numbers},
        telephone=_telephone(read, source),
        cost=Cost(
            currency=_currency(cost, source),
            fee=_fee(cost, source),
            **{name: _payer(cost, name.removeprefix("when_"), source) for name in payers},
        ),
    )


def deadline(state: CaseState, since: str, promises: Promises, appointment: str | None = None) -> str | None:
    """The day by which a case that is in this state since then is to leave it; None where nothing is due.

    A case that is planned is due on the day of its appointment.
    """
    if state in (CaseState.PLANNED, CaseState.READY, CaseState.TESTING):
        return None if appointment is None else appointment[:10]
    days = {
        CaseState.APPLIED: promises.plan_days,
        CaseState.TESTED: promises.explain_days,
        CaseState.EXPLAINED: promises.close_days,
    }.get(state)
    return None if days is None else day_after(since, days)


def day_after(since: str, days: int) -> str:
    """The day, YYYY-MM-DD, so many days after a day, or after the one that it was here at an instant."""
    return (day_of(since) + timedelta(days=days)).isoformat()


def _section(read: Mapping[str, Any], name: str, source: object) -> Mapping[str, Any]:
    section = read.get(name)
    if not isinstance(section, dict):
        raise OperatorError(f"{source}: [{name}] is missing; write it as web/casework/promises.toml does")
    return section


def _refuse_others(section: Mapping[str, Any], known: set[str], source: object) -> None:
    if other := sorted(set(section) - known):
        raise OperatorError(f"{source}: {other[0]} is no promise that is known; take it out")


def _yes_or_no(section: Mapping[str, Any], name: str, source: object) -> bool:
    value = section.get(name)
    if not isinstance(value, bool):
        raise OperatorError(f"{source}: {name} is missing or neither true nor false; write one of them")
    return value


def _figure(section: Mapping[str, Any], name: str, source: object) -> int:
    value = section.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST_DAYS:
        raise OperatorError(
            f"{source}: {name} is missing or no whole number from 1 to {_MOST_DAYS}; write one"
        )
    return value


def _telephone(read: Mapping[str, Any], source: object) -> str:
    """A file need not have it: it is no promise."""
    section = read.get("contact", {})
    if not isinstance(section, dict):
        raise OperatorError(f'{source}: [contact] is no section; write telephone = "" in it')
    _refuse_others(section, {"telephone"}, source)
    value = section.get("telephone", "")
    if not (isinstance(value, str) and len(value) <= _LONGEST_TELEPHONE and value.isprintable()):
        raise OperatorError(
            f'{source}: telephone is no line of {_LONGEST_TELEPHONE} characters; write one, or ""'
        )
    return value.strip()


def _payer(section: Mapping[str, Any], name: str, source: object) -> str:
    value = section.get(name)
    if value not in _PAYERS:
        raise OperatorError(f"{source}: {name} is missing or nobody who pays; write customer or laboratory")
    return str(value)


def _currency(section: Mapping[str, Any], source: object) -> str:
    value = section.get("currency")
    if not (isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()):
        raise OperatorError(f"{source}: currency is missing or no code such as CNY; write one")
    return value


def _fee(section: Mapping[str, Any], source: object) -> str:
    try:
        value = section.get("fee")
        if isinstance(value, str) and Decimal(value) >= 0:
            return value
    except InvalidOperation:
        pass
    raise OperatorError(f'{source}: fee is missing or no amount such as "60.00"; write one')


PROMISES = read_promises()
"""Ours; a laboratory's own are `Casework.promises`."""
