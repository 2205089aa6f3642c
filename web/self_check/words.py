"""What a check has found, in sentences of both languages, with their figures. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable

from calibration.household.found import Found
from calibration.household.known_load import KnownLoad, KnownLoadFound, Resolution
from calibration.household.no_load_watch import NoLoadFound, NoLoadWatch, kWh_a_year
from calibration.texts import LANGUAGES
from web.customer.wording import duration
from web.customer.wording import flashes as flashes_said
from web.numbers import MINUS
from web.texts import text

_DIGITS = 2
_SAME = 1e-9
"""What the arithmetic of a computer adds to a number that is round."""


def in_both(said: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """By language."""
    return {language: said(language) for language in LANGUAGES}


def figure(value: float, digits: int = _DIGITS) -> str:
    """So many significant digits, no exponent: 14.454 as "14", 1234 as "1234"."""
    return f"{value:.{_decimals(value, digits)}f}"


def at_least(value: float) -> str:
    """Downwards: what is said holds what was computed."""
    scale = 10.0 ** _decimals(value, _DIGITS)
    return figure(math.floor(value * scale + _SAME) / scale)


def at_most(value: float) -> str:
    """Upwards: 1.65 as "1.7"."""
    scale = 10.0 ** _decimals(value, _DIGITS)
    return figure(math.ceil(value * scale - _SAME) / scale)


def _decimals(value: float, digits: int) -> int:
    return 0 if value == 0.0 else max(0, digits - 1 - math.floor(math.log10(abs(value))))


def signed(value: float) -> str:
    """An error in whole per cent, away from zero, so that what is said holds what was computed."""
    whole = math.ceil(abs(value) - _SAME)
    return f"{MINUS if value < 0 else '+'}{whole}"


def size(value_pct: float) -> str:
    """An error that can be found, in whole per cent, upwards."""
    return str(math.ceil(value_pct - _SAME))


def long_enough(seconds: float, language: str) -> str:
    """A time to watch, in whole minutes upwards: who goes by a clock has then watched for long enough."""
    return duration(str(60 * math.ceil(seconds / 60 - _SAME)), language)


def energy(value_kWh: float, step_kWh: float) -> str:
    """With one decimal more than the step has: an interval is not that of the register."""
    decimals = min(4, max(2, 1 - math.floor(math.log10(step_kWh))))
    return f"{value_kWh:.{decimals}f}"


def no_load(
    watch: NoLoadWatch, found: NoLoadFound, flashes: int, watched_s: float, language: str
) -> list[str]:
    def say(name: str, **values: str) -> str:
        return text(f"no_load_said.{name}", language, **values)

    needed = duration(str(watch.duration_s), language)
    return [
        say("seen", flashes=flashes_said(flashes, language), time=duration(str(watched_s), language)),
        say("allowed", most=str(watch.max_pulses), needed=needed),
        say("power", above=at_least(found.above_W), below=at_most(found.below_W)),
        say(found.outcome, above=at_least(found.above_W), needed=long_enough(watch.duration_s, language)),
        say("limits", shows=at_most(watch.shows_W), kWh=at_most(kWh_a_year(watch.shows_W))),
    ]


def known_load(
    load: KnownLoad, found: KnownLoadFound, asked_pct: float, flashes: int | None, language: str
) -> list[str]:
    """flashes: where they were counted in the place of a register that was read."""

    def say(name: str, **values: str) -> str:
        return text(f"known_load_said.{name}", language, **values)

    can = found.resolution
    outcome = str(found.outcome)
    if found.outcome is Found.CANNOT_TELL:
        outcome += "_small" if can.smallest_pct > asked_pct else "_open"
    counted = energy(found.counted_kWh, load.step_kWh)
    return [
        say(
            "counted" if flashes is None else "flashed",
            power=f"{load.rated_W:g}",
            time=duration(str(can.duration_s), language),
            counted=counted,
            **({} if flashes is None else {"flashes": flashes_said(flashes, language)}),
        ),
        say(
            "expected",
            expected=energy(can.expected_kWh, load.step_kWh),
            lowest=energy(can.lowest_kWh, load.step_kWh),
            highest=energy(can.highest_kWh, load.step_kWh),
        ),
        say("fits", lowest=signed(found.lowest_pct), highest=signed(found.highest_pct)),
        say(outcome, asked=figure(asked_pct), smallest=smallest(can, language)),
        say("limits", smallest=smallest(can, language)),
    ]


def smallest(can: Resolution, language: str) -> str:
    """ "32 %", or that there is none."""
    if not math.isfinite(can.smallest_pct):
        return text("known_load_said.none", language)
    return f"{size(can.smallest_pct)} %"
