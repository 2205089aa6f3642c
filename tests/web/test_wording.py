"""Dates as the clocks of the place show them."""

import pytest

from tests.web import canned
from web.customer.view import build_view
from web.customer.wording import date_text


@pytest.mark.usefixtures("in_shanghai")
@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh", "2026年11月24日 04:31 (UTC+08:00)"), ("en", "2026-11-24 04:31 (UTC+08:00)")],
)
def test_a_date_is_that_of_the_place_and_says_its_offset(language: str, shown: str) -> None:
    assert date_text("2026-11-23T20:31:00.250+00:00", language) == shown


@pytest.mark.parametrize(("at_s", "zh", "en"), [
    ("12.4", "开始后 12 秒", "after 12 s"),
    ("59.6", "开始后 1 分 0 秒", "after 1 min 0 s"),
    ("3174.0", "开始后 52 分 54 秒", "after 52 min 54 s"),
])  # fmt: skip
def test_when_a_fault_came_is_said_in_minutes_and_seconds(at_s: str, zh: str, en: str) -> None:
    state = canned.finished_invalid()
    state["faults"] = [{"at_s": at_s, "position": "1", "point": "1", "reason": "pulse_missing", "values": {}}]
    for language, said in (("zh", zh), ("en", en)):
        (fault,) = build_view(state, "1", language).faults
        assert fault.details[0].replace("\u00a0", " ") == said
