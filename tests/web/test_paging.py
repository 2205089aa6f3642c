"""Long tables come in parts, and what was asked for stays asked for from part to part."""

from __future__ import annotations

import re

import pytest

from tests.casework.stories import applied
from tests.web.at_a_desk import AtADesk
from web.casework.store import Casework
from web.paging import ROWS

COUNT = 2 * ROWS + 3
_NUMBER = re.compile(r">(C2026-\d{4})</a>")


@pytest.fixture
def many(casework: Casework) -> None:
    for number in range(COUNT):
        applied(casework, f"M-{number}")


@pytest.mark.parametrize("path", ["/office?state=", "/office/requests?show=all"])
def test_every_case_is_in_one_part_and_the_count_is_of_all(many: None, clerk: AtADesk, path: str) -> None:
    found: list[str] = []
    for part in ("1", "2", "3"):
        page = clerk.get(f"{path}&page={part}&lang=en").text
        assert f"page {part} of 3" in page
        assert f"{COUNT} " in page
        found += _NUMBER.findall(page)
    assert len(found) == len(set(found)) == COUNT


def test_the_neighbours_keep_what_was_asked_for(many: None, clerk: AtADesk) -> None:
    page = clerk.get("/office?state=applied&sort=number&order=down&page=2&lang=en").text
    addresses = re.findall(r'rel="(prev|next)" href="([^"]+)"', page)
    assert [rel for rel, _ in addresses] == ["prev", "next"]
    for rel, address in addresses:
        for wanted in ("state=applied", "sort=number", "order=down", f"page={1 if rel == 'prev' else 3}"):
            assert wanted in address
    assert addresses[0][1] not in clerk.get(addresses[0][1].replace("&amp;", "&")).text, "it is that part"


@pytest.mark.parametrize(
    ("asked", "shown"), [("0", 1), ("99", 3), ("-1", 1), ("x", 1), ("²", 1), ("9" * 40, 1)]
)
def test_a_part_that_is_none_is_the_nearest(many: None, clerk: AtADesk, asked: str, shown: int) -> None:
    assert f"page {shown} of 3" in clerk.get(f"/office?state=&page={asked}&lang=en").text


def test_a_short_table_has_no_parts(casework: Casework, clerk: AtADesk) -> None:
    applied(casework, "M-1")
    assert 'class="parts"' not in clerk.get("/office").text
