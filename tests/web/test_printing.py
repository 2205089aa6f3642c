"""What the web prints: through one door, with a text as data, whatever it says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.casework.refused import Refused
from web.printing import pdf_of, pictures_of

TEMPLATE = """#let d = json("data.json")
#set document(date: datetime(year: 2026, month: 11, day: 1, hour: 0, minute: 0, second: 0), title: "x")
#set page(width: 80mm, height: auto, margin: 4mm)
#set text(font: "Noto Sans CJK SC", fallback: false)
#d.said
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A room of the web with one template."""
    folder = tmp_path / "room_that_prints"
    (folder / "typst").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "typst" / "page.typ").write_text(TEMPLATE)
    monkeypatch.syspath_prepend(tmp_path)
    yield "room_that_prints"
    sys.modules.pop("room_that_prints", None)


def test_the_same_gives_the_same_pdf(room: str) -> None:
    first, second = (pdf_of(room, "page", {"said": "灯 lamp"}) for _ in range(2))
    assert first.startswith(b"%PDF-")
    assert first == second


def test_pictures_are_png_and_grow_with_the_text(room: str) -> None:
    [short] = pictures_of(room, "page", {"said": "灯"})
    [long] = pictures_of(room, "page", {"said": "灯 " * 400})
    assert short.startswith(b"\x89PNG")
    assert int.from_bytes(long[20:24]) > 3 * int.from_bytes(short[20:24])


@pytest.mark.parametrize("said", ["#panic()", '#image("/etc/passwd")', "$x", "<a> @b */ //", "\\u{41}"])
def test_what_somebody_wrote_is_no_language_of_the_printer(room: str, said: str) -> None:
    [picture] = pictures_of(room, "page", {"said": said})
    assert picture.startswith(b"\x89PNG")


def test_a_character_without_a_glyph_is_refused_by_name(room: str) -> None:
    with pytest.raises(Refused) as refused:
        pdf_of(room, "page", {"said": "well done 🎉"})
    assert refused.value.key == "not_printable"
    assert "🎉" in refused.value.text("en")
