"""How a load point and a moment to come are said to a customer. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from web import numbers
from web.texts import text

_NAME = re.compile(r"^(?P<factor>[0-9.]*)\s*(?P<base>Imax|Ib|In|Itr)\b")
_MINUTES_FROM_S = 120
LOW_LOAD_BELOW = 0.3
"""Loads below this part of the basic or rated current are called low."""


def load_phrase(point: dict[str, Any], language: str) -> str:
    """ "full load", "ordinary load (as with a motor)"; a load that has no everyday name is said by its power."""
    phrase = _plain_phrase(point, language)
    side = str(point["power_factor"])[-1:]
    if side == "L":
        return text("load.inductive", language, phrase=phrase)
    if side == "C":
        return text("load.capacitive", language, phrase=phrase)
    return phrase


def _plain_phrase(point: dict[str, Any], language: str) -> str:
    found = _NAME.match(str(point["name"]))
    factor = float(found["factor"] or 1) if found else 0.0
    base = found["base"] if found else ""
    if base == "Imax" and factor in (1.0, 0.5):
        return text("load.full" if factor == 1.0 else "load.half", language)
    if base in ("Ib", "In") and factor == 1.0:
        return text("load.ordinary", language)
    if base in ("Ib", "In") and factor < LOW_LOAD_BELOW:
        return text("load.low", language)
    return text("load.other", language, power=watts(point["power_W"]))


def load_details(point: dict[str, Any], language: str) -> str:
    """The load point as the rule set names it, with its voltage, current and power."""
    return text(
        "load.details",
        language,
        name=point["name"],
        voltage=numbers.with_unit(numbers.plain(str(point["voltage_V"])), "V"),
        current=numbers.with_unit(numbers.plain(str(point["current_A"])), "A"),
        power=watts(point["power_W"]),
    )


def watts(power_W: object) -> str:
    return numbers.with_unit(numbers.power(str(power_W)), "W")


def in_time(seconds: str, language: str) -> str:
    """ "in about 40 s", "in about 3 min"."""
    count = round(float(seconds))
    if count <= 0:
        return text("next.soon", language)
    if count < _MINUTES_FROM_S:
        return text("next.in_seconds", language, seconds=count)
    return text("next.in_minutes", language, minutes=round(count / 60))


def date_text(iso_8601: str, language: str) -> str:
    """ "2026-11-23 20:31 UTC" or "2026年11月23日 20:31 UTC"; the bench's wall clock, for people only."""
    moment = datetime.fromisoformat(iso_8601)
    pattern = "%Y年%m月%d日 %H:%M %Z" if language == "zh" else "%Y-%m-%d %H:%M %Z"
    return moment.strftime(pattern).strip()
