"""Photos of a self-check on the pages: on the way, with what was found, with the application; nothing of what was said
before is lost, and nobody sees another one's."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from flask import Flask
from PIL import Image

from tests.casework import stories
from tests.web import visiting
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench
from tests.web.test_apply import FILLED_IN, only_case
from tests.web.test_self_check import (
    KNOWN_LOAD,
    LAMP,
    NO_LOAD,
    PLATE,
    arguments,
    code_on,
    found_of,
    pressed,
    timed,
)
from web.access import PHOTO_TRIES
from web.casework import picture, self_check_photos, self_checks
from web.casework.self_check_photos import MOST_OF_A_CODE, Shows
from web.casework.store import Casework
from web.self_check import photos as pages

ADD = "/self-check/photo"
Desk = Callable[..., AtADesk]


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Desk:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


def taken(kind: str = "JPEG") -> bytes:
    """With the place where it was taken."""
    image, into = Image.new("RGB", (64, 48), "green"), io.BytesIO()
    exif = image.getexif()
    exif[0x010E] = "SECRET-PLACE"
    image.save(into, kind, exif=exif)
    return into.getvalue()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form for photos."""
    form = page.split(f'action="{ADD}"', 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def send(visitor: AtADesk, page: str, **files: bytes):
    """The form for photos of a page, with these files."""
    fields: dict[str, object] = {**hidden(visitor.text(page))}
    fields |= {name: (io.BytesIO(data), "../IMG_1.jpg") for name, data in files.items()}
    return visitor.client.post(ADD, data=fields, headers={"Accept-Language": visitor.language})


def added(visitor: AtADesk, page: str, **files: bytes) -> str:
    response = send(visitor, page, **files)
    assert response.status_code == 303, unescape(response.text)
    return str(response.location)


def photos_on(visitor: AtADesk, page: str) -> list[str]:
    return re.findall(r'<img src="(/[^"]*photo/[^"]+)"', visitor.text(page))


def with_photo(desk: Desk, clock) -> tuple[AtADesk, str]:
    """A check that was done, with a photo of the meter at the end; its code."""
    visitor = desk()
    code = code_on(found_of(visitor, timed(visitor, clock, NO_LOAD, 1819, **PLATE), flashes="2"))
    added(visitor, f"/self-check/found/{code}", photo_meter_end=taken())
    return visitor, code


def test_a_photo_before_the_time_begins_goes_with_the_check(desk, clock, casework: Casework) -> None:
    visitor = desk()
    ready = added(visitor, f"{NO_LOAD}?{urlencode(PLATE)}", photo_meter_start=taken())
    assert {name: arguments(ready)[name] for name in PLATE} == PLATE
    assert len(photos_on(visitor, ready)) == 1
    page = found_of(visitor, timed(visitor, clock, NO_LOAD, 1819, **arguments(ready)), flashes="0")
    assert code_on(page) == arguments(ready)["self_check"]
    assert "The meter at the start" in page
    [photo] = self_check_photos.kept(casework, code_on(page))
    assert photo.shows is Shows.METER_START


def test_photos_while_the_lamp_is_on_stop_no_clock(desk, clock, casework: Casework) -> None:
    visitor = desk()
    watch = pressed(visitor, KNOWN_LOAD, **LAMP, first="100", start="yes")
    clock.at = (datetime.fromisoformat(clock.at) + timedelta(seconds=600)).isoformat()
    after = added(visitor, watch, photo_meter_start=taken(), photo_load_plate=taken("WEBP"))
    assert {**arguments(watch), "self_check": arguments(after)["self_check"]} == arguments(after)
    assert 'data-left-s="17400' in visitor.text(after)
    assert [one.shows for one in self_check_photos.kept(casework, arguments(after)["self_check"])] == [
        Shows.METER_START,
        Shows.LOAD_PLATE,
    ]


def test_whoever_counts_flashes_is_not_led_away_from_the_lamp(desk, clock) -> None:
    visitor, lamp = desk(), LAMP | {"register": "pulses", "constant": "1200"}
    assert ADD in visitor.text(f"{KNOWN_LOAD}?{urlencode(lamp)}")
    assert ADD not in visitor.text(pressed(visitor, KNOWN_LOAD, **lamp, start="yes"))


def test_what_is_shown_is_a_picture_of_ours(desk, clock) -> None:
    visitor, code = with_photo(desk, clock)
    [address] = photos_on(visitor, f"/self-check/found/{code}")
    response = visitor.get(address)
    assert response.mimetype == "image/jpeg"
    assert b"SECRET-PLACE" in taken()
    assert b"SECRET-PLACE" not in response.data
    assert Image.open(io.BytesIO(response.data)).size == (64, 48)
    assert visitor.get(address.replace(code, "0" * 26)).status_code == 404


def test_a_photo_can_be_taken_away(desk, clock, casework: Casework) -> None:
    visitor, code = with_photo(desk, clock)
    page = f"/self-check/found/{code}"
    [photo] = self_check_photos.kept(casework, code)
    other = visitor.send("/self-check/photo/away", page, back="found", self_check=code, number=photo.id + 1)
    assert other.status_code == 404
    assert photos_on(visitor, page) != []
    visitor.sent("/self-check/photo/away", page, back="found", self_check=code, number=photo.id)
    assert photos_on(visitor, page) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "can be read"),
        (b"\xff\xd8\xff\xe0 no picture", "can be read"),
        (b"GIF89a" + bytes(90), "can be read"),
        (b"<svg onload=alert(1)>", "can be read"),
        (bytes(2001), "0 MB at most"),
    ],
    ids=["empty", "broken", "gif", "svg", "large"],
)
def test_what_is_no_photo_is_said_beside_its_field_and_nothing_is_lost(
    desk, casework: Casework, monkeypatch: pytest.MonkeyPatch, data: bytes, said: str
) -> None:
    for module in (picture, pages):
        monkeypatch.setattr(module, "MOST_BYTES", 2000)
    visitor = desk()
    watch = pressed(visitor, KNOWN_LOAD, **LAMP, first="100", start="yes")
    response = send(visitor, watch, photo_meter_start=taken(), photo_load_plate=data)
    page = unescape(response.text)
    assert response.status_code == 422
    assert 'id="photo_load_plate-error"' in page
    assert said in page
    assert 'id="photo_meter_start-error"' not in page
    back = re.search(r'class="button button-main" href="([^"]+)"', page)
    assert back is not None
    typed = {name: value for name, value in arguments(watch).items() if value}
    assert arguments(back[1]) == typed
    assert hidden(page).items() >= typed.items()
    with casework.reading() as database:
        assert database.execute("SELECT COUNT(*) FROM self_check_photo").fetchone()[0] == 0


