"""Photos of a self-check: few, under its code, with it to a case, and gone with it or with the customer."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.casework.stories import OFFICE, Clock, applied, planned
from web.casework import cases, history, limits, self_check_codes, self_check_photos, self_checks
from web.casework.forgetting import forget
from web.casework.model import CUSTOMER
from web.casework.photos import photos as photos_of_the_case
from web.casework.picture import Picture, picture_of
from web.casework.refused import Refused
from web.casework.self_check_photos import MOST_OF_A_CODE, Shows, jpeg_of_case, jpeg_of_code, keep, kept, of
from web.casework.self_checks import KEPT_DAYS, Found, Kind, attach
from web.casework.store import Casework

SAID = {"zh": ["闪了 0 次"], "en": ["none"]}


def picture() -> Picture:
    into = io.BytesIO()
    Image.effect_noise((160, 120), 90).convert("RGB").save(into, "PNG")
    return picture_of(into.getvalue())


def checked(cw: Casework, code: str = "") -> str:
    return self_checks.keep(cw, Kind.NO_LOAD, Found.CONSISTENT, {}, SAID, code)


def test_photos_come_before_the_check_and_the_check_under_their_code(cw: Casework) -> None:
    before = picture()
    code = keep(cw, {Shows.METER_START: before}, "")
    assert checked(cw, code) == code
    assert keep(cw, {Shows.METER_END: picture(), Shows.LOAD_PLATE: picture()}, code) == code
    assert [one.shows for one in kept(cw, code)] == [Shows.METER_START, Shows.METER_END, Shows.LOAD_PLATE]
    assert jpeg_of_code(cw, code, kept(cw, code)[0].id) == before.jpeg


@pytest.mark.parametrize("code", ["", "x", "0" * 26, "\udc80", "' OR 1=1 --"])
def test_under_a_code_that_is_none_there_is_nothing(cw: Casework, code: str) -> None:
    mine = keep(cw, {Shows.METER_START: picture()}, "")
    assert kept(cw, code) == []
    with pytest.raises(Refused, match="no_such_photo"):
        jpeg_of_code(cw, code, kept(cw, mine)[0].id)
    with pytest.raises(Refused, match="no_such_photo"):
        self_check_photos.take_away(cw, code, kept(cw, mine)[0].id)
    assert keep(cw, {Shows.METER_START: picture()}, code) not in (code, mine)


def test_a_code_has_few_and_one_that_is_taken_away_makes_room(cw: Casework) -> None:
    code = ""
    for _ in range(MOST_OF_A_CODE):
        code = keep(cw, {Shows.METER_START: picture()}, code)
    with pytest.raises(Refused, match="check_photos_many"):
        keep(cw, {Shows.METER_END: picture()}, code)
    assert len(kept(cw, code)) == MOST_OF_A_CODE
    self_check_photos.take_away(cw, code, kept(cw, code)[0].id)
    keep(cw, {Shows.METER_END: picture()}, code)


def test_all_of_a_form_or_none(cw: Casework, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check_photos, "MOST_OF_A_CODE", 2)
    code = keep(cw, {Shows.METER_START: picture()}, "")
    with pytest.raises(Refused, match="check_photos_many"):
        keep(cw, {Shows.METER_END: picture(), Shows.LOAD_PLATE: picture()}, code)
    assert len(kept(cw, code)) == 1


def test_who_sends_many_fills_no_disk_and_drives_nothing_out(
    cw: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos of cases that the office has planned are no longer in the way; those of applications still are."""
    size = len(picture().jpeg)
    monkeypatch.setattr(self_check_photos, "MOST_BYTES", int(2.5 * size))
    first = checked(cw, keep(cw, {Shows.METER_START: picture()}, ""))
    second = checked(cw, keep(cw, {Shows.METER_START: picture()}, ""))
    attach(cw, first, applied(cw).id)
    with pytest.raises(Refused, match="check_photos_no_room"):
        keep(cw, {Shows.METER_START: picture()}, "")
    assert len(kept(cw, second)) == 1
    attach(cw, second, planned(cw, "B-2", "P4", "P5").id)
    keep(cw, {Shows.METER_START: picture()}, "")


def test_they_stay_as_long_as_the_check_and_no_longer(cw: Casework, clock: Clock, folder: Path) -> None:
    code = keep(cw, {Shows.METER_START: picture()}, "")
    somewhere = jpeg_of_code(cw, code, kept(cw, code)[0].id)[400:440]
    clock.move(days=KEPT_DAYS - 1)
    checked(cw, code)
    clock.move(days=KEPT_DAYS - 1)
    assert len(kept(cw, code)) == 1
    assert any(somewhere in path.read_bytes() for path in folder.iterdir())
    clock.move(days=1)
    assert kept(cw, code) == []
    assert self_checks.kept(cw, code) == []
    assert not any(somewhere in path.read_bytes() for path in folder.iterdir())


