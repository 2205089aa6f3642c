"""The result, a signature, a trial and the wall in a real browser: drawn on, without a script, and on the wall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.case_site import CaseSite
from tests.browser.looking import violations
from tests.browser.pictures import until_live
from tests.casework.stories import VERIFIER, after_test
from tests.web import canned
from web.casework import invitations
from web.casework.model import Case
from web.casework.signatures import Signer, signatures

pytestmark = pytest.mark.browser

WALLS = ((1920, 1080), (1366, 768))


@pytest.fixture(scope="module")
def site() -> Iterator[CaseSite]:
    with CaseSite(canned.idle()) as site:
        yield site


@pytest.fixture(scope="module")
def case(site: CaseSite) -> Case:
    made = after_test(site.casework)
    site.show_run_of(made)
    return made


@pytest.fixture
def visit(browser: Browser, site: CaseSite, case: Case) -> Iterator[BrowserContext]:
    """The customer's browser."""
    cookie, _ = invitations.accept(site.casework, invitations.invite(site.casework, case.id, VERIFIER))
    context = browser.new_context(locale="en-GB")
    context.add_cookies([{"name": "visit", "value": cookie, "url": site.address}])
    yield context
    context.close()


def looked_at(page: Page, problems: list[str]) -> None:
    """Nothing scrolls sideways, and axe finds nothing; no policy was broken on the way."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
    assert problems == []


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    page, problems = context.new_page(), []
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page, problems


def test_a_signature_is_drawn_with_a_pointer_and_shown(
    visit: BrowserContext, site: CaseSite, case: Case
) -> None:
    page, problems = watched(visit)
    page.goto(f"{site.address}visit/result/sign/customer?lang=en")
    pad = page.locator("canvas")

    def draw() -> None:
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + 30)
        page.mouse.down()
        for step in range(1, 15):
            page.mouse.move(box["x"] + 20 + 15 * step, box["y"] + 30 + (40 if step % 2 else 0))
        page.mouse.up()

    draw()
    assert page.locator("input[name=strokes]").input_value().startswith("[[[")
    page.get_by_role("button", name="Clear").click()
    assert page.locator("input[name=strokes]").input_value() == ""
    draw()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator(".signature-drawn path")).to_have_count(1)
    assert len(signatures(site.casework, case.id)[Signer.CUSTOMER].strokes) == 1
    assert problems == []


def test_without_a_script_a_bill_is_shown_all_the_same(browser: Browser, site: CaseSite, case: Case) -> None:
    link = invitations.result_link(site.casework, case.id, VERIFIER)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{site.address}result/{link}?lang=en")
    page.get_by_label("Consumption in a year").fill("2400")
    page.get_by_label("Price of one kWh").fill("0.60")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator(".bill-headline")).to_contain_text("EUR")
    assert context.cookies() == [] or {c["name"] for c in context.cookies()} == {"lang"}
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wall_fits_its_screen_and_axe_finds_nothing(browser: Browser, language: str) -> None:
    with CaseSite(canned.measuring()) as site:
        context = browser.new_context(locale="en-GB")
        page, problems = watched(context)
        for name, state in (
            ("measuring", canned.measuring()),
            ("idle", canned.idle()),
            ("pass", canned.finished_pass()),
        ):
            site.bench.set_state(state)
            page.goto(f"{site.address}wall?lang={language}")
            expect(page.locator("main")).to_have_attribute("data-scene", name)
            for width, height in WALLS:
                page.set_viewport_size({"width": width, "height": height})
                until_live(page, site)  # what is stale is pale, and is meant to be
                looked_at(page, problems)
                assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        context.close()
