"""Every text of the pages in both languages: `texts.toml` here and in each room of the web that has one.

A section belongs to one file, so that two rooms cannot say different things under one name. Sentences of reasons are
not here: they come from `calibration.reasons`, so that page, terminal and certificate say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from calibration.reasons import finding_sentence
from calibration.texts import Texts


def _sources() -> list[Traversable]:
    """The files of texts, in the order of their rooms' names."""
    root = files("web")
    rooms = sorted((room for room in root.iterdir() if room.is_dir()), key=lambda room: room.name)
    beside = [room.joinpath("texts.toml") for room in rooms]
    return [root.joinpath("texts.toml"), *(source for source in beside if source.is_file())]


def _table() -> dict[str, tuple[str, str]]:
    """{"section.name": (Chinese, English)} for every text. Errors: ValueError for a section that two files have."""
    table: dict[str, tuple[str, str]] = {}
    sections: set[str] = set()
    for source in _sources():
        found = tomllib.loads(source.read_text("utf-8"))
        if twice := sections & found.keys():
            raise ValueError(f"{source}: another file has the texts {sorted(twice)} already")
        sections |= found.keys()
        for section, texts in found.items():
            table |= {f"{section}.{name}": (pair["zh"], pair["en"]) for name, pair in texts.items()}
    return table


text = Texts(_table())
"""The text of a "section.name"."""


def reason_sentence(finding: Mapping[str, Any], language: str) -> str:
    """The sentence of a finding of the bench, with a capital letter at its start; of a reason that this web does not
    know that it is one."""
    said = finding_sentence(finding, language)
    if said == finding["reason"]:
        return text("fault.unknown", language, reason=said)
    return said[:1].upper() + said[1:]
