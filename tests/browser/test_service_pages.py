"""A request by clicks alone, at both sides of the counter."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.case_site import CaseSite

pytestmark = pytest.mark.browser


def test_a_customer_asks_is_answered_and_says_that_it_is_settled(browser: Browser, site: CaseSite) -> None:
    customer = browser.new_context(locale="en-GB").new_page()
    customer.goto(site.address + "ask-us")
    customer.locator("[name=kind][value=reading]").check()
    for name, said in {"words": "The reading is not mine.", "name": "A. Berg", "contact": "139"}.items():
        customer.locator(f"[name={name}]").fill(said)
    customer.get_by_role("button", name="Send").click()
    number = customer.locator("h1").inner_text().split()[-1]

    context = browser.new_context(locale="en-GB")
    site.sign_in(context, "P4")
    clerk = context.new_page()
    clerk.goto(site.address + "office/requests")
    clerk.get_by_role("link", name=number).click()
    clerk.get_by_role("button", name="I take it").click()
    clerk.locator("summary", has_text="Answer the customer").click()
    clerk.locator("[name=answer]").fill("It is corrected.")
    clerk.get_by_role("button", name="Answer the customer").click()

    customer.reload()
    customer.locator("[name=settled][value=yes]").check()
    customer.get_by_role("button", name="Tell us").click()
    assert "it is closed" in customer.locator("main").inner_text()
    clerk.reload()
    assert "closed" in clerk.locator(".facts").inner_text()
    context.close()
    customer.context.close()
