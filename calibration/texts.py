"""Texts in Chinese and English: how a table of them is made, and how one of them is said.

Everything that people read is in such a table, beside those who say it: the reasons of findings in `reasons.py`, the
words of each part of the command line in its `words.py`, the pages of customers in `web/texts.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

LANGUAGES = ("zh", "en")


def braces(text: str) -> frozenset[str]:
    """The names of the values that a text has a place for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


class Texts:
    """A table of texts; what it does not have is said by the table below it."""

    def __init__(self, table: Mapping[str, tuple[str, str]], below: Texts | None = None) -> None:
        """table: key -> (Chinese, English). Errors: ValueError where the two have places for different values."""
        for key, (zh, en) in table.items():
            if braces(zh) != braces(en):
                raise ValueError(f"text {key!r} names other values in Chinese than in English")
        self.table: Mapping[str, tuple[str, str]] = {**(below.table if below else {}), **table}

    def __contains__(self, key: object) -> bool:
        return key in self.table

    def __call__(self, key: str, language: str, /, **values: object) -> str:
        """The text in "zh" or "en" with its values filled in.

        Errors: KeyError for a text or a value that does not exist, ValueError for another language.
        """
        return self.table[key][LANGUAGES.index(language)].format(**values)

    def counted(self, key: str, language: str, count: int, /, **values: object) -> str:
        """The text with its `count`; for exactly one it is the text `key`_one ("1 flash", not "1 flashes")."""
        return self(f"{key}_one" if count == 1 else key, language, count=count, **values)
