"""Each page of the service over all departments on a telephone, by day and by night: nothing for axe to find, nothing
wider than its window, nothing refused by the content policy, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.case_pictures import LANGUAGES
from tests.browser.case_screen import PHONE
from tests.browser.case_site import CaseSite
from tests.browser.service_screens import NAMES, ServicePage, seeded
from tests.browser.test_every_screen import FIRST_VIEW_BYTES, Watched, looked_at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service_site() -> Iterator[tuple[CaseSite, dict[str, ServicePage]]]:
    with CaseSite() as site:
        yield site, {one.name: one for one in seeded(site)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_fits_and_keeps_to_itself(
    browser: Browser, service_site: tuple[CaseSite, dict[str, ServicePage]], name: str, language: str
) -> None:
    site, pages = service_site
    one = pages[name]
    context = browser.new_context(locale=LANGUAGES[language])
    if one.who is not None:
        site.sign_in(context, one.who)
    page = context.new_page()
    watched = Watched(page, site)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(site.address + one.path)
    assert watched.received < FIRST_VIEW_BYTES
    if one.opens:
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert looked_at(page) == []
    page.emulate_media(color_scheme="dark")
    assert looked_at(page) == []
    context.close()
    assert watched.problems == []


def test_a_customer_asks_is_answered_and_says_that_it_is_settled(
    browser: Browser, service_site: tuple[CaseSite, dict[str, ServicePage]]
) -> None:
    """By clicks alone, at both sides of the counter."""
    site, _ = service_site
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
