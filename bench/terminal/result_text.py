"""The result of any item in three short cells for the terminal: what was found, its U, and what is allowed."""

from __future__ import annotations

from bench.canonical import JsonObject
from calibration.reasons import REMARKS

FOUND = {
    "no_load": ("{pulses} imp", "≤ {allowed_pulses} imp"),
    "starting": ("{longest_wait_s} s", "≤ {limit_s} s"),
    "warm_up": ("{held_s} s", ""),
    "repeatability": ("s = {standard_deviation_pct} %", ""),
    "power_time": ("{power_time_error_pct} %", ""),
    "meter_constant": ("{register_error_pct} %", ""),
    "clock": ("{rounded_s_per_day} s/d", "±{limit_s_per_day} s/d"),
    "tariff_sum": ("{difference_kWh} kWh", "±{allowed_kWh} kWh"),
}
"""What stands for the result of an item that is no comparison, by its figures."""
_UNCERTAINTY = {"meter_constant": "expanded_uncertainty_pct", "clock": "expanded_uncertainty_s_per_day"}


def result_cells(result: JsonObject) -> tuple[str, str, str]:
    """Of a result of STATE: the value found, its expanded uncertainty, the limit; a dash where there is none."""
    figures = {name: true_minus(text) for name, text in result["figures"].items()}
    if figures.get("unended_wait_s", "") == figures.get("longest_wait_s"):
        figures["longest_wait_s"] = f"> {figures['longest_wait_s']}"
    found, allowed = FOUND.get(result["item"], ("", ""))
    mpe_pct = result.get("mpe_pct")
    limit = f"±{mpe_pct}" if mpe_pct else _filled(allowed, figures)
    if result["item"] in FOUND:
        return _filled(found, figures), figures.get(_UNCERTAINTY.get(result["item"], ""), "—"), limit
    value = signed(result.get("unrounded_pct") or result["percentage_error_pct"])
    if result.get("rounded_pct") is not None:
        value += f"→{signed(result['rounded_pct'])}"
    return value, result["expanded_uncertainty_pct"] or "—", limit


def reasons_of(result: JsonObject) -> list[JsonObject]:
    """Why a result of STATE is what it is, the deciding one first; none where it passed."""
    if result["verdict"] == "PASS":
        return []
    return [found for found in result["reasons"] if found["reason"] not in REMARKS]


def remarks_of(result: JsonObject) -> list[JsonObject]:
    """What else should be known of a result of STATE."""
    reasons = reasons_of(result)
    return [found for found in result["reasons"] if found not in reasons]


def signed(figure: str | None) -> str:
    """A figure with its sign always shown and a true minus sign."""
    if figure is None:
        return "—"
    return true_minus(figure if figure[:1] in ("-", "+") else f"+{figure}")


def true_minus(text: str) -> str:
    """A hyphen at the start of a figure is a minus sign."""
    return "−" + text[1:] if text.startswith("-") else text


def _filled(template: str, figures: dict[str, str]) -> str:
    """A dash where a figure is missing: an INVALID may have none."""
    try:
        return template.format_map(figures) or "—"
    except KeyError:
        return "—"
