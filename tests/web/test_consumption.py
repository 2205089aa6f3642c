"""The consumption analysis and the calculator, as somebody without an account uses them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.household.households import Planted, planted
from tests.web.at_a_desk import AtADesk, with_bare_days
from tests.web.staff_bench import StaffBench
from web.access import PUBLIC_TRIES
from web.casework import self_checks
from web.casework.self_checks import Found, Kind
from web.consumption.csv_layouts import MOST_BYTES
from web.consumption.tariff_form import EXAMPLE

PAGE = "/self-check/consumption"
MONTHS = "\n".join(f"{year}-{month:02} {200 + 7 * month}" for year in (2024, 2025) for month in range(1, 13))
TIERS = {"price_1": "0.5", "end_1": "1500", "price_2": "0.9", "period": "year", "currency": "CNY"}


def listed(cause: Planted, seed: int = 300) -> str:
    return "\n".join(f"{row.date};{row.energy_kWh}" for row in planted(seed, cause).daily().rows)


FAST = listed(Planted.FAST)


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Callable[..., AtADesk]:
    return lambda language="en": AtADesk(service, staff_bench, None, language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_is_answered_with_a_reason_numbers_and_what_is_not_known(desk, language: str) -> None:
    response = desk(language).send(PAGE, list=FAST, **TIERS)
    assert response.status_code == 200
    said = {"zh": "样样都多用了还是电表快了", "en": "Whether everything is used more or the meter is fast"}
    plain = response.text.replace("是样样多用了还是电表快了", said["zh"])
    assert said[language] in plain
    assert re.search(r"<h3>[^<]*\d+ ?%", with_bare_days(response.text))
    assert "use-plot" in response.text


def test_an_ordinary_year_is_nothing_unusual(desk) -> None:
    assert "Nothing unusual" in desk().send(PAGE, list=MONTHS).text


def test_a_crossing_is_found_by_its_day(desk) -> None:
    page = with_bare_days(desk().send(PAGE, list=MONTHS, **TIERS).text)
    assert "2025-07-01: into tier 2" in page


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_file_is_read_in_its_encoding(desk, encoding: str) -> None:
    lines = "日期,用电量(度)\n" + MONTHS.replace(" ", ",")
    response = desk().send(PAGE, file=(io.BytesIO(lines.encode(encoding)), "list.csv"))
    assert response.status_code == 200
    assert "用电量(度)" in response.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Choose a file, or paste"),
        ("hello", "No date was found"),
        ("2025-01-01,1\n2025-01-02,abc", "Line 2"),
        ("2025-01-01,1\n2025-01-40,2", "Line 2"),
        ("2025-01-01,=1+1", "is a formula"),
        ("2025-01-01,1\n2025-01-01,2", "same date"),
        ("2025-01-01,-5", "below zero"),
        ("2025-01-01,99999999", "is the unit right"),
        ("2025-01-01,1,2", "several figures"),
        ("2025-01-01 " + "9" * 300, "too long"),
        ("x" * 310_000, "Too large"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(desk, typed: str, said: str) -> None:
    response = desk().send(PAGE, list=typed, evening="100.5", **TIERS)
    assert response.status_code == 422
    assert said in response.text
    assert typed[:200].strip() in response.text.replace("&gt;", ">")
    assert 'value="100.5"' in response.text
    assert 'value="1500"' in response.text


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"PK\x03\x04rest", "save it as CSV"),
        (b"\x00\x01\x02\xff\xfe", "no text"),
        (b"\xff\xfe\x00", "no text"),
        (b"2025-01-01,1\n" * 35_000, "Too large"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_what_was_typed_stays(desk, file: bytes, said: str) -> None:
    response = desk().send(PAGE, list="2025-01 1", file=(io.BytesIO(file), "list.csv"))
    assert response.status_code == 422
    assert said in response.text
    assert "2025-01 1</textarea>" in response.text


def test_a_file_with_a_mistake_can_be_mended_in_the_field(desk) -> None:
    response = desk().send(PAGE, file=(io.BytesIO(b"2025-01-01,1\n2025-01-02,x\n"), "list.csv"))
    assert response.status_code == 422
    assert "2025-01-02,x" in response.text


def test_what_is_too_large_for_the_page_is_refused(desk) -> None:
    assert desk().send(PAGE, list="x" * 1_200_000).status_code == 413
    assert desk().send(PAGE, file=(io.BytesIO(b"x" * (MOST_BYTES + 1)), "list.csv")).status_code == 422


def test_markup_is_text(desk) -> None:
    page = desk().send(PAGE, list="<script>alert(1)</script>,kWh\n2025-01-01,<b>").text
    assert "<script>alert" not in page
    heading = desk().send(PAGE, list="date,<b>kWh</b>\n2025-01-01,3\n2025-01-02,3").text
    assert "<b>kWh" not in heading


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"end_1": "-1"}, "from 0 to"),
        ({"end_2": "1000"}, "above the end of the tier before|last tier has no end"),
        ({"end_1": ""}, "Please fill this in"),
        ({"price_2": "x"}, "number only"),
        ({"period": "week"}, "among|choose|choices|one of"),
    ],
)
def test_a_tariff_that_is_none_is_said_beside_its_field(desk, wrong: dict[str, str], said: str) -> None:
    response = desk().send(PAGE, list=MONTHS, **(TIERS | wrong))
    assert response.status_code == 422
    assert re.search(said, response.text, re.I)
    assert MONTHS in response.text


def test_the_night_is_known_from_two_readings_alone(desk) -> None:
    assert "values of days and months do not show nights" in desk().send(PAGE, list=MONTHS).text
    page = desk().send(PAGE, list=MONTHS, evening="1234.5", morning="1235.3", hours="8").text
    assert "100\u00a0W" in page or "100 W, give or take 13 W" in page
    below = desk().send(PAGE, list=MONTHS, evening="1235", morning="1234", hours="8")
    assert below.status_code == 422


def test_booking_keeps_what_was_found_and_not_the_list(desk, casework) -> None:
    response = desk().send(PAGE, list=FAST, act="book")
    assert response.status_code == 303
    code = response.headers["Location"].split("self_check=")[1]
    [kept] = self_checks.kept(casework, code)
    assert (kept.kind, kept.found) == (Kind.CONSUMPTION, Found.CANNOT_TELL)
    assert "proportional" in kept.figures["cause_1"]
    assert len(kept.said["zh"]) == len(kept.said["en"]) > 3
    assert "2024-" not in str(kept.figures)


def test_a_second_check_goes_under_the_same_code(desk, casework) -> None:
    code = self_checks.keep(casework, Kind.NO_LOAD, Found.CONSISTENT, {}, {"zh": [], "en": []})
    desk().send(PAGE, list=MONTHS, act="book", self_check=code)
    assert [kept.kind for kept in self_checks.kept(casework, code)] == [Kind.NO_LOAD, Kind.CONSUMPTION]


def test_the_list_can_be_changed_without_typing_it_again(desk) -> None:
    response = desk().send(PAGE, list=MONTHS, act="change", **TIERS)
    assert MONTHS in response.text
    assert 'value="1500"' in response.text


def test_one_address_can_send_so_many_and_no_more(desk) -> None:
    visitor = desk()
    for _ in range(PUBLIC_TRIES):
        assert visitor.send(PAGE, list="").status_code == 422
    assert visitor.send(PAGE, list=MONTHS).status_code == 429


def test_a_form_without_its_token_is_refused(desk) -> None:
    assert desk().client.post(PAGE, data={"list": MONTHS}).status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_calculator_says_what_a_device_uses_and_a_bill_costs(desk, language: str) -> None:
    asked = EXAMPLE | {"power": "2000", "hours": "0.5", "days": "365", "used": "3000"}
    page = desk(language).send("/calculator", **asked).text
    assert "365" in page
    cost = {
        "zh": ("1476.00\N{NO-BREAK SPACE}元", "197.10\N{NO-BREAK SPACE}元"),
        "en": ("CNY\N{NO-BREAK SPACE}1476.00", "CNY\N{NO-BREAK SPACE}197.10"),
    }[language]
    assert cost[0] in page  # 2880 at 0.49 and 120 at 0.54
    assert cost[1] in page  # 365 kWh at 0.54, the tier of the next kWh


@pytest.mark.parametrize(
    "wrong",
    [
        {"power": "-1"},
        {"hours": "25"},
        {"days": "x"},
        {"used": "1e99"},
        {"price_1": ""},
        {"power": "", "used": ""},
    ],
)
def test_what_cannot_be_computed_is_said_and_nothing_is_lost(desk, wrong: dict[str, str]) -> None:
    asked = EXAMPLE | {"power": "2000", "hours": "0.5", "days": "300", "used": "3000"} | wrong
    if wrong == {"power": "", "used": ""}:
        asked |= {"hours": "", "days": ""}
    response = desk().send("/calculator", **asked)
    assert response.status_code == 422
    for name, value in asked.items():
        assert not value or f'value="{value}"' in response.text, name


def test_the_examples_say_that_they_are_unsure(desk) -> None:
    page = desk().text("/calculator")
    assert "none was measured here" in page
    assert "not counted by the meter" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "两种说法这份清单都对得上"), ("en", "this list fits both")],
)
def test_what_a_list_of_months_cannot_tell_is_said(desk, language: str, said: str) -> None:
    listed_months = "\n".join(
        f"{row.date[:7]} {row.energy_kWh}" for row in planted(300, Planted.FAST, (3.0, 4.0)).monthly().rows
    )
    assert said in desk(language).send(PAGE, list=listed_months).text


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "还有另一处变化"), ("en", "Something else changed as well")]
)
def test_a_second_change_is_said(desk, language: str, said: str) -> None:
    both = planted(300, Planted.STANDBY, earlier=Planted.VACANCY)
    typed = "\n".join(f"{row.date};{row.energy_kWh}" for row in both.daily().rows)
    assert said in desk(language).send(PAGE, list=typed).text


def test_hours_tell_what_runs_at_night(desk) -> None:
    typed = "\n".join(
        f"2025-{1 + day // 28:02}-{1 + day % 28:02},"
        + ",".join("0.1" if 2 <= n < 5 else "0.4" for n in range(24))
        for day in range(56)
    )
    page = desk().send(PAGE, list=typed).text
    assert "100 W from 2 to 5" in page
    assert "each day has one figure" not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_tier_soon_is_said_with_its_day(desk, language: str) -> None:
    typed = "\n".join(f"{2024 + n // 12}-{1 + n % 12:02} 240" for n in range(16))
    page = desk(language).send(PAGE, list=typed, **(TIERS | {"end_1": "1000"})).text
    assert {"zh": "快用到更贵的一档", "en": "a dearer tier soon"}[language] in page
