"""Every text of the pages in both languages, from one catalogue (texts.toml).

Sentences of reasons are not here: they come from `calibration.reasons`, so that page, terminal and
certificate say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from calibration.reasons import LANGUAGES, Reason, sentence

__all__ = ["LANGUAGES", "catalogue", "counted", "reason_sentence", "text"]


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """{"section.name": {"zh": ..., "en": ...}} for every text."""
    source = tomllib.loads(files("web").joinpath("texts.toml").read_text("utf-8"))
    return {f"{section}.{name}": pair for section, texts in source.items() for name, pair in texts.items()}


def text(key: str, language: str, **values: object) -> str:
    """The text `key` ("section.name") in "zh" or "en" with the values it names filled in.

    Raises KeyError for a text, a language or a value that does not exist.
    """
    return catalogue()[key][language].format(**values)


def counted(key: str, count: int, language: str, **values: object) -> str:
    """The text `key` with its `count`; for exactly one it is the text `key`_one ("1 flash", not "1 flashes")."""
    return text(f"{key}_one" if count == 1 else key, language, count=count, **values)


def reason_sentence(reason: str, values: Mapping[str, str], language: str) -> str:
    """The sentence of a reason of the bench, with a capital letter at its start.

    A reason of a newer bench that this web does not know is shown by its name: never dropped.
    """
    if reason not in {known.value for known in Reason}:
        return text("fault.unknown", language, reason=reason)
    said = sentence(Reason(reason), values, language)
    return said[:1].upper() + said[1:]