def test_a_form_without_a_photo_says_so(desk, clock) -> None:
    response = send(desk(), f"{NO_LOAD}?{urlencode(PLATE)}")
    assert response.status_code == 422
    assert "Choose a photo first" in response.text


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [("MOST_OF_A_CODE", 1, "take one away first"), ("MOST_BYTES", 10, "no room for more photos")],
)
def test_what_does_not_fit_is_said_and_the_check_goes_on(
    desk, clock, casework, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, said: str
) -> None:
    visitor, code = with_photo(desk, clock)
    monkeypatch.setattr(self_check_photos, limit, most)
    page = f"/self-check/found/{code}"
    response = send(visitor, page, photo_meter_end=taken())
    assert response.status_code == 422
    assert said in unescape(response.text)
    assert f"{page}#photos" in response.text
    assert len(self_check_photos.kept(casework, code)) == 1


def test_a_full_code_offers_no_further_field(desk, clock, casework: Casework) -> None:
    visitor, code = with_photo(desk, clock)
    page = f"/self-check/found/{code}"
    while len(self_check_photos.kept(casework, code)) < MOST_OF_A_CODE:
        added(visitor, page, photo_meter_end=taken())
    assert 'type="file"' not in visitor.text(page)
    assert f"There are {MOST_OF_A_CODE}" in visitor.text(page)


def test_one_address_sends_so_many_photos_and_no_more(desk, casework: Casework) -> None:
    visitor, page = desk(), f"{NO_LOAD}?{urlencode(PLATE)}"
    for _ in range(PHOTO_TRIES):
        assert send(visitor, page, photo_meter_start=b"x").status_code == 422
    response = send(visitor, page, photo_meter_start=taken())
    assert response.status_code == 422
    assert "try again in 60 min" in unescape(response.text)
    with casework.reading() as database:
        assert database.execute("SELECT COUNT(*) FROM self_check_photo").fetchone()[0] == 0


@pytest.mark.parametrize("back", ["", "found", "staff", "https://evil", "x" * 3000])
def test_a_form_of_no_screen_is_none(desk, back: str) -> None:
    visitor = desk()
    sent = visitor.send(ADD, f"{NO_LOAD}?{urlencode(PLATE)}", back=back, self_check="x")
    assert sent.status_code == 404


def test_it_comes_with_the_application_and_each_side_sees_it(
    desk, clock, casework, clerk: AtADesk, service: Flask
) -> None:
    visitor, code = with_photo(desk, clock)
    assert len(photos_on(visitor, f"/apply?self_check={code}")) == 1
    visitor.sent("/apply", f"/apply?self_check={code}", **FILLED_IN, self_check=code)
    case = only_case(casework)
    [address] = photos_on(clerk, f"/office/case/{case.id}")
    assert clerk.get(address).mimetype == "image/jpeg"
    assert visitor.get(address).status_code == 303
    assert "Photo of a self-check" in clerk.text(f"/office/case/{case.id}")
    other = stories.planned(casework, "B-2", "P4", "P5")
    assert clerk.get(address.replace(case.id, other.id)).status_code == 404
    assert visitor.get(f"/self-check/photo/{code}/1").status_code == 404


def test_the_customer_sees_it_in_the_visit_and_no_other_customer_does(
    desk, clock, casework, service: Flask
) -> None:
    case = stories.planned(casework)
    other = stories.planned(casework, "B-2", "P4", "P5")
    _, code = with_photo(desk, clock)
    self_checks.attach(casework, code, case.id)
    mine, foreign = visiting.visitor(service, case.id), visiting.visitor(service, other.id)
    [address] = re.findall(r'<img src="(/visit/self-check-photo/[^"]+)"', mine.get("/visit").text)
    assert mine.get(address).mimetype == "image/jpeg"
    assert foreign.get(address).status_code == 404
