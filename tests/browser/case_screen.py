"""What one screen of the service is: who looks, at which address, at which sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story
from web.casework.model import Case

PHONE, TABLET, TABLET_WIDE, DESK = (360, 800), (820, 1180), (1180, 820), (1366, 768)
CUSTOMER_SIZES = (PHONE, TABLET, TABLET_WIDE)
STAFF_SIZES = (PHONE, TABLET, DESK)
Address = Callable[[CaseSite, Story], str]
Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture for each size and language.

    who: a person who is signed in, or None. visits: the case whose customer looks, or None. address: below the site's.
    act: done on the page before it is shown. state: what the bench is in, or None for what the story has left it in.
    """

    name: str
    address: Address
    who: str | None = None
    sizes: tuple[tuple[int, int], ...] = STAFF_SIZES
    act: Act | None = None
    visits: Callable[[Story], Case] | None = None
    state: Callable[[Story], dict[str, Any]] | None = None


def press(selector: str) -> Act:
    return lambda page: page.locator(selector).click()


def unfold(page: Page) -> None:
    """Everything that is folded is open."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def fill_and_press(fields: dict[str, str], selector: str) -> Act:
    def act(page: Page) -> None:
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        page.locator(selector).click()

    return act
