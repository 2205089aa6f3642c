"""How a test point, a duration and a moment to come are said to a customer. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bench.items import Item
from web import numbers
from web.texts import text

_NAME = re.compile(r"^(?P<factor>[0-9.]*)\s*(?P<base>Imax|Ib|In|Itr)\b")
_MINUTES_FROM_S = 120
_HOURS_FROM_S = 7200
LOW_LOAD_BELOW = 0.3
"""Loads below this part of the basic or rated current are called low."""
AT_A_LOAD = frozenset(item for item in Item if item.facts.compares)
"""Items that are said by their load: the same item may stand in a plan with many of them."""


def item_of(point: dict[str, Any]) -> str:
    """The item of a test point; a bench that names none measures basic errors."""
    return str(point.get("item") or "basic_error")


def item_name(item: str, language: str) -> str:
    """ "no load"; an item that this web does not know is shown by its name."""
    return text(f"item.{item}", language) if f"item.{item}" in text else item


def point_phrase(point: dict[str, Any], quantity: str, language: str) -> str:
    """A basic error by its load ("full load"), any other item by its name, with its load where that matters."""
    item = item_of(point)
    if item not in AT_A_LOAD:
        return item_name(item, language)
    phrase = load_phrase(point, quantity, language)
    if item == "basic_error":
        return phrase
    return text("item.at_load", language, item=item_name(item, language), phrase=phrase)


def load_phrase(point: dict[str, Any], quantity: str, language: str) -> str:
    """ "full load", "ordinary load (as with a motor)"; a load that has no everyday name is said by its power."""
    phrase = _everyday(str(point["name"]), language) or _power(point["power_W"], quantity)
    phrase = _with_its_side(phrase, str(point["power_factor"]), language)
    if point.get("direction") == "export":
        phrase = text("load.export", language, phrase=phrase)
    if phase := point.get("loaded_phase"):
        phrase = text("load.one_phase", language, phrase=phrase, phase=phase)
    return phrase


def named_load(name: str, language: str) -> str:
    """The same from the name of a load point alone; the name itself where it has no everyday one."""
    phrase = _everyday(name, language)
    return name if phrase is None else _with_its_side(phrase, name, language)


def _with_its_side(phrase: str, ends_with_it: str, language: str) -> str:
    side = ends_with_it[-1:]
    if side not in ("L", "C"):
        return phrase
    return text("load.inductive" if side == "L" else "load.capacitive", language, phrase=phrase)


def _everyday(name: str, language: str) -> str | None:
    found = _NAME.match(name)
    factor = float(found["factor"] or 1) if found else 0.0
    base = found["base"] if found else ""
    if base == "Imax" and factor in (1.0, 0.5):
        return text("load.full" if factor == 1.0 else "load.half", language)
    if base in ("Ib", "In") and factor == 1.0:
        return text("load.ordinary", language)
    if base in ("Ib", "In") and factor < LOW_LOAD_BELOW:
        return text("load.low", language)
    return None


def load_details(point: dict[str, Any], quantity: str) -> str:
    """The load point as the rule set names it, with its voltage, current and power; "" where there is none."""
    if point.get("name") is None:
        return ""
    details = [
        str(point["name"]),
        numbers.with_unit(numbers.plain(str(point["voltage_V"])), "V"),
        numbers.with_unit(numbers.plain(str(point["current_A"])), "A"),
    ]
    if not has_no_current(point):
        details.append(_power(point["power_W"], quantity))
    return " · ".join(details)


def has_no_current(point: dict[str, Any]) -> bool:
    return float(point["current_A"]) == 0.0


def _power(power: object, quantity: str) -> str:
    return numbers.with_unit(numbers.power(str(power)), "var" if quantity == "reactive" else "W")


def energy_unit(quantity: str, language: str) -> str:
    """The unit of what a meter counts: Wh of active energy, varh of reactive energy."""
    return text(f"unit.{quantity}", language)


def flashes(count: int, language: str) -> str:
    """ "1 flash", "3 flashes"."""
    return text.counted("count.flashes", language, count)


def duration(seconds: str, language: str) -> str:
    """ "40 s", "30 min", "2 h 5 min", "5 h"."""
    count = round(float(seconds))
    if count < _MINUTES_FROM_S:
        return text("time.seconds", language, seconds=count)
    minutes = round(count / 60)
    if count < _HOURS_FROM_S:
        return text("time.minutes", language, minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if minutes == 0:
        return text("time.whole_hours", language, hours=hours)
    return text("time.hours", language, hours=hours, minutes=minutes)


def exact_time(seconds: str, language: str) -> str:
    """ "40 s", "52 min 54 s": to the second, since something can be found again by it."""
    minutes, left = divmod(round(float(seconds)), 60)
    if not minutes:
        return text("time.seconds", language, seconds=left)
    return text("time.minutes_and_seconds", language, minutes=minutes, seconds=left)


def in_time(seconds: str, language: str) -> str:
    """ "in about 40 s", "in about 3 min"."""
    if round(float(seconds)) <= 0:
        return text("next.soon", language)
    return text("next.in_time", language, duration=duration(seconds, language))


def date_text(iso_8601: str, language: str) -> str:
    """ "2026-11-24 04:31 (UTC+08:00)" or "2026年11月24日 04:31 (UTC+08:00)": the bench's wall clock as the clocks
    of the place show it, for people only."""
    return f"{clock_text(iso_8601, language)} (UTC{datetime.fromisoformat(iso_8601).astimezone().isoformat()[-6:]})"


def clock_text(iso_8601: str, language: str) -> str:
    """ "2026-11-24 04:31" or "2026年11月24日 04:31": as the clocks of the place show it, for who is there."""
    pattern = "%Y年%m月%d日 %H:%M" if language == "zh" else "%Y-%m-%d %H:%M"
    return datetime.fromisoformat(iso_8601).astimezone().strftime(pattern)
