"""Steps of a case that more than one story takes, each by the pages: applying, receiving, checking."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from PIL import Image
from playwright.sync_api import expect

from tests.browser.whole_service import SERIAL, VERIFIER, Window


def apply(customer: Window) -> str:
    page = customer.open("/apply?lang=en")
    page.get_by_label("What makes you doubt the meter?").fill("My bill has doubled, and nobody is at home.")
    page.get_by_label("What do you expect to learn from the test?").fill("Whether it runs too fast.")
    page.locator("#sure input[value='8']").check()
    page.locator("#trust input[value='3']").check()
    for name, value in {
        "serial": SERIAL, "name": "Wang Xiaoming", "address": "12 Example Road", "phone": "13800000000",
    }.items():  # fmt: skip
        page.locator(f"#{name}").fill(value)
    customer.press("Send the application")
    found = re.search(r"C\d{4}-\d{4}", page.inner_text("main"))
    assert found, page.inner_text("main")
    return found[0]


def plan(
    office: Window,
    case: str,
    verifier: str,
    checker: str,
    tests: Sequence[str],
    load_points: Sequence[str],
    **plate: str,
) -> None:
    """The office, signed in, has the bench make a plan and fixes it. plate: what else of the nameplate is filled in."""
    page = office.open(f"/office/case/{case}/plan")
    for name, value in {
        "meter_constant_imp_per_kWh": "1200", "nominal_voltage_V": "220", "basic_current_A": "10",
        "maximum_current_A": "60", **plate,
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=accuracy_class]").select_option("1")
    page.locator("[name=rule_set]").select_option("jjg596-2012")
    page.locator("summary", has_text="Choose tests and load points").click()
    for test in tests:
        page.locator(f"[name=test_{test}]").check()
    page.locator("[name=load_points]").fill("\n".join(load_points))
    page.locator("[name=repeats]").fill("2")
    office.press("Let the bench make the plan")
    expect(page.locator("#plan-made")).to_contain_text(load_points[0])
    page.locator("[name=verifier]").select_option(verifier)
    page.locator("[name=checker]").select_option(checker)
    page.locator("[name=date]").fill("2026-11-27")
    page.locator("[name=at]").fill("09:30")
    office.press("Fix the plan and name the persons")
    expect(page.locator("main")).to_contain_text("Planned")


def receive(verifier: Window, customer: Window, case: str, person: str = VERIFIER) -> str:
    """The customer comes, scans the code, reads what will happen and agrees; the address of the code."""
    page = verifier.sign_in(person)
    verifier.open(f"/staff/case/{case}")
    page.locator("#primary").click()
    invitation = page.locator(".code-address").inner_text()
    theirs = customer.page
    theirs.goto(invitation)
    theirs.locator("main form button").click()
    expect(theirs).to_have_url(re.compile("/visit$"))
    for box in theirs.locator("#consent input[type=checkbox]").all():
        box.check()
    theirs.locator("#consent button").click()
    expect(theirs.locator("#consent .done")).to_be_visible()
    return invitation


def checks(verifier: Window, case: str) -> None:
    page = verifier.page
    verifier.open(f"/staff/case/{case}")
    expect(page.locator("#primary")).to_have_text(re.compile("check"))
    for check in ("nameplate_photo", "register_photo"):
        page.locator(f"#photo-{check}").set_input_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
        )
        expect(page.locator(f"#check-{check}")).to_have_class(re.compile("check-done"))
    for check in ("seals", "shoe_covers", "gloves", "distance", "consent", "reference_valid"):
        box = page.locator(f"#tick-{check}")
        if box.get_attribute("aria-pressed") == "false":
            box.click()
        expect(page.locator(f"#check-{check}")).to_have_class(re.compile("check-done"))
    expect(page.locator("#primary")).to_have_text("Scan the meter's number")
    page.locator("#primary").click()
    scan = page.locator("[name=serial]")
    page.locator("[name=plate]").check()
    scan.fill("SIM-000009")
    scan.press("Enter")
    expect(page.locator("[role=alert]").first).to_contain_text("SIM-000009")
    scan = page.locator("[name=serial]")
    if not page.locator("[name=plate]").is_checked():
        page.locator("[name=plate]").check()
    scan.fill(SERIAL)
    scan.press("Enter")
    expect(page).to_have_url(re.compile(f"/staff/case/{case}$"))


def a_photo() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 140, 180)).save(picture, "JPEG")
    return picture.getvalue()
