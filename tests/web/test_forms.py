from datetime import date
from decimal import Decimal

import pytest

from web.forms import Form
from web.whole_days import with_whole_days


def test_a_line_is_without_what_cannot_be_seen() -> None:
    form = Form({"name": "  Li\r\nWei\u202e\x00 "})
    assert form.text("name") == "Li Wei"
    assert not form.errors


def test_a_text_keeps_its_lines() -> None:
    assert Form({"doubt": "one\r\ntwo"}).text("doubt", most=4000) == "one\ntwo"


def test_what_is_missing_or_too_long_is_said_beside_the_field() -> None:
    form = Form({"name": "x" * 201})
    form.text("name")
    form.text("doubt")
    assert form.error("name", "en") == "Too long: at most 200 characters"
    assert form.error("doubt", "zh") == "请填写这一项"
    assert form.value("name") == "x" * 201


@pytest.mark.parametrize(("typed", "number"), [("12.5", "12.5"), ("12,5", "12.5"), ("−1", "-1")])
def test_a_number_as_people_write_it(typed: str, number: str) -> None:
    assert Form({"n": typed}).number("n", least=-20, most=20) == Decimal(number)


@pytest.mark.parametrize(
    "typed", ["nan", "Infinity", "1e999999", "1e-9999999", "0e-9999999", "12 kWh", "21", "9" * 30, ""]
)
def test_what_is_no_number_within_the_limits_is_wrong(typed: str) -> None:
    form = Form({"n": typed})
    assert form.number("n", least=-20, most=20) is None
    assert "n" in form.errors


def test_a_whole_number() -> None:
    form = Form({"score": "4", "half": "4.5"})
    assert form.whole("score", least=1, most=5) == 4
    assert form.whole("half", least=1, most=5) is None
    assert form.error("half", "en") == "Give a whole number"


def test_only_a_choice_that_was_offered_counts() -> None:
    form = Form({"role": "administrator"})
    assert form.choice("role", ("verifier", "checker")) == ""
    assert form.error("role", "en") == "There is no such choice; choose again"


def test_a_day() -> None:
    form = Form({"on": "2026-11-26", "by": "26.11."})
    assert str(form.day("on")) == "2026-11-26"
    assert form.day("by") is None
    assert "by" in form.errors


def test_a_day_that_was_copied_from_a_page_is_one() -> None:
    copied = with_whole_days("<p>2026-11-27</p>").removeprefix("<p>").removesuffix("</p>")
    assert copied != "2026-11-27"
    form = Form({"day": copied, "list": f"{copied} 12,5"})
    assert form.day("day") == date(2026, 11, 27)
    assert form.value("list") == "2026-11-27 12,5"


def test_a_box_is_ticked_or_not() -> None:
    assert Form({"agree": "yes"}).flag("agree")
    assert not Form().flag("agree")
