"""Figures of an answer: names in its text, computed where it is shown from what the product itself computes with.

    "The lamp uses {energy:meter_lamp} a year."

energy:KEY     kWh a year of an example of `calibration/household/appliances.py`, from its least to its most
power:KEY      its power, W
hours:KEY      how long it is taken to run, hours a day
promise:NAME   a figure of the list of promises: days, minutes, or the fee

All of the appliances' figures are unsure, and an answer that names one says so (`is_unsure`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal

from calibration.household.appliances import Example, example
from web import numbers
from web.casework.promises import Promises
from web.casework.refused import Refused

_NAME = re.compile(r"\{([a-z]+):([a-z0-9_.]+)\}")
_ANY = re.compile(r"[{}]")
_RANGE = {"zh": "{low} 至 {high}", "en": "{low} to {high}"}
_DIGITS = 2
_LONGEST_SHOWN = 40
PROMISES = (
    "plan_days", "appointment_days", "answer_days", "visit_min", "explain_days", "certificate_days", "appeal_days",
    "fee",
)  # fmt: skip


def filled(text: str, language: str, promises: Promises) -> str:
    """The text with its figures. Errors: Refused no_such_figure, which `require_known` has found before."""

    def figure(found: re.Match[str]) -> str:
        kind, key = found.groups()
        if kind == "promise":
            return _promise(key, promises, language)
        return _of_example(kind, key, language)

    return _NAME.sub(figure, text)


def require_known(text: str) -> None:
    """Errors: Refused no_such_figure for a name that is none, and for a brace that belongs to none."""
    for kind, key in _NAME.findall(text):
        if kind == "promise" and key in PROMISES:
            continue
        if kind == "promise":
            raise Refused("no_such_figure", written=f"{kind}:{key}"[:_LONGEST_SHOWN])
        _of_example(kind, key, "en")
    if left := _ANY.search(_NAME.sub("", text)):
        raise Refused("no_such_figure", written=left[0])


def is_unsure(text: str) -> bool:
    """Whether a figure in it is an example's."""
    return any(kind in _OF_EXAMPLES for kind, _ in _NAME.findall(text))


def _promise(key: str, promises: Promises, language: str) -> str:
    if key == "fee":
        return numbers.money(promises.cost.fee, promises.cost.currency, language)
    return str(getattr(promises, key))


def _energy(of: Example, language: str) -> str:
    return f"{_span(of.least.energy_kWh_a_year, of.most.energy_kWh_a_year, language)}\N{NO-BREAK SPACE}kWh"


def _power(of: Example, language: str) -> str:
    return f"{_span(of.low_W, of.high_W, language)}\N{NO-BREAK SPACE}W"


def _hours(of: Example, language: str) -> str:
    return f"{_plain(of.hours_a_day)}\N{NO-BREAK SPACE}{'小时' if language == 'zh' else 'h'}"


_OF_EXAMPLES: dict[str, Callable[[Example, str], str]] = {
    "energy": _energy,
    "power": _power,
    "hours": _hours,
}


def _of_example(kind: str, key: str, language: str) -> str:
    try:
        return _OF_EXAMPLES[kind](example(key), language)
    except KeyError:
        raise Refused("no_such_figure", written=f"{kind}:{key}"[:_LONGEST_SHOWN]) from None


def _span(low: Decimal, high: Decimal, language: str) -> str:
    least, most = _plain(low), _plain(high)
    return least if least == most else _RANGE[language].format(low=least, high=most)


def _plain(value: Decimal) -> str:
    """Two significant digits, written out: 0.088, 0.88, 18, 13000."""
    if value == 0:
        return "0"
    place = Decimal(1).scaleb(value.adjusted() - _DIGITS + 1)
    rounded = value.quantize(place, ROUND_HALF_EVEN)
    return f"{rounded.normalize():f}"
