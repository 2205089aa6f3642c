"""Whatever the bench refuses by a rule is listed for whoever writes a client, and said on the web in both languages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.control.refused_reasons import Refusal

ROOT = Path(__file__).parents[2]
LISTED = (ROOT / "docs" / "architecture.md").read_text("utf-8")
TEXTS = [tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "web").rglob("texts.toml")]


@pytest.mark.parametrize("reason", Refusal)
def test_a_reason_is_listed_and_said_in_both_languages(reason: Refusal) -> None:
    assert f"`{reason}`" in LISTED
    said = [
        text
        for sections in TEXTS
        for section in sections.values()
        if isinstance(section, dict)
        for key, text in section.items()
        if key == reason
    ]
    assert any(isinstance(text, dict) and text.get("zh") and text.get("en") for text in said), said
