"""Dates as the clocks of the place show them."""

import pytest

from web.customer.wording import date_text


@pytest.mark.usefixtures("in_shanghai")
@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh", "2026年11月24日 04:31 (UTC+08:00)"), ("en", "2026-11-24 04:31 (UTC+08:00)")],
)
def test_a_date_is_that_of_the_place_and_says_its_offset(language: str, shown: str) -> None:
    assert date_text("2026-11-23T20:31:00.250+00:00", language) == shown
