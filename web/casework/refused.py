"""A rule stands against what was asked: a key, and one sentence in both languages that says what to do.

The sentences are the section [refused] of texts.toml: of the rules here, and of what the measuring process refuses
(`bench/control/refused_reasons.py`).
"""

from __future__ import annotations

from web.texts import text


class Refused(Exception):  # noqa: N818 - it is no error of anybody's
    """key: of a sentence. values: what it needs, as people read it: ids, numbers, days.

    is_recorded: whether the log of refusals has it already.
    """

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key, self.values = key, values
        self.is_recorded = False

    def text(self, language: str) -> str:
        return text(f"refused.{self.key}", language, **self.values)
