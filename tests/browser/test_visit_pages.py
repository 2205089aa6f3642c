"""A customer's visit in a real browser: coming in, what is there to read, the live page and the question button."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story
from tests.browser.pictures import until_live
from tests.browser.test_live_page import GREY_MS
from tests.casework.stories import under_test
from tests.web import canned
from web.casework import invitations, questions

pytestmark = pytest.mark.browser


def measuring(case_id: str) -> dict[str, Any]:
    state = copy.deepcopy(canned.measuring())
    state["run"] |= {"id": "run-of-another-day", "case": case_id}
    return state


def test_an_invitation_is_used_by_its_button(page: Page, site: CaseSite, story: Story) -> None:
    token = invitations.invite(site.casework, story.ready.id, "P2")
    page.goto(f"{site.address}join/{token}?lang=en")
    page.get_by_role("button", name="Come in").click()
    expect(page).to_have_url(site.address + "visit")
    expect(page.locator(".meter-serial").first).to_contain_text(story.ready.serial)


def test_the_page_becomes_the_live_one_when_the_own_test_begins(
    page: Page, site: CaseSite, story: Story
) -> None:
    before = site.bench.state
    site.bench.set_state(measuring("C2026-0999"))
    site.let_in(page.context, story.ready)
    page.goto(site.address + "visit/live?lang=en")
    expect(page.locator("#now")).to_contain_text("There is another meter on the bench")
    site.bench.set_state(measuring(story.ready.id))
    expect(page.locator(".course .step-name").first).to_be_visible()
    site.bench.set_state(measuring("C2026-0999"))
    expect(page.locator("#now")).to_contain_text("There is another meter on the bench")
    page.goto("about:blank")
    site.bench.set_state(before)


def test_a_question_is_asked_from_the_corner_and_its_answer_comes_by_itself(
    page: Page, site: CaseSite, story: Story
) -> None:
    site.let_in(page.context, story.ready)
    page.goto(site.address + "visit/live?lang=en")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#corner-question").fill("Why does it wait?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your verifier has it")).to_be_visible()
    [asked] = questions.questions(site.casework, story.ready.id)
    page.goto(site.address + "visit/questions?lang=en")
    expect(page.get_by_text("Waiting for an answer")).to_be_visible()
    questions.answer(site.casework, asked.id, "The load is set by hand.", "P2")
    expect(page.get_by_text("The load is set by hand.")).to_be_visible()


def test_a_word_opens_its_meaning_without_a_script(browser: Browser, site: CaseSite, story: Story) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    site.let_in(context, story.tested)
    page = context.new_page()
    page.goto(site.address + "visit/live")
    meaning = page.locator("#word-give_or_take")
    assert not meaning.is_visible()
    page.get_by_role("button", name="give or take").click()
    assert meaning.is_visible()
    context.close()


def test_who_is_no_longer_in_is_told_by_the_open_page(page: Page, site: CaseSite, story: Story) -> None:
    site.let_in(page.context, story.planned)
    page.goto(site.address + "visit/live?lang=en")
    expect(page.locator("#now")).to_be_visible()
    invitations.end_visits(site.casework, story.planned.id, "P5")
    expect(page.get_by_text("This visit is over")).to_be_visible()


def test_a_visit_s_live_page_turns_grey_within_two_seconds_of_the_last_word(page: Page) -> None:
    with CaseSite(canned.idle()) as site:
        case = under_test(site.casework)
        site.shows(site.state_of(case, "measuring"))
        site.let_in(page.context, case)
        page.clock.install()
        page.goto(site.address + "visit/live?lang=en")
        until_live(page, site)
        page.clock.pause_at(page.evaluate("Date.now() + 100") / 1000)
        site.bench.change({"positions": {"1": {"pulses": 30}}})
        expect(page.locator(".count .number")).to_have_text("30")
        site.close()
        page.clock.run_for(GREY_MS)
        assert page.locator("body").get_attribute("data-freshness") == "old"
