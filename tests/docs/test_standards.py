"""The tables of requirements: every test that they name is there, and nothing is called met without being shown.

docs/security.md, docs/legal-metrology.md: a row has numbers, what is asked, how it stands (met, in part, not met), how
that is so, and what shows it. A test is given as its file, perhaps with `::` and its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATES = {"met", "in part", "not met"}
_ROW = re.compile(r"^\| (?!number|-)(.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
_TEST = re.compile(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`")
_LINK = re.compile(r"\[[^]]+\]\([^)]+\)")
_NUMBER = re.compile(r"\d+\.\d+\.\d+")
SOURCES = [
    path for part in ("calibration", "firmware_io", "bench", "web") for path in (ROOT / part).rglob("*.py")
]
SCRIPTS = [*(ROOT / "web" / "static").glob("*.js")]


@dataclass(frozen=True)
class Row:
    number: str
    asked: str
    state: str
    how: str
    shown: str

    def __str__(self) -> str:
        return self.number


def rows_of(document: str) -> list[Row]:
    text = (ROOT / "docs" / document).read_text("utf-8")
    return [Row(*(cell.strip() for cell in row)) for row in _ROW.findall(text)]


SECURITY = rows_of("security.md")
METROLOGY = rows_of("legal-metrology.md")
EVERY_ROW = SECURITY + METROLOGY


def test_there_is_something_to_look_at() -> None:
    assert len(SECURITY) > 100
    assert len(METROLOGY) > 25


@pytest.mark.parametrize("row", EVERY_ROW, ids=str)
def test_what_a_row_says_is_shown(row: Row) -> None:
    assert row.state in STATES
    tests = _TEST.findall(row.shown)
    for path, name in tests:
        source = (ROOT / path).read_text("utf-8")
        assert not name or re.search(rf"^def {name}\(", source, re.M), (path, name)
    if row.state == "met":
        assert tests or _LINK.search(row.shown + row.how), "a test, or the document that is asked for"
    else:
        assert len(row.how) > 20, "the reason"


def test_requirements_come_in_their_order_and_once() -> None:
    numbers = [tuple(map(int, n.split("."))) for row in SECURITY for n in _NUMBER.findall(row.number)]
    assert len(set(numbers)) == len(numbers)
    firsts = [tuple(map(int, _NUMBER.findall(row.number)[0].split("."))) for row in SECURITY]
    assert firsts == sorted(firsts)


def test_nothing_is_evaluated() -> None:
    """Nor unpacked by what can build any object."""
    for path in SOURCES:
        found = re.findall(
            r"(?<![\w.])(?:eval|exec|compile|__import__)\(|\bpickle\b|shell=True|os\.system",
            path.read_text("utf-8"),
        )
        assert not found, (path, found)


def scripts_with(pattern: str) -> set[str]:
    return {path.name for path in SCRIPTS if re.search(pattern, path.read_text("utf-8"))}


def test_no_script_listens_to_other_windows() -> None:
    assert not scripts_with(r"postMessage|addEventListener\(\s*[\"']message|\beval\(|new Function")


def test_a_browser_keeps_a_switch_and_a_count_alone() -> None:
    kept = scripts_with(r"localStorage|sessionStorage|indexedDB|document\.cookie")
    assert kept == {"lamp.js", "self-check.js"}
