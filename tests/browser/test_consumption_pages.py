"""A household's list on a telephone, from the paste to the booking; and the calculator."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.case_pictures import LANGUAGES
from tests.browser.case_screen import PHONE, unfold
from tests.browser.case_screens_consumption import PRICES, monthly
from tests.browser.case_site import CaseSite

pytestmark = pytest.mark.browser

BUTTONS = {"zh": ("看一看", "带着这个结果预约检定"), "en": ("Look at it", "Book a test with this result")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_is_typed_looked_at_and_a_test_booked(browser: Browser, site: CaseSite, language: str) -> None:
    context = browser.new_context(locale=LANGUAGES[language])
    page = context.new_page()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(site.address + "self-check/consumption")
    unfold(page)
    look, book = BUTTONS[language]
    page.locator("#list").fill(monthly())
    for field, value in PRICES.items():
        page.locator(f"#{field}").fill(value)
    page.get_by_role("button", name=look).click()
    expect(page.locator(".use-plot")).to_be_visible()
    page.get_by_role("button", name=book).click()
    expect(page.locator("#doubt")).to_be_visible()
    assert "self_check=" in page.url
    context.close()


def test_the_calculator_computes(browser: Browser, site: CaseSite) -> None:
    context = browser.new_context(locale=LANGUAGES["en"])
    page = context.new_page()
    page.goto(site.address + "calculator")
    for field, value in {"#power": "2000", "#hours": "0.5", "#days": "365", "#used": "3000"}.items():
        page.locator(field).fill(value)
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".summary")).to_contain_text("CNY 1476.00")
    context.close()
