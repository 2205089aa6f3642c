"""The screens of a household's own use: the list, what is found in it, and the calculator."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.case_screen import CUSTOMER_SIZES, DESK, Act, Screen, fill_and_press, press, unfold
from tests.household.households import Planted, planted

PRICES = {"price_1": "0.5", "end_1": "1500", "price_2": "0.9"}
_LOOK = "main form [type=submit]"
_SEED = 300


def monthly() -> str:
    """Of a meter that counts too much: the month and its use, a line each."""
    rows = planted(_SEED, Planted.FAST).monthly().rows
    return "\n".join(f"{row.date[:7]} {row.energy_kWh}" for row in rows)


def daily() -> str:
    """Of a heater that is new: the day and its use, a line each."""
    rows = planted(_SEED, Planted.HEATER).daily().rows
    return "\n".join(f"{row.date} {row.energy_kWh}" for row in rows)


def _looked_at(written: Callable[[], str], prices: dict[str, str]) -> Act:
    def act(page: Page) -> None:
        unfold(page)
        fill_and_press({"list": written()} | prices, _LOOK)(page)

    return act


def _screen(name: str, path: str, act: Act | None = None) -> Screen:
    return Screen(name, lambda site, story: path, None, (*CUSTOMER_SIZES, DESK), act)


CONSUMPTION_SCREENS = [
    _screen("consumption", "self-check/consumption", unfold),
    _screen("consumption-missing", "self-check/consumption", press(_LOOK)),
    _screen(
        "consumption-unread", "self-check/consumption", _looked_at(lambda: "2026-01 twelve\nJanuary", {})
    ),
    _screen("consumption-monthly", "self-check/consumption", _looked_at(monthly, PRICES)),
    _screen("consumption-daily", "self-check/consumption", _looked_at(daily, {})),
    _screen("calculator", "calculator", press(_LOOK)),
    _screen("calculator-wrong", "calculator", fill_and_press({"power": "much"}, _LOOK)),
]
