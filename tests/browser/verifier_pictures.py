"""Pictures of every state of the verifier page: both languages, three sizes, light and dark.

`python -m tests.browser.verifier_pictures [--out var/verifier] [--state NAME ...]`
"""

from __future__ import annotations

import json
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.evidence.page_builder import verifier_page
from tests.browser.hand_made import OTHER_KEY, HandMade, canonical, fingerprint_of, root_of, sha256
from tests.browser.live_site import launch

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "computer": (1280, 900)}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
GOLDEN = Path(__file__).parents[1] / "golden" / "run-2"


def golden() -> HandMade:
    raw = {path.name: path.read_bytes() for path in GOLDEN.iterdir() if path.name != "records.jsonl"}
    return HandMade((GOLDEN / "records.jsonl").read_bytes().splitlines(), raw)


def falsified() -> bytes:
    """The holder of the key has changed a figure and sealed all of it again."""
    bundle = golden()
    *changed, end = (each.replace(b'"0.399084"', b'"0.199084"') for each in bundle.records)
    fields = json.loads(end)
    fields["checkpoint"]["root_sha256"] = root_of([sha256(b"\x00", each) for each in changed]).hex()
    bundle.records = [*changed, canonical(fields)]
    return bundle.archive()


def torn(files: dict[str, bytes]) -> None:
    files["records.jsonl"] = files["records.jsonl"].replace(b'"0.399084"', b'"0.199084"')
    files["runs/run-000001/reference.jsonl"] = files["runs/run-000001/reference.jsonl"][:-40]


STATES = {
    "empty": None,
    "agrees": golden().archive(),
    "other_key": golden().archive(),
    "differs": falsified(),
    "changed": golden().archive(torn),
    "refused": b"no bundle",
}


def show(page: Page, address: str, state: str) -> None:
    """Bring the page to a state, all that it folds away opened."""
    page.goto(address)
    data = STATES[state]
    if data is None:
        return
    page.set_input_files("#file", {"name": "bundle.zip", "mimeType": "application/zip", "buffer": data})
    expect(page.locator("#outcome")).to_be_visible()
    if state == "other_key":
        page.locator("#typed").fill(fingerprint_of(OTHER_KEY))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def take(browser: Browser, address: str, out: Path, names: list[str]) -> int:
    """Pictures of the named states; returns how many were made."""
    made = 0
    for language, locale in LOCALES.items():
        for colours in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                viewport = {"width": width, "height": height}
                page = browser.new_page(viewport=viewport, locale=locale, color_scheme=colours)
                for name in names:
                    show(page, address, name)
                    page.screenshot(path=out / f"{name}-{size}-{language}-{colours}.png", full_page=True)
                    made += 1
                page.close()
    return made


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("var/verifier"))
@click.option("--state", "names", multiple=True, type=click.Choice(list(STATES)), help="Only these states.")
def main(out: Path, names: tuple[str, ...]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    path = (out / "verify.html").absolute()
    path.write_bytes(verifier_page())
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        click.echo(f"{take(browser, path.as_uri(), out, list(names or STATES))} pictures in {out}")
        browser.close()


if __name__ == "__main__":
    main()
