"""Pictures of every screen of the service: both languages, at the sizes that its people use.

`python -m tests.browser.case_pictures [--out var/screens] [--screen NAME ...] [--dark] [--readme docs/console.png]`

The screens are the list in `case_screens.py`; the cases that they show are told in `case_story.py`.
"""

from __future__ import annotations

from pathlib import Path

import click
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.case_screen import DESK, Screen
from tests.browser.case_screens import SCREENS
from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story, told
from tests.browser.live_site import launch
from tests.browser.pictures import until_live

LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def opened(
    browser: Browser, site: CaseSite, screen: Screen, language: str, *, is_dark: bool = False
) -> BrowserContext:
    """A browser of whoever looks at a screen, in a language."""
    colours = "dark" if is_dark else "light"
    context = browser.new_context(locale=LANGUAGES[language], color_scheme=colours)
    if screen.who is not None:
        site.sign_in(context, screen.who)
    return context


def show(page: Page, site: CaseSite, story: Story, screen: Screen) -> None:
    """Bring a page to what the screen shows."""
    state = story.state if screen.state is None else screen.state(story)
    if site.bench.state != state:
        site.shows(state)
    if screen.visits is not None:
        site.let_in(page.context, screen.visits(story))
    page.goto(site.address + screen.address(site, story))
    if screen.act is not None:
        screen.act(page)
        page.wait_for_load_state()
    if page.locator("body[data-freshness]").count():
        until_live(page, site)


def take(browser: Browser, site: CaseSite, story: Story, screen: Screen, out: Path, *, is_dark: bool) -> int:
    """The pictures of one screen; returns how many were made."""
    made = 0
    for language in LANGUAGES:
        context = opened(browser, site, screen, language, is_dark=is_dark)
        page = context.new_page()
        page.set_viewport_size(dict(zip(("width", "height"), screen.sizes[0], strict=True)))
        show(page, site, story, screen)
        for width, height in screen.sizes:
            page.set_viewport_size({"width": width, "height": height})
            if page.locator("body[data-freshness]").count():
                until_live(page, site)
            end = "-dark" if is_dark else ""
            page.screenshot(path=out / f"{screen.name}-{width}-{language}{end}.png", full_page=True)
            made += 1
        context.close()
    return made


def picture_of_the_readme(browser: Browser, site: CaseSite, story: Story, path: Path) -> str:
    """The verifier's console before a start, one screen of a desk; returns what was made."""
    console = next(screen for screen in SCREENS if screen.name == "console")
    context = opened(browser, site, console, "en")
    page = context.new_page()
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    show(page, site, story, console)
    page.screenshot(path=path)
    context.close()
    return f"{path}: {path.stat().st_size} bytes"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("var/screens"))
@click.option("--screen", "names", multiple=True, help="Only these screens.")
@click.option("--dark", "is_dark", is_flag=True, help="In the colours for the night.")
@click.option("--readme", type=click.Path(path_type=Path), help="Make the picture of the README instead.")
def main(out: Path, names: tuple[str, ...], is_dark: bool, readme: Path | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    chosen = [screen for screen in SCREENS if not names or screen.name in names]
    with sync_playwright() as playwright, CaseSite() as site:
        story = told(site)
        browser = launch(playwright.chromium)
        if readme is not None:
            said = picture_of_the_readme(browser, site, story, readme)
        else:
            made = sum(take(browser, site, story, screen, out, is_dark=is_dark) for screen in chosen)
            said = f"{made} pictures in {out}"
        browser.close()
    click.echo(said)


if __name__ == "__main__":
    main()
