"""Every text of the pages in both languages, from one table (texts.toml).

Sentences of reasons are not here: they come from `calibration.reasons`, so that page, terminal and
certificate say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from calibration.reasons import Reason, sentence
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


def reason_sentence(reason: str, values: Mapping[str, str], language: str) -> str:
    """The sentence of a reason of the bench, with a capital letter at its start.

    A reason of a newer bench that this web does not know is shown by its name: never dropped.
    """
    if reason not in {known.value for known in Reason}:
        return text("fault.unknown", language, reason=reason)
    said = sentence(Reason(reason), values, language)
    return said[:1].upper() + said[1:]
