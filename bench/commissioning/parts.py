"""A part of a bench as it was found: whether it can be used, and what to do where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bench.commissioning.words import kept_word, word
from bench.errors import BenchError
from calibration.quantities import Finding
from calibration.reasons import sentence


class State(StrEnum):
    """What a part is worth."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, and it should be known."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its kind and name, its state, and the sentence (a key of `words.py`) with its values.

    finding: what fills in `detail`. A driver's own words are English, as everywhere.
    """

    kind: str
    name: str
    state: State
    says: str
    values: Mapping[str, str] = field(default_factory=dict)
    finding: Finding | None = None

    def title(self, language: str) -> str:
        """Its kind and name, in zh or en."""
        return word(self.kind, language, name=self.name)

    def sentence(self, language: str) -> str:
        """What was found, and what to do about it."""
        detail = {}
        if self.finding is not None:
            detail["detail"] = sentence(self.finding.reason, self.finding.values, language)
        return kept_word(self.says, language, {**self.values, **detail})


def broken(kind: str, name: str, error: BenchError) -> Part:
    """A part that could not be opened."""
    return Part(kind, name, State.BAD, "cannot_open", {"detail": str(error)})
