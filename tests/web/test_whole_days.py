"""Days in figures stay on one line, and nothing but them is touched."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.casework import stories
from tests.web import canned
from tests.web.visiting import casework_of, visitor
from web.whole_days import with_whole_days

DAY = "2026-\u206012-\u206027"


@pytest.mark.parametrize(("html", "shown"), [
    ("<p>until 2026-12-27.</p>", f"<p>until {DAY}.</p>"),
    ("<p>2026-12-27 to 2026-12-27</p>", f"<p>{DAY} to {DAY}</p>"),
    ("2026-12-27", DAY),
    ("<p>at 12-27 09:30</p>", "<p>at 12-\u206027 09:30</p>"),
    ("<option>2026-12-27</option><p>2026-12-27</p>", f"<option>2026-12-27</option><p>{DAY}</p>"),
    ('<input value="2026-12-27"><time datetime="2026-12-27">x</time>', None),
    ("<title>2026-12-27</title><textarea>2026-12-27</textarea><script>2026-12-27</script>", None),
    ("<p>33-0901-27, C2026-0001, 0571-12-34 56, /x/2026-12-27, run-2026-12-27</p>", None),
])  # fmt: skip
def test_a_day_does_not_break(html: str, shown: str | None) -> None:
    assert with_whole_days(html) == (html if shown is None else shown)
    assert with_whole_days(with_whole_days(html)) == with_whole_days(html)


def words_of(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", page)


def test_no_day_of_a_page_can_break(service: Flask) -> None:
    case = stories.planned(casework_of(service))
    assert case.appointment is not None
    page = words_of(visitor(service, case.id).get("/visit?lang=en").text)
    assert "2026-\u206012-\u206001" in page
    assert re.search(r"\d{4}-\d\d-\d\d", page) is None


def test_nor_one_of_the_live_page(site: Any) -> None:
    page = words_of(site(canned.measuring()).test_client().get("/?lang=en").text)
    assert "2026-\u206011-\u206023" in page or "2026-\u206011-\u206024" in page
    assert re.search(r"\d{4}-\d\d-\d\d", page) is None
