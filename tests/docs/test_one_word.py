"""One word for one thing: what the glossary does not have is nowhere said in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

SAID_IN = ("*.py", "*.toml", "*.js", "*.html", "*.md")


@pytest.mark.parametrize(("other", "word"), [("校验台", "检定台"), ("操作员", "检定员")])
def test_nothing_is_called_by_another_word(other: str, word: str) -> None:
    glossary = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert f"| {word} |" in glossary
    places = [REPOSITORY / folder for folder in ("bench", "calibration", "docs", "firmware_io", "web")]
    files = [path for place in places for pattern in SAID_IN for path in place.rglob(pattern)]
    assert len(files) > 500
    assert [path for path in files if other in path.read_text(encoding="utf-8")] == []