def test_they_go_to_the_case_with_the_check_and_are_none_of_its_checklist(cw: Casework, clock: Clock) -> None:
    code = checked(cw, keep(cw, {Shows.METER_START: picture()}, ""))
    case_id = planned(cw).id
    attach(cw, code, case_id)
    clock.move(days=2 * KEPT_DAYS)
    checked(cw)
    [photo] = of(cw, case_id)
    assert jpeg_of_case(cw, case_id, photo.id)
    assert photos_of_the_case(cw, case_id) == []
    assert kept(cw, code) == []
    entry = history.history(cw, case_id)[-1]
    assert (entry.who, entry.act, entry.values) == (
        CUSTOMER,
        "self_check_photo",
        {"kind": "meter_start", "sha256": photo.sha256},
    )
    other = planned(cw, "B-2", "P4", "P5").id
    with pytest.raises(Refused, match="no_such_photo"):
        jpeg_of_case(cw, other, photo.id)


def test_they_go_with_the_customer(cw: Casework, folder: Path) -> None:
    case_id = planned(cw).id
    attach(cw, checked(cw, keep(cw, {Shows.METER_START: picture()}, "")), case_id)
    somewhere = jpeg_of_case(cw, case_id, of(cw, case_id)[0].id)[400:440]
    cases.withdraw(cw, case_id, CUSTOMER)
    forget(cw, case_id, OFFICE)
    assert of(cw, case_id) == []
    assert not any(somewhere in path.read_bytes() for path in folder.iterdir())
    assert history.is_intact(cw, case_id)


def test_a_case_takes_so_many(cw: Casework, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check_photos, "MOST_OF_A_CASE", 1)
    case_id = planned(cw).id
    attach(cw, checked(cw, keep(cw, {Shows.METER_START: picture()}, "")), case_id)
    code = checked(cw, keep(cw, {Shows.METER_START: picture()}, ""))
    with pytest.raises(Refused, match="check_photos_many_of_case"):
        attach(cw, code, case_id)
    assert len(self_checks.kept(cw, code)) == 1
    assert len(kept(cw, code)) == 1


# --- a check goes to a case that is open


def test_why_a_code_goes_to_no_case(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    old, taken = checked(cw), checked(cw)
    clock.move(days=KEPT_DAYS)
    taken = checked(cw)
    attach(cw, taken, case_id, OFFICE)
    for code, key in (
        (self_check_codes.new(), "self_check_unknown"),
        ("", "self_check_unknown"),
        (old, "self_check_gone"),
        (taken, "self_check_attached"),
        (keep(cw, {Shows.METER_START: picture()}, ""), "self_check_only_photos"),
    ):
        with pytest.raises(Refused) as refused:
            attach(cw, code, case_id)
        assert refused.value.key == key
    assert len(self_checks.of(cw, case_id)) == 1
    clock.move(days=self_check_codes.REMEMBERED_DAYS)
    checked(cw)
    with pytest.raises(Refused, match="self_check_unknown"):
        attach(cw, old, case_id)


def test_a_case_that_is_over_takes_none_and_an_open_one_so_many(
    cw: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_checks, "MOST_OF_A_CASE", 1)
    case_id, code = planned(cw).id, checked(cw)
    attach(cw, checked(cw), case_id, OFFICE)
    with pytest.raises(Refused, match="self_checks_many_of_case"):
        attach(cw, code, case_id, OFFICE)
    cases.withdraw(cw, case_id, CUSTOMER)
    with pytest.raises(Refused, match="case_over"):
        attach(cw, code, case_id, OFFICE)
    assert len(self_checks.kept(cw, code)) == 1


def test_the_customer_attaches_only_so_much_in_an_hour(
    cw: Casework, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_AN_HOUR", 1)
    case_id, code = planned(cw).id, checked(cw)
    with pytest.raises(Refused, match="too_much_in_an_hour"):
        attach(cw, code, case_id)
    clock.move(hours=2)
    attach(cw, checked(cw), case_id)


def test_a_code_is_read_as_people_write_it() -> None:
    code = self_check_codes.new()
    assert self_check_codes.read(code) == code
    for typed in (
        code.lower(),
        f" {self_check_codes.shown(code)}\n",
        self_check_codes.shown(code).replace(" ", "-"),
        code.replace("0", "O").replace("1", "l"),
        f"http://bench:8080/self-check/found/{code}?lang=zh",
        f"https://x/apply?self_check={code}&a=b",
    ):
        assert self_check_codes.read(typed) == code, typed
    for typed in ("", code[:-1], code + "0", "U" * 26, "x" * 10_000, "/found/", "\udc80" * 26):
        assert self_check_codes.read(typed) == ""


def test_codes_that_have_expired_fill_no_disk(
    cw: Casework, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_check_codes, "MOST_REMEMBERED", 2)
    for _ in range(4):
        checked(cw)
    clock.move(days=KEPT_DAYS)
    checked(cw)
    with cw.reading() as database:
        assert database.execute("SELECT COUNT(*) FROM self_check_expired").fetchone()[0] == 2
