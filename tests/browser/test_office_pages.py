"""Every page of the office, the application and the checker in a real browser: nothing for axe to find in either
language, nothing refused by the content policy, nothing from elsewhere, no page wider than its window."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.case_pictures import LANGUAGES, opened, show
from tests.browser.case_screen import PHONE, Screen
from tests.browser.case_screens_customer import APPLY_SCREENS
from tests.browser.case_screens_staff import OFFICE_SCREENS
from tests.browser.case_site import CaseSite
from tests.browser.case_story import OFFICE, VERIFIER, Story
from web.casework import cases
from web.casework.model import CaseState

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", [*APPLY_SCREENS, *OFFICE_SCREENS], ids=lambda screen: screen.name)
def test_a_page_is_accessible_and_fits(
    browser: Browser, site: CaseSite, story: Story, screen: Screen, language: str
) -> None:
    context = opened(browser, site, screen, language)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    page.on(
        "request", lambda asked: None if asked.url.startswith(site.address) else problems.append(asked.url)
    )
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    show(page, site, story, screen)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], "wider than a telephone"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert problems == []
    context.close()


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
