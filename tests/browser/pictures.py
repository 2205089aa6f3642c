"""Pictures of every state of the page: both languages, three sizes, light and dark.

`python -m tests.browser.pictures [--out var/screens] [--state NAME ...] [--readme docs/page.png]`
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.live_site import LiveSite, launch
from tests.web import canned, states
from web.customer.scene import scene_of
from web.customer.screens import AUTO, layout_of

SIZES = {"tablet": (820, 1180), "tablet-wide": (1180, 820), "phone": (360, 800)}
NAMES = (*states.ALL, "stale", "no_bench")
"""The canned states, and the two in which nothing is heard of the bench."""
LOOKS, LOOK_MS = 30, 1_000


def take(browser: Browser, site: LiveSite, lonely_site: LiveSite, out: Path, names: list[str]) -> int:
    """Pictures of the named states; returns how many were made."""
    made = 0
    for language in ("zh", "en"):
        for colours in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
                for name in names:
                    show(page, lonely_site if name == "no_bench" else site, name, language)
                    page.screenshot(path=out / f"{name}-{size}-{language}-{colours}.png", full_page=True)
                    made += 1
                page.close()
    return made


def until_live(page: Page, site: LiveSite) -> None:
    """A page is live while the bench's last word is young: it speaks until a page that opens slowly has heard it."""
    for _ in range(LOOKS):
        site.bench.change({})
        with contextlib.suppress(AssertionError):
            expect(page.locator("body")).to_have_attribute("data-freshness", "live", timeout=LOOK_MS)
            return
    raise AssertionError("the page does not become live")


def leave(page: Page, address: str) -> None:
    """Away from a page that hears the bench: it would load itself again in the middle of what comes next.

    To a file of the same site, for which the browser needs no process of its own, as it does for about:blank.
    """
    page.goto(address + "static/lamp.js")


def show(page: Page, site: LiveSite, name: str, language: str) -> None:
    """Bring a page to a state and wait until it shows it."""
    if name == "no_bench":
        page.goto(site.address + f"?lang={language}")
        expect(page.locator("main")).to_have_attribute("data-scene", "no_bench")
        return
    state = states.ALL["measuring" if name == "stale" else name]()
    leave(page, site.address)
    site.bench.set_state(state)
    page.goto(site.address + f"?lang={language}")
    scene = "list" if layout_of(state, AUTO).startswith("list") else scene_of(state, "1").value
    expect(page.locator("main")).to_have_attribute("data-scene", scene)
    until_live(page, site)
    if name == "stale":
        expect(page.locator("body")).to_have_attribute("data-freshness", "none", timeout=10_000)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("var/screens"))
@click.option("--state", "states", multiple=True, help="Only these states.")
@click.option("--readme", type=click.Path(path_type=Path), help="Make the picture of the README instead.")
def main(out: Path, states: tuple[str, ...], readme: Path | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, LiveSite(canned.measuring()) as site, LiveSite(None) as lonely_site:
        browser = launch(playwright.chromium)
        site.bench.wait_for_subscriber()
        if readme is not None:
            page = browser.new_page(viewport={"width": 820, "height": 1180}, color_scheme="light")
            show(page, site, "measuring", "en")
            page.screenshot(path=readme)
            click.echo(f"{readme}: {readme.stat().st_size} bytes")
        else:
            click.echo(f"{take(browser, site, lonely_site, out, list(states or NAMES))} pictures in {out}")
        browser.close()


if __name__ == "__main__":
    main()
