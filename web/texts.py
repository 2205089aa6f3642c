"""Every text of the pages in both languages: `texts.toml` here and in each room of the web that has one.

A section belongs to one file, so that two rooms cannot say different things under one name. Sentences of reasons are
not here: they come from `calibration.reasons`, so that page, terminal and certificate say the same; but for what a
device or the program says of itself, which customers are spared.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from calibration.reasons import Reason, finding_sentence
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


Say = Callable[[Mapping[str, Any], str], str]
"""What is said of a finding of the bench in a language: `reason_sentence` or `plain_reason`."""

_CHECKS = [key.removeprefix("check.") for key in text.table if key.startswith("check.")]
_CHECK = re.compile(rf"(?:^|(?<=, ))(?:{'|'.join(_CHECKS)})(?=: |, |$)")
"""The name of a check at the head of a part of a list: "seals: torn, display", or "seals, display"."""
_LISTS_CHECKS = {Reason.INSPECTION_FAILED: "fields", Reason.NOT_ANSWERED: "detail"}


def reason_sentence(finding: Mapping[str, Any], language: str) -> str:
    """The sentence of a finding of the bench, with a capital letter at its start; of a reason that this web does not
    know that it is one."""
    said = finding_sentence(_with_names(finding, language), language)
    if said == finding["reason"]:
        return text("fault.unknown", language, reason=said)
    return said[:1].upper() + said[1:]


def plain_reason(finding: Mapping[str, Any], language: str) -> str:
    """The same for customers: of a device that failed without its own words, which are for whoever mends it."""
    key = f"plain_reason.{finding['reason']}"
    return text(key, language) if key in text else reason_sentence(finding, language)


def _with_names(finding: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """The finding with the checks of an inspection by their names in the language."""
    values = finding.get("values") or {}
    listed = _LISTS_CHECKS.get(finding["reason"])
    if listed not in values:
        return finding
    named = _CHECK.sub(lambda found: text(f"check.{found[0]}", language), str(values[listed]))
    return {**finding, "values": {**values, listed: named}}
