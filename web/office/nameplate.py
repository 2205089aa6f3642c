"""The nameplate of a meter as the office types it: a form's fields, and the table that the bench makes a plan from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bench.items import Item
from web.forms import Form

CLASSES = ("2", "1", "0.5S", "0.2S", "A", "B", "C", "D", "E")
CONNECTIONS = ("direct", "ct")
WIRINGS = ("1p2w", "3p3w", "3p4w")
COMMON = {
    "accuracy_class": "1",
    "meter_constant_imp_per_kWh": "1200",
    "nominal_voltage_V": "220",
    "basic_current_A": "10",
    "maximum_current_A": "60",
    "connection": "direct",
    "wiring": "1p2w",
    "rule_set": "jjg596-2012",
}
"""What stands in the fields at first: the single-phase meter of most homes, and the rule set of most plans."""
WISHES = ("load_points", "repeats", *(f"test_{item}" for item in Item))
"""What the office may want otherwise than the rule set has it."""

_LONGEST_SERIAL = 40
_LONGEST_TYPE = 60
_MOST_DECIMALS = 6
_MOST_REPEATS = 20
_MOST_POINTS_TEXT = 1000
_LEAST, _MOST = Decimal("0.001"), 1_000_000
_MOST_CONSTANT = 1_000_000_000


def nameplate_of(form: Form) -> dict[str, Any]:
    """The table of `plan_new`; what is wrong is in `form.errors` then. The bench checks what only it can."""
    typed: dict[str, Any] = {
        "serial": form.text("serial", most=_LONGEST_SERIAL),
        "meter_type": form.text("meter_type", most=_LONGEST_TYPE, required=False),
        "accuracy_class": form.choice("accuracy_class", CLASSES),
        "meter_constant_imp_per_kWh": _figure(form, "meter_constant_imp_per_kWh", most=_MOST_CONSTANT),
        "nominal_voltage_V": _figure(form, "nominal_voltage_V"),
        "maximum_current_A": _figure(form, "maximum_current_A"),
        "transitional_current_A": _figure(form, "transitional_current_A", required=False),
        "minimum_current_A": _figure(form, "minimum_current_A", required=False),
        "connection": form.choice("connection", CONNECTIONS),
        "wiring": form.choice("wiring", WIRINGS),
        "register_decimals": form.whole("register_decimals", least=0, most=_MOST_DECIMALS, required=False),
    }
    # One of the two is what the load points are made of.
    needs_basic = typed["transitional_current_A"] is None
    typed["basic_current_A"] = _figure(form, "basic_current_A", required=needs_basic)
    return {key: value for key, value in typed.items() if value not in (None, "")}


def wishes_of(form: Form) -> dict[str, Any]:
    """Tests, load points and runs, those that are wished otherwise than the rule set has them."""
    tests = [item.value for item in Item if form.flag(f"test_{item}")]
    lines = form.text("load_points", most=_MOST_POINTS_TEXT, required=False).splitlines()
    points = [line.strip() for line in lines if line.strip()]
    repeats = form.whole("repeats", least=1, most=_MOST_REPEATS, required=False)
    wished = {"tests": tests or None, "load_points": points or None, "repeats": repeats}
    return {key: value for key, value in wished.items() if value is not None}


def _figure(form: Form, name: str, *, most: int = _MOST, required: bool = True) -> float | None:
    figure = form.number(name, least=_LEAST, most=most, required=required)
    return None if figure is None else float(figure)
