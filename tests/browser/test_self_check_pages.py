"""The self-check in a real browser: the time goes on while the phone is locked; thumb and camera count flashes."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.case_screens_self_check import PLATE
from tests.browser.case_site import CaseSite
from tests.browser.live_site import CHROMIUM

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 800}
WIDTH, HEIGHT, FRAMES_A_S = 160, 120, 30


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    yield context.new_page()
    context.close()


def begun(page: Page, site: CaseSite) -> None:
    page.goto(f"{site.address}self-check/no-load?{urlencode(PLATE)}")
    page.get_by_role("button", name="Start the time now").click()


def test_the_time_goes_on_while_the_phone_is_locked(phone: Page, site: CaseSite) -> None:
    """30 min 18 s to watch. A phone that sleeps runs no timer: its clock jumps; a page that is loaded again asks the
    server."""
    began = site.clock.at
    phone.clock.set_fixed_time(began)
    begun(phone, site)
    clock = phone.locator(".clock")
    expect(clock).to_have_text("30:19")
    phone.clock.set_fixed_time(began + timedelta(minutes=10))
    expect(clock).to_have_text("20:19")
    for _ in range(3):
        phone.get_by_role("button", name="Tap at each flash").click()
    site.clock.move(seconds=1200)
    phone.reload()
    expect(clock).to_have_text("10:19")
    expect(phone.locator("#count")).to_have_text("3")
    phone.clock.set_fixed_time(began + timedelta(minutes=31))
    expect(clock).to_have_text("Time is over")
    expect(phone.locator("#tap")).to_be_disabled()


def test_flashes_go_into_the_answer(phone: Page, site: CaseSite) -> None:
    begun(phone, site)
    tap = phone.get_by_role("button", name="Tap at each flash")
    for _ in range(3):
        tap.click()
    phone.get_by_role("button", name="One less").click()
    site.clock.move(seconds=1900)
    phone.get_by_role("button", name="Stop counting").click()
    expect(phone.locator("[name=flashes]")).to_have_value("2")
    phone.get_by_role("button", name="What does it say?").click()
    expect(phone.locator("main")).to_contain_text("Something counted, at least 1.6 W")
    phone.get_by_role("link", name="Apply for a test with this").click()
    expect(phone.locator("#self_check")).to_contain_text("Something counted, at least 1.6 W")


DETECT = """async ([address, seen]) => {
  const { FlashDetector } = await import(address);
  const detector = new FlashDetector();
  return seen.filter((brightness, frame) => detector.feed(brightness, frame * 1000 / 30)).length;
}"""
"""How many flashes there are in brightnesses (0 to 255) of 30 frames a second."""


def lit(t: float, period: float, length: float) -> bool:
    """A lamp that is on in the middle of each period (s)."""
    return abs(t % period - period / 2) < length / 2


@pytest.mark.parametrize(
    ("seconds", "light", "flashes"),
    [
        (60, lambda t: 40, 0),
        (60, lambda t: 40 + 120 * lit(t, 1, 0.1), 60),
        (60, lambda t: 40 + 25 * lit(t, 1, 0.07), 60),
        (1800, lambda t: 40 + 60 * lit(t, 600, 0.1), 3),
        (60, lambda t: 40 if t < 30 else 160, 0),
        (60, lambda t: 160 if t < 30 else 40, 0),
        (60, lambda t: 100 + 60 * math.sin(t / 5), 0),
        (60, lambda t: (40 if t < 29.4 else 160) + 80 * lit(t, 2, 0.1), 30),
        (60, lambda t: 100 + 60 * math.sin(t / 5) + 80 * lit(t, 2, 0.1), 30),
        (20, lambda t: 40 + 100 * lit(t, 0.25, 0.1), 80),
        (60, lambda t: 40 + 120 * lit(t, 10, 3), 0),
    ],
    ids=[
        "dark",
        "flashes",
        "dim",
        "rare",
        "light on",
        "light off",
        "slow",
        "and light",
        "and slow",
        "fast",
        "long",
    ],
)
def test_what_is_a_flash(
    phone: Page, site: CaseSite, seconds: int, light: Callable[[float], float], flashes: int
) -> None:
    noise = random.Random(7)
    seen = [light(frame / 30) + noise.uniform(-3, 3) for frame in range(seconds * 30)]
    phone.goto(f"{site.address}self-check")
    counted = phone.evaluate(DETECT, [f"{site.address}static/flash-detector.js", seen])
    assert counted == flashes


def test_the_camera_counts(browser: Browser, site: CaseSite, tmp_path: Path) -> None:
    """A lamp in the middle of the picture, once a second."""
    video = tmp_path / "lamp.y4m"
    video.write_bytes(lamp_video())
    arguments = [
        "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={video}",
    ]  # fmt: skip
    with_camera = browser.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    page = with_camera.new_context(viewport=PHONE, locale="en-GB").new_page()
    begun(page, site)
    page.get_by_role("button", name="Let the camera count").click()
    expect(page.locator("#count")).to_have_text(re.compile(r"[3-9]|\d\d+"))
    seen_s = page.evaluate("document.getElementById('seen').currentTime")
    assert int(page.locator("#count").inner_text()) <= seen_s + 2
    with_camera.close()


def lamp_video() -> bytes:
    """Four seconds of a lamp that is lit for 4 of 30 frames, small, in the middle of a dark picture."""
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_S}:1 Ip A1:1 C420jpeg\n".encode()
    colour = bytes([128]) * (WIDTH * HEIGHT // 2)
    dark = bytearray([40]) * (WIDTH * HEIGHT)
    lit = bytearray(dark)
    for row in range(HEIGHT // 2 - 12, HEIGHT // 2 + 12):
        lit[row * WIDTH + WIDTH // 2 - 12 : row * WIDTH + WIDTH // 2 + 12] = bytes([230]) * 24
    frames = (lit if number % FRAMES_A_S >= FRAMES_A_S - 4 else dark for number in range(4 * FRAMES_A_S))
    return header + b"".join(b"FRAME\n" + bytes(frame) + colour for frame in frames)
