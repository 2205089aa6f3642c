"""One case from application to follow-up, by four people in windows of their own, on the simulated bench."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_site import ROOT
from tests.browser.whole_service import (
    BENCH,
    CHECKER,
    DESK,
    OFFICE,
    OTHER_VERIFIER,
    PASSWORD,
    PHONE,
    SERIAL,
    TABLET,
    VERIFIER,
    WholeService,
    Window,
)
from tests.browser.whole_steps import apply, checks, plan, receive

pytestmark = pytest.mark.browser
_NUMBER = re.compile(r"\b20\d\d-\d{5}\b")
_RUN_MS = 180_000
"""What the run of two load points may take on a busy machine."""


@pytest.fixture
def service() -> Iterator[WholeService]:
    with WholeService() as service:
        yield service
    assert re.search(r'level=info from=bench.service said="run run-0+1: PASS"', service.log), service.log
    for personal in ("Xiaoming", "Example Road", "13800000000", SERIAL, "/join/", "/result/"):
        assert personal not in service.log


def test_a_case_goes_from_application_to_certificate_and_follow_up(
    browser: Browser, service: WholeService
) -> None:
    customer, office = Window(browser, service, TABLET), Window(browser, service, DESK)
    verifier, checker = Window(browser, service, DESK), Window(browser, service, DESK)
    case = apply(customer)
    office.sign_in(OFFICE)
    tests = ["visual", "basic_error", "meter_constant"]
    plan(office, case, VERIFIER, CHECKER, tests, ["Imax 1.0", "Ib 0.5L"], register_decimals="4")
    replayed(customer, receive(verifier, customer, case))
    checks(verifier, case)
    measure(verifier, customer, case)
    take_home(customer, explain_and_sign(verifier, checker, case))
    end_and_follow_up(verifier, office, customer, case)
    for window in (customer, office, verifier, checker):
        window.close()


def replayed(customer: Window, invitation: str) -> None:
    """Somebody else with the same code is told why not."""
    thief = Window(customer.page.context.browser, customer.service, PHONE)  # type: ignore[arg-type]
    thief.page.goto(invitation)
    if thief.page.locator("main form button").count():
        thief.page.locator("main form button").click()
    expect(thief.page.locator("main")).to_contain_text(re.compile("used", re.IGNORECASE))
    thief.open("/visit")
    expect(thief.page.locator("main")).not_to_contain_text(SERIAL)
    thief.close()


def measure(verifier: Window, customer: Window, case: str) -> None:
    """The customer watches, and asks; somebody else's hands stay off."""
    page, theirs = verifier.page, customer.page
    customer.open("/visit/live")
    expect(page.locator("#primary")).to_have_text(re.compile("^Start"))
    page.locator("#primary").click()
    inspect(verifier, customer)
    expect(theirs.locator("main")).to_have_attribute(
        "data-scene", re.compile("measuring|pass"), timeout=_RUN_MS
    )
    theirs.locator(".ask-button").click()
    theirs.locator("#corner-question").fill("Why is the second load smaller?")
    theirs.locator("#ask form button[type=submit], #ask form .button-main").first.click()
    expect(theirs.locator("[role=status].done")).to_be_visible()
    other = Window(page.context.browser, verifier.service, DESK)  # type: ignore[arg-type]
    other.sign_in(OTHER_VERIFIER)
    other.open(f"/staff/case/{case}/stop")
    expect(other.page.locator("main")).not_to_contain_text("Stop the run")
    other.close()
    before = read_the_register(verifier, "nothing yet")
    read_the_register(verifier, before)
    expect(page.locator("#primary")).to_have_text("Explain the result", timeout=_RUN_MS)
    answer = page.locator("textarea").first
    answer.fill("A meter has to count right at small loads, too.")
    page.get_by_role("button", name="Send the answer").first.click()
    customer.open("/visit/questions")
    expect(theirs.locator("#answers")).to_contain_text("small loads, too")
    customer.open("/visit/live")
    expect(theirs.locator("main")).to_have_attribute("data-scene", "pass")
    expect(theirs.locator(".verdict-big")).to_contain_text("PASS")


def inspect(verifier: Window, customer: Window) -> None:
    """The run waits for the verifier's eyes, and the customer reads what it waits for."""
    page = verifier.page
    expect(page.locator("#primary")).to_have_text("Answer the bench", timeout=_RUN_MS)
    expect(customer.page.locator("main")).to_have_attribute("data-scene", "asking")
    page.locator("#primary").click()
    expect(page.locator(".sim-meter")).to_contain_text("SIMULATED")
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    verifier.press("Answer")


