"""What is said of a piece of evidence: one sentence in both languages, with the record, file or place it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.evidence.words import word

_WORDS = ("verdict", "worth")
"""Values that are words themselves."""


@dataclass(frozen=True, slots=True)
class Remark:
    """key: of the text in `words.py`."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        said = {
            name: word(value, language) if name in _WORDS else value for name, value in self.values.items()
        }
        key = f"{self.key}_one"
        return word(key if said.get("count") == "1" and key in word else self.key, language, **said)


def remark(key: str, **values: object) -> Remark:
    return Remark(key, {name: str(value) for name, value in values.items()})


class UnsoundError(Exception):
    """Evidence that is not as it is written, from the first thing on that says so."""

    def __init__(self, why: Remark) -> None:
        super().__init__(why.in_language("en"))
        self.why = why


def unsound(key: str, **values: object) -> UnsoundError:
    return UnsoundError(remark(key, **values))
