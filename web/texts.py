"""Every text of the pages in both languages, from one table (texts.toml).

Sentences of reasons are not here: they come from `calibration.reasons`, so that page, terminal and
certificate say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from calibration.reasons import finding_sentence
from calibration.texts import Texts


def _table() -> dict[str, tuple[str, str]]:
    """{"section.name": (Chinese, English)} for every text."""
    source = tomllib.loads(files("web").joinpath("texts.toml").read_text("utf-8"))
    return {
        f"{section}.{name}": (pair["zh"], pair["en"])
        for section, texts in source.items()
        for name, pair in texts.items()
    }


text = Texts(_table())
"""The text of a "section.name"."""


def reason_sentence(finding: Mapping[str, Any], language: str) -> str:
    """The sentence of a finding of the bench, with a capital letter at its start; of a reason that this web does not
    know that it is one."""
    said = finding_sentence(finding, language)
    if said == finding["reason"]:
        return text("fault.unknown", language, reason=said)
    return said[:1].upper() + said[1:]
