"""A meter that fails, explained and appealed against, and its retest by two other persons to the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.whole_service import (
    CHECKER,
    DESK,
    OFFICE,
    OTHER_CHECKER,
    OTHER_VERIFIER,
    PASSWORD,
    TABLET,
    VERIFIER,
    WholeService,
    Window,
)
from tests.browser.whole_steps import apply, checks, plan, receive

pytestmark = pytest.mark.browser
_METER_ERROR_PCT = 2.6
"""Of a meter of class 1: far outside, so that no run doubts it."""
_RUN_MS = 180_000
_CASE = re.compile(r"C\d{4}-\d{4}")


@pytest.fixture
def service() -> Iterator[WholeService]:
    with WholeService(_METER_ERROR_PCT) as service:
        yield service


def test_a_meter_that_fails_is_tested_again_by_others(browser: Browser, service: WholeService) -> None:
    customer, office = Window(browser, service, TABLET), Window(browser, service, DESK)
    verifier, other = Window(browser, service, DESK), Window(browser, service, DESK)
    checker = Window(browser, service, DESK)
    case = apply(customer)
    office.sign_in(OFFICE)
    plan(office, case, VERIFIER, CHECKER, ["basic_error"], ["Imax 1.0"])
    fail_and_explain(verifier, customer, case, VERIFIER)
    retest = appeal(customer)
    set_free(verifier, case)
    plan(office, retest, OTHER_VERIFIER, OTHER_CHECKER, ["basic_error"], ["Imax 1.0"])
    fail_and_explain(other, customer, retest, OTHER_VERIFIER)
    notice(other, checker, customer, retest)
    for window in (customer, office, verifier, other, checker):
        window.close()


def fail_and_explain(verifier: Window, customer: Window, case: str, person: str) -> None:
    receive(verifier, customer, case, person)
    checks(verifier, case)
    page = verifier.page
    page.locator("#primary").click()
    expect(page.locator("#primary")).to_have_text("Explain the result", timeout=_RUN_MS)
    customer.open("/visit/live")
    expect(customer.page.locator(".verdict-big")).to_contain_text("FAIL")
    page.locator("#primary").click()
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    verifier.press("All of it was said")
    expect(page.locator("#primary")).to_have_text("Draft the certificate")


def appeal(customer: Window) -> str:
    """The number of the retest."""
    page = customer.open("/visit/result")
    page.locator("#appeal [name=why]").fill("The meter was warm from the sun.")
    page.locator("#appeal button").click()
    expect(page.locator("main .now")).to_contain_text(_CASE)
    found = _CASE.search(page.inner_text("main .now"))
    assert found
    return found[0]


def set_free(verifier: Window, case: str) -> None:
    """The first verifier's case is over; the bench is told, so that he is no longer busy."""
    page = verifier.open(f"/staff/case/{case}")
    page.locator("#primary").click()
    page.locator("main form button").first.click()
    expect(page.locator("#act-bar")).to_contain_text("This case is over")
    expect(page.locator("#primary")).to_have_count(0)


def notice(verifier: Window, checker: Window, customer: Window, case: str) -> None:
    """A notice of rejection, signed by the other two."""
    page = verifier.page
    page.locator("#primary").click()
    page.locator("[name=manufacturer]").fill("Example Meters")
    verifier.press("Make the draft")
    page.locator("#primary").click()
    page.locator("[name=password]").fill(PASSWORD)
    verifier.press("Sign")
    expect(page.locator("#act-bar")).to_contain_text("The checker has to sign")
    theirs = checker.sign_in(OTHER_CHECKER)
    checker.open(f"/check/{case}")
    theirs.locator("[name=password]").fill(PASSWORD)
    checker.press("Sign as the checker")
    expect(theirs.locator("main")).to_contain_text(re.compile(r"20\d\d-\d{5}"))
    customer.open("/visit/result")
    expect(customer.page.locator(".result-verdict")).to_contain_text("FAIL")
    verifier.open(f"/staff/case/{case}")
    page.locator("#primary").click()
    page.locator("[name=why]").fill("Explained; the meter is replaced.")
    page.locator("main form button").first.click()
    expect(page.locator("#act-bar")).to_contain_text("This case is over")
