"""The consumption pages on a telephone: nothing for axe to find, nothing wider than its window, the whole way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.case_pictures import LANGUAGES
from tests.browser.case_screen import PHONE
from tests.browser.case_site import CaseSite
from tests.browser.test_every_screen import FIRST_VIEW_BYTES, Watched, looked_at
from tests.household.households import Planted, planted

pytestmark = pytest.mark.browser

PRICES = {"#price_1": "0.5", "#end_1": "1500", "#price_2": "0.9"}
BUTTONS = {"zh": ("看一看", "带着这个结果预约检定"), "en": ("Look at it", "Book a test with this result")}


@pytest.fixture(scope="module")
def site() -> Iterator[CaseSite]:
    with CaseSite() as site:
        yield site


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_is_typed_looked_at_and_a_test_booked(browser: Browser, site: CaseSite, language: str) -> None:
    context = browser.new_context(locale=LANGUAGES[language])
    page = context.new_page()
    watched = Watched(page, site)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(site.address + "self-check/consumption")
    assert watched.received < FIRST_VIEW_BYTES
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert looked_at(page) == []
    look, book = BUTTONS[language]
    rows = planted(300, Planted.FAST).monthly().rows
    page.locator("#list").fill("\n".join(f"{row.date[:7]} {row.energy_kWh}" for row in rows))
    for field, value in PRICES.items():
        page.locator(field).fill(value)
    page.get_by_role("button", name=look).click()
    expect(page.locator(".use-plot")).to_be_visible()
    assert looked_at(page) == []
    page.emulate_media(color_scheme="dark")
    assert looked_at(page) == []
    page.get_by_role("button", name=book).click()
    expect(page.locator("#doubt")).to_be_visible()
    assert "self_check=" in page.url
    context.close()
    assert watched.problems == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calculator_fits_and_computes(browser: Browser, site: CaseSite, language: str) -> None:
    context = browser.new_context(locale=LANGUAGES[language])
    page = context.new_page()
    watched = Watched(page, site)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(site.address + "calculator")
    for field, value in {"#power": "2000", "#hours": "0.5", "#days": "365", "#used": "3000"}.items():
        page.locator(field).fill(value)
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".summary")).to_contain_text("1476.00 CNY")
    assert looked_at(page) == []
    page.emulate_media(color_scheme="dark")
    assert looked_at(page) == []
    context.close()
    assert watched.problems == []
