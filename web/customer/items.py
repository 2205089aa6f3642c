"""What an item has found beside its error, in words and in one short figure. Pure.

The figures of an item arrive as written text (`figures` of a result in docs/architecture.md); here they only get a
sentence around them. A result that lacks one of its figures (INVALID, taken over, a newer bench) has no sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from web import numbers
from web.customer.wording import duration, flashes
from web.texts import text

Figures = Mapping[str, str]
_SD_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """headline: what stands in the place of the error in the table; "" where that is an error itself."""

    headline: str
    sentence: str


def found(item: str, figures: Figures, language: str) -> Found | None:
    """What the item has found; None where there is nothing to say."""
    say = ITEMS.get(item)
    if say is None or not figures:
        return None
    try:
        return say(figures, language)
    except KeyError:
        return None


def _no_load(f: Figures, language: str) -> Found:
    seen = flashes(int(f["pulses"]), language)
    sentence = text(
        "found.no_load",
        language,
        flashes=seen,
        time=duration(f["watched_s"], language),
        allowed=flashes(int(f["allowed_pulses"]), language),
        voltage=numbers.with_unit(f["test_voltage_V"], "V"),
    )
    return Found(seen, sentence)


def _starting(f: Figures, language: str) -> Found:
    waits, limit = f["waits_s"], numbers.with_unit(f["limit_s"], "s")
    current = numbers.with_unit(f["starting_current_A"], "A")
    longest, unended = f["longest_wait_s"], f.get("unended_wait_s")
    if not waits:
        return Found(flashes(0, language), text("found.no_start", language, current=current, limit=limit))
    seconds = [numbers.with_unit(wait, "s") for wait in waits.split(", ")]
    said = text("list.and", language).join(seconds)
    sentence = text("found.starting", language, waits=said, current=current, limit=limit)
    if unended is not None:
        sentence += text("found.start_unended", language, time=numbers.with_unit(unended, "s"))
    is_unended = unended == longest
    return Found(("> " if is_unended else "") + numbers.with_unit(longest, "s"), sentence)


def _meter_constant(f: Figures, language: str) -> Found:
    sentence = text(
        "found.meter_constant",
        language,
        register=f["register_kWh"],
        reference=f["reference_kWh"],
        flashes=flashes(int(f["pulses"]), language),
        pulses=f["pulses_kWh"],
    )
    error = f.get("register_error_pct")
    return Found("" if error is None else numbers.percent(numbers.signed(error, 2)), sentence)


def _clock(f: Figures, language: str) -> Found:
    rounded = numbers.with_minus(f["rounded_s_per_day"])
    sentence = text(
        "found.clock",
        language,
        error=numbers.with_minus(f["error_s_per_day"]),
        rounded=rounded,
        uncertainty=f["expanded_uncertainty_s_per_day"],
        limit=f["limit_s_per_day"],
    )
    return Found(text("found.s_per_day", language, seconds=rounded), sentence)


def _repeatability(f: Figures, language: str) -> Found:
    s = numbers.percent(numbers.unsigned(f["standard_deviation_pct"], _SD_DECIMALS))
    sentence = text("found.repeatability", language, runs=f["runs"], s=s)
    if "rounded_pct" in f:
        rounded = numbers.percent(f["rounded_pct"])
        sentence += text("found.repeatability_rounded", language, rounded=rounded)
    return Found(text("found.scatter", language, s=s), sentence)


def _power_time(f: Figures, language: str) -> Found:
    sentence = text(
        "found.power_time",
        language,
        power_time=numbers.percent(numbers.signed(f["power_time_error_pct"], 2)),
        energies=numbers.percent(numbers.signed(f["percentage_error_pct"], 2)),
    )
    return Found("", sentence)


def _tariff_sum(f: Figures, language: str) -> Found:
    difference = numbers.with_unit(numbers.with_minus(f["difference_kWh"]), "kWh")
    sentence = text(
        "found.tariff_sum",
        language,
        tariffs=f["tariffs_kWh"].replace(", ", " + "),
        total=f["total_kWh"],
        difference=difference,
        allowed=f["allowed_kWh"],
    )
    return Found(difference, sentence)


def _unbalance(f: Figures, language: str) -> Found:
    sentence = text(
        "found.unbalance",
        language,
        phase=f["unbalance_phase"],
        difference=numbers.percent(numbers.signed(f["unbalance_pct"], 2)),
        limit=numbers.percent(f["unbalance_limit_pct"]),
    )
    return Found("", sentence)


def _warm_up(f: Figures, language: str) -> Found:
    time = duration(f["held_s"], language)
    return Found(time, text("found.warm_up", language, time=time))


def _visual(f: Figures, language: str) -> Found:
    checks = [check_name(check, language) for check, remark in f.items() if remark == "ok"]
    if not checks:
        return Found("", "")
    return Found("", text("found.visual", language, checks=text("list.and", language).join(checks)))


def check_name(check: str, language: str) -> str:
    """What the technician is asked for, in a customer's words; a field of a newer bench by its name."""
    try:
        return text(f"check.{check}", language)
    except KeyError:
        return check


ITEMS: dict[str, Callable[[Figures, str], Found]] = {
    "visual": _visual,
    "basic_error": _unbalance,
    "warm_up": _warm_up,
    "no_load": _no_load,
    "starting": _starting,
    "repeatability": _repeatability,
    "meter_constant": _meter_constant,
    "power_time": _power_time,
    "clock": _clock,
    "tariff_sum": _tariff_sum,
}