def read_the_register(verifier: Window, last: str) -> str:
    """Once the display shows something else than what was read last; what it shows."""
    page = verifier.page
    lit = page.locator(".sim-digits").filter(has_not_text=last)
    expect(lit).to_have_count(1, timeout=_RUN_MS)
    shown = (lit.text_content() or "").split()[0]
    page.locator("#primary").click()
    page.locator("[name='1-total_kWh']").fill(shown)
    verifier.press("Answer")
    return shown


def explain_and_sign(verifier: Window, checker: Window, case: str) -> str:
    """The number of the certificate."""
    page = verifier.page
    verifier.open(f"/staff/case/{case}")
    page.locator("#primary").click()
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    verifier.press("All of it was said")
    expect(page.locator("#primary")).to_have_text("Draft the certificate")
    page.locator("#primary").click()
    page.locator("[name=manufacturer]").fill("Example Meters")
    verifier.press("Make the draft")
    expect(page.locator("#primary")).to_have_text("Sign with my password")
    page.locator("#primary").click()
    page.locator("[name=password]").fill("not the password")
    verifier.press("Sign")
    expect(page.locator("[role=alert]").first).to_contain_text("wrong")
    page.locator("[name=password]").fill(PASSWORD)
    verifier.press("Sign")
    expect(page.locator("#act-bar")).to_contain_text("The checker has to sign")
    theirs = checker.sign_in(CHECKER)
    checker.open(f"/check/{case}")
    expect(theirs.locator("main")).to_contain_text("±1.0")
    theirs.locator("[name=password]").fill(PASSWORD)
    checker.press("Sign as the checker")
    expect(theirs.locator("main")).to_contain_text(_NUMBER)
    found = _NUMBER.search(theirs.inner_text("main"))
    assert found
    return found[0]


def take_home(customer: Window, number: str) -> None:
    """The result in plain words, the bill, the certificate, evidence that verifies, a signature, an opinion."""
    page = customer.open("/visit/result")
    expect(page.locator(".result-verdict")).to_contain_text("PASS")
    page.locator("#bill [name=kwh]").fill("3000")
    page.locator("#bill [name=price]").fill("0.55")
    page.locator("#bill [name=currency]").select_option("CNY")
    page.locator("#bill button").click()
    expect(page.locator("#bill .bill-headline")).to_contain_text("paid too much")
    assert customer.downloaded(page.locator(f"a[href$='{number}/pdf']")).startswith(b"%PDF-")
    bundle = customer.service.state_dir / "taken-home.bundle.zip"
    bundle.write_bytes(customer.downloaded(page.locator("a[href$='evidence']")))
    checked = subprocess.run(
        [*BENCH, "verify", str(bundle)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert number in checked.stdout + checked.stderr
    page.locator("a[href$='sign/customer']").click()
    pad = page.locator("canvas")
    expect(pad).to_be_visible()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=8)
    page.mouse.up()
    customer.press("Sign")
    expect(page.locator(".signature-drawn")).to_have_count(1)
    page.locator("#experience [name=meter_is_wrong][value='1']").check()
    page.locator("#experience [name=trust][value='9']").check()
    page.locator("#experience [name=score][value='5']").check()
    page.locator("#experience button").click()
    expect(page.locator("#experience .note")).to_be_visible()


def end_and_follow_up(verifier: Window, office: Window, customer: Window, case: str) -> None:
    page = verifier.page
    verifier.open(f"/staff/case/{case}")
    page.locator("#primary").click()
    page.locator("[name=why]").fill("The customer has seen and understood the result.")
    page.locator("main form button").first.click()
    expect(page.locator("#act-bar")).not_to_contain_text("End")
    verifier.open("/staff")
    expect(page.locator("main")).not_to_contain_text(f"with {case}")
    desk = office.page
    office.open(f"/office/case/{case}")
    desk.locator("form[action$='/link'] button").click()
    link = desk.locator(".address").inner_text()
    later = Window(desk.context.browser, office.service, PHONE)  # type: ignore[arg-type]
    later.page.goto(link)
    expect(later.page.locator(".result-verdict")).to_contain_text("PASS")
    later.close()
    customer.open("/visit/result")
    expect(customer.page.locator("main")).not_to_contain_text(SERIAL)
    office.open("/office/follow-ups")
    desk.locator("a[href*='/office/follow-up/']").first.click()
    desk.locator("[name=kind]").first.check()
    desk.locator("[name=said]").fill("No doubt is left.")
    desk.locator("[name=consumption]").fill("240")
    desk.locator("main form button").first.click()
    expect(desk).to_have_url(re.compile("done=yes"))
