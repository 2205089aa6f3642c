"""The words that several rooms of the bench say, in Chinese and English; what only one says is in its own `words.py`.

Sentences about findings are in calibration/reasons.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from calibration.reasons import Reason, finding_sentence
from calibration.rules import Conditions
from calibration.texts import Texts

_WORDS = {
    "at_position": ("表位 {position}", "position {position}"),
    "PASS": ("合格", "PASS"),
    "FAIL": ("不合格", "FAIL"),
    "INVALID": ("无效", "INVALID"),
    "simulated": ("模拟", "SIMULATED"),
    "informative": ("参考", "INFORMATIVE"),
    "official": ("正式", "OFFICIAL"),
    "not_checked": (
        "本装置不检查以下规程条件, 请自行确认: {conditions}",
        "conditions of the rule set that this bench does not check, see to them: {conditions}",
    ),
    "condition_voltage": ("电压 ±{value} %", "voltage ±{value} %"),
    "condition_frequency": ("频率 ±{value} %", "frequency ±{value} %"),
    "condition_distortion": ("波形失真 ≤ {value} %", "distortion at most {value} %"),
    "UNJUDGED": ("只测不判", "NOT JUDGED"),
}

word = Texts(_WORDS)

_ITEMS = {
    "visual": ("外观检查", "visual inspection"),
    "warm_up": ("预热", "warm-up"),
    "no_load": ("潜动试验", "no load (creep)"),
    "starting": ("起动试验", "starting"),
    "basic_error": ("基本误差", "basic error"),
    "repeatability": ("测量重复性", "repeatability"),
    "meter_constant": ("仪表常数试验", "meter constant"),
    "power_time": ("瓦秒法核对", "power × time"),
    "clock": ("日计时误差", "clock"),
    "tariff_sum": ("费率电量之和", "tariff sum"),
}

item_word = Texts(_ITEMS)
"""The names of the items of a verification."""


def item_names(items: Iterable[str]) -> dict[str, str]:
    """The names of several, as values of a sentence: `items_zh` and `items_en`."""
    named = list(items)
    return {
        f"items_{language}": mark.join(item_word(item, language) for item in named)
        for language, mark in (("zh", "、"), ("en", ", "))
    }


_FIELDS = {
    "nameplate": ("铭牌", "nameplate"),
    "seals": ("封印", "seals"),
    "housing": ("外壳", "housing"),
    "display": ("显示", "display"),
    "terminals": ("接线端子", "terminals"),
    "total_kWh": ("总电量", "total energy register"),
    **{
        f"tariff_{n}_kWh": (f"费率{n}电量", f"energy register of tariff {n}; - where the meter has none")
        for n in range(1, 5)
    },
}

field_name = Texts(_FIELDS)
"""What people are asked for; the Chinese name is taken for the field, too."""


_LISTS_FIELDS: Mapping[str, str] = {Reason.INSPECTION_FAILED: "fields", Reason.NOT_ANSWERED: "detail"}
_FIELD = re.compile(rf"(?:^|(?<=, ))(?:{'|'.join(_FIELDS)})(?=: |, |$)")
"""The name of a field at the head of a part of a list: "seals: torn, display", or "seals, display"."""


def with_fields_named(reason: str, values: Mapping[str, str], language: str) -> Mapping[str, str]:
    """The values of a finding with the fields that it lists by their names in the language."""
    listed = _LISTS_FIELDS.get(reason)
    if listed is None or listed not in values:
        return values
    return {**values, listed: _FIELD.sub(lambda found: field_name(found[0], language), str(values[listed]))}


def finding_said(finding: Mapping[str, Any], language: str) -> str:
    """The sentence of a finding as records and messages write it."""
    values = with_fields_named(finding["reason"], finding.get("values", {}), language)
    return finding_sentence({**finding, "values": values}, language)


def field_word(field: str, language: str) -> str:
    """A field that people are asked for, as they must type it, with its meaning where that differs."""
    meaning = field_name(field, language)
    return field if meaning == field else f"{field} ({meaning})"


def unchecked_conditions(conditions: Conditions | None, language: str) -> str:
    """What a rule set asks of the supply and this bench only states; empty where it asks nothing."""
    if conditions is None:
        return ""
    asked = {
        "condition_voltage": conditions.voltage_pct,
        "condition_frequency": conditions.frequency_pct,
        "condition_distortion": conditions.distortion_pct,
    }
    said = [word(key, language, value=f"{value:g}") for key, value in asked.items() if value is not None]
    return word("not_checked", language, conditions=", ".join(said)) if said else ""
