"""A step that watches instead of comparing, and a step that a person does: what happens, and how far it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.items import Item
from web import numbers
from web.customer.items import check_name
from web.customer.scene import State
from web.customer.wording import duration, flashes, item_name, item_of
from web.texts import text

_PROVED = frozenset(item for item in Item if item.facts.proves_line)
"""Items whose pulse line is shown alive before and after."""
_READ = frozenset(item for item in Item if item.facts.registers)
"""Items that read the meter's registers."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How far a step is; percent of the whole as a number for a bar, 0 to 100."""

    gone: str
    whole: str
    percent: str


def watch_of(shown: dict[str, Any] | None, language: str) -> Watch | None:
    """The progress of a watch; None while the bench has told none."""
    if not shown:
        return None
    whole, gone = float(shown["whole"]), float(shown["gone"])
    percent = round(100.0 * min(gone / whole, 1.0)) if whole > 0 else 0
    return Watch(_amount(shown, "gone", language), _amount(shown, "whole", language), str(percent))


def _amount(shown: dict[str, Any], name: str, language: str) -> str:
    if shown["stage"] != "energy":
        return duration(shown[name], language)
    return numbers.with_unit(numbers.kilo(shown[name], 2), "kWh")


def watch_sentence(point: dict[str, Any], shown: dict[str, Any] | None, language: str) -> tuple[str, str]:
    """What is true now, and what it is for."""
    item = item_of(point)
    key = _key(item, str(shown["stage"]) if shown else "")
    values: dict[str, object] = {"item": item_name(item, language), "purpose": purpose(item, language)}
    if shown is not None:
        values |= {
            "gone": _amount(shown, "gone", language),
            "whole": _amount(shown, "whole", language),
            "flashes": flashes(int(shown.get("pulses") or 0), language),
            "enough": flashes(int(shown.get("enough") or 0), language),
        }
    return text(f"watch.{key}", language, **values), text(f"watch.{key}_detail", language, **values)


def _key(item: str, stage: str) -> str:
    """The text of an item's stage; a stage without a text of its own is only named."""
    for key in (f"{stage}_{item}", stage):
        if stage and f"watch.{key}_detail" in text:
            return key
    return "reading" if item in _READ and not stage else "other"


def purpose(item: str, language: str) -> str:
    """What a test is for; "" for one that this web does not know."""
    return text(f"purpose.{item}", language) if f"purpose.{item}" in text else ""


def asking_sentence(state: State, position: str, language: str) -> tuple[str, str]:
    """What the technician is doing just now."""
    question = state.get("question") or {}
    detail = text("now.asking_detail", language)
    if position in question.get("answered", []):
        return text("now.asking_answered", language), detail
    if question.get("item") in _READ:
        return text("now.asking_reading", language), purpose(str(question["item"]), language)
    checks = [check_name(field, language) for field in question.get("fields", [])]
    if not checks:
        return item_name(str(question.get("item") or "visual"), language), detail
    return text("now.asking", language, checks=text("list.and", language).join(checks)), detail


def next_in_watch(point: dict[str, Any], shown: dict[str, Any] | None, language: str) -> str | None:
    """What follows inside the same step; None where the next step follows."""
    item, stage = item_of(point), str(shown["stage"]) if shown else ""
    if item in _PROVED and stage == "line_before":
        return text(f"next.watch_{item}", language)
    if item in _PROVED and stage == "test":
        return text("next.line_after", language)
    if (item, stage) == ("clock", "hold"):
        return text("next.watch_clock", language)
    if (item, stage) == ("meter_constant", "energy"):
        return text("next.read", language)
    return None
