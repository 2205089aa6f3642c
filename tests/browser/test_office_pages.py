"""What the office does by clicks and keys, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.case_site import CaseSite
from tests.browser.case_story import OFFICE, VERIFIER, Story
from web.casework import cases
from web.casework.model import CaseState

pytestmark = pytest.mark.browser


def test_a_scanner_s_enter_goes_to_the_next_field_and_sends_nothing(browser: Browser, site: CaseSite) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site.address + "apply")
    page.locator("[name=serial]").focus()
    page.keyboard.type("3030004471\n")
    expect(page.locator("[name=area]")).to_be_focused()
    expect(page.locator(".error-summary")).to_have_count(0)
    context.close()


def test_a_case_is_planned_from_application_to_appointment(
    browser: Browser, site: CaseSite, story: Story
) -> None:
    """As the office does it, by clicks and keys alone."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site.address + "apply")
    for name, said in {
        "doubt": "It counts while we are away.", "expects": "whether it is right", "serial": "77001", "name": "A. Berg",
        "address": "1 Street", "phone": "139",
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(said)
    for scale in ("sure", "trust"):
        page.locator(f"[name={scale}][value='5']").check()
    page.locator("main form [type=submit]").click()
    number = page.locator(".case-number .number").inner_text()

    site.sign_in(context, OFFICE)
    page.goto(site.address + "office")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="Plan it").click()
    page.get_by_role("button", name="Let the bench make the plan").click()
    expect(page.locator(".plan-points")).to_contain_text("Imax 1.0")
    page.locator("[name=verifier]").select_option(VERIFIER)
    page.locator("[name=checker]").select_option("P3")
    page.locator("[name=date]").fill(site.day(5))
    page.locator("[name=at]").fill("10:30")
    page.get_by_role("button", name="Fix the plan").click()
    expect(page.locator(".standing")).to_contain_text("Planned")
    case = cases.case(site.casework, number)
    assert (case.state, case.appointment) == (CaseState.PLANNED, f"{site.day(5)}T10:30")
    context.close()
