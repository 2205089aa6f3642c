"""The page in a real browser: what a customer sees while things change, stop and come back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_site import LiveSite
from tests.browser.looking import violations
from tests.browser.pictures import SIZES, show, until_live
from tests.web import canned, states
from tests.web.fake_bench import FakeBench

pytestmark = pytest.mark.browser

GREY_MS = 2_000
"""At most this long a page whose data have stopped looks as if it were live."""
COMES_BACK_MS = 5_000
"""All viewers are live again within this time after the server is."""


def open_live(page: Page, site: LiveSite) -> None:
    page.goto(site.address + "?lang=en")
    until_live(page, site)


def test_a_pulse_reaches_the_page_without_loading_it_again(page: Page, measuring_site: LiveSite) -> None:
    open_live(page, measuring_site)
    page.evaluate("window.sameDocument = true")
    measuring_site.bench.change({"positions": {"1": {"pulses": 30}}})
    expect(page.locator(".count .number")).to_have_text("30")
    assert page.evaluate("window.sameDocument")


def test_the_lamp_lights_when_a_pulse_came(page: Page, measuring_site: LiveSite) -> None:
    open_live(page, measuring_site)
    # On an attribute and not in a function that is polled: the page's policy lets no string be evaluated in it.
    page.evaluate(
        """() => { new MutationObserver(() => {
            if (document.getElementById("lamp").classList.contains("lit"))
                document.body.dataset.lit = 1 + Number(document.body.dataset.lit || 0);
        }).observe(document.getElementById("lamp"), { attributes: true }); }"""
    )
    measuring_site.bench.change({"positions": {"1": {"pulses": 30}}})
    expect(page.locator("body")).to_have_attribute("data-lit", "1")


def test_the_lamp_can_be_stopped(page: Page, measuring_site: LiveSite) -> None:
    open_live(page, measuring_site)
    button = page.get_by_role("button", name="Stop the flashing")
    button.click()
    expect(page.get_by_role("button", name="Let it flash")).to_have_attribute("aria-pressed", "true")


def test_the_verdict_arrives_and_is_said_once_to_a_screen_reader(
    page: Page, measuring_site: LiveSite
) -> None:
    open_live(page, measuring_site)
    measuring_site.bench.set_state(canned.finished_pass())
    expect(page.locator(".verdict-big")).to_have_text("PASS")
    expect(page.locator("#spoken")).to_contain_text("Your meter passed")


def test_a_tick_is_not_said_to_a_screen_reader(page: Page, measuring_site: LiveSite) -> None:
    open_live(page, measuring_site)
    before = page.locator("#spoken").text_content()
    measuring_site.bench.change({"positions": {"1": {"pulses": 30, "running": {"pulses": 28}}}})
    expect(page.locator(".sentence")).to_contain_text("28 whole intervals")
    assert page.locator("#spoken").text_content() == before


def test_a_page_whose_server_is_gone_turns_grey_and_then_strikes_its_figures(
    page: Page, live_site: LiveSite
) -> None:
    page.clock.install()
    open_live(page, live_site)
    page.clock.pause_at(page.evaluate("Date.now() + 100") / 1000)
    live_site.stop_web()
    page.clock.run_for(GREY_MS)
    assert page.locator("body").get_attribute("data-freshness") == "old"
    page.clock.run_for(3_100)
    expect(page.locator("body")).to_have_attribute("data-freshness", "none")
    expect(page.locator("#age")).to_contain_text("No live data")
    expect(page.locator(".note-stale")).to_be_visible()
    assert "line-through" in page.locator(".big").evaluate("e => getComputedStyle(e).textDecorationLine")
    expect(page.locator("#spoken")).to_contain_text("No live data")


def test_a_page_comes_back_by_itself_after_the_server_was_restarted(page: Page, live_site: LiveSite) -> None:
    open_live(page, live_site)
    live_site.stop_web()
    expect(page.locator("#age")).not_to_have_text("Live", timeout=COMES_BACK_MS)
    live_site.bench.state = canned.finished_fail()
    live_site.start_web()
    expect(page.locator(".verdict-big")).to_have_text("FAIL", timeout=COMES_BACK_MS)
    expect(page.locator("body")).to_have_attribute("data-freshness", "live")


def test_a_page_comes_back_after_the_bench_was_restarted(page: Page, live_site: LiveSite) -> None:
    open_live(page, live_site)
    live_site.bench.replace(canned.idle())
    expect(page.locator(".sentence")).to_have_text("The bench is ready", timeout=COMES_BACK_MS)
    expect(page.locator("body")).to_have_attribute("data-freshness", "live")


def test_a_page_opened_before_the_bench_says_so_and_goes_live_with_it(page: Page) -> None:
    with LiveSite(None) as site:
        show(page, site, "no_bench", "en")
        expect(page.locator(".sentence")).to_have_text("The bench is not connected yet")
        expect(page.locator("#age")).to_have_text("No live data")
        with FakeBench(site.socket_path, canned.measuring()):
            expect(page.locator("main")).to_have_attribute("data-scene", "measuring", timeout=COMES_BACK_MS)
            site.stop_web()


def test_a_second_position_brings_the_choice(page: Page, measuring_site: LiveSite) -> None:
    open_live(page, measuring_site)
    measuring_site.bench.set_state(canned.two_positions())
    expect(page.get_by_role("heading", name="Choose your meter")).to_be_visible()
    page.get_by_role("link", name="Position 2").click()
    expect(page.locator(".meter-serial")).to_have_text("No. 33 0901 2765")


def test_the_page_of_a_position_that_no_run_has_opens_with_the_run_that_has_it(
    page: Page, measuring_site: LiveSite
) -> None:
    page.clock.install()
    address = f"{measuring_site.address}position/2?lang=en"
    page.goto(address)
    page.clock.run_for(10_100)
    expect(page.locator(".sentence")).to_contain_text("There is no such position")
    measuring_site.bench.set_state(canned.two_positions())
    while not page.request.get(address).ok:
        pass  # until the pages have heard of it
    page.clock.run_for(10_100)
    expect(page.locator(".meter-serial")).to_have_text("No. 33 0901 2765")


def test_the_language_is_switched_with_one_tap_and_kept(page: Page, measuring_site: LiveSite) -> None:
    open_live(page, measuring_site)
    page.locator(".language").click()
    expect(page.locator("h2").first).to_have_text("电表上的灯")
    page.goto(measuring_site.address)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_too_many_viewers_are_told_so(browser: Browser) -> None:
    with LiveSite(canned.measuring(), viewers=1) as site:
        # A page from before the bench was heard loads again, and its first stream may still hold the only place.
        site.bench.wait_for_subscriber()
        first, second = browser.new_page(), browser.new_page()
        open_live(first, site)
        second.goto(site.address + "?lang=en")
        expect(second.locator("#age")).to_contain_text("Full, retrying")
        first.close()
        second.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_word_that_somebody_typed_does_not_push_the_page_off_a_telephone(
    page: Page, measuring_site: LiveSite, language: str
) -> None:
    why = f"see /var/lib/meter-test-bench/{'state/' * 8}seals.jpg: torn"
    failed = {"reason": "skipped_by_operator", "values": {"why": why}}
    state = canned.finished_invalid()
    state["faults"] = [{"at_s": "71", "position": None, "point": "1", **failed}]
    state["positions"]["1"]["results"]["2"]["reasons"] = [failed]
    measuring_site.bench.set_state(state)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{measuring_site.address}?lang={language}")
    expect(page.locator(".faults")).to_contain_text("seals.jpg")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_the_page_still_says_what_is_true(browser: Browser, measuring_site: LiveSite) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(measuring_site.address + "?lang=en")
    expect(page.locator(".sentence")).to_contain_text("27 whole intervals between flashes are counted")
    expect(page.locator(".plot")).to_be_visible()
    expect(page.locator(".note").first).to_contain_text("loads again every 10 seconds")
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", states.ALL)
def test_no_state_needs_sideways_scrolling_or_has_small_targets_or_anything_for_axe(
    kept_page: Page, shown_site: LiveSite, name: str, language: str
) -> None:
    """Dark as well, where what differs are colours alone; what axe says hangs on the words in a few rules only."""
    page = kept_page
    show(page, shown_site, name, language)
    if language == "en":
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, ("color-contrast",)) == [], "dark"
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.evaluate(
            """() => [...document.querySelectorAll("a:not(.skip), button:not([hidden]), summary")]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
        )
        assert small == []


def test_nothing_moves_when_less_motion_is_asked_for(browser: Browser, measuring_site: LiveSite) -> None:
    page = browser.new_page(reduced_motion="reduce")
    open_live(page, measuring_site)
    measuring_site.bench.change({"positions": {"1": {"pulses": 30}}})
    expect(page.locator(".count .number")).to_have_text("30")
    expect(page.locator("#lamp")).not_to_have_class(re.compile("lit"))
    expect(page.locator("#lamp-button")).to_be_hidden()
    page.close()
