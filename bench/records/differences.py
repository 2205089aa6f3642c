"""What a replay did not find again, and the comparison that names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DAMAGED = (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError, RecursionError)
"""What reading a record raises that is not what this program writes."""


_SHOWN_CHARACTERS, _IN_A_SENTENCE = 200, 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that was not found again; `where` names record, position and figure."""

    where: str
    recorded: str
    recomputed: str

    def on_one_line(self) -> str:
        return f"{self.where}: recorded {shortened(self.recorded)}, recomputed {shortened(self.recomputed)}"


def shortened(value: str) -> str:
    """A recorded or recomputed value as a sentence can hold it."""
    line = " ".join(value.split())
    return line if len(line) <= _IN_A_SENTENCE else f"{line[:_IN_A_SENTENCE]}…"


def compare(where: str, recorded: Any, recomputed: Any) -> list[Difference]:
    """Leaf by leaf, so that the figure that differs is named."""
    if isinstance(recorded, dict) and isinstance(recomputed, dict):
        keys = sorted(recorded.keys() | recomputed.keys())
        pairs = [(f"{where}: {key}", recorded.get(key), recomputed.get(key)) for key in keys]
    elif isinstance(recorded, list) and isinstance(recomputed, list) and len(recorded) == len(recomputed):
        pairs = [(f"{where}[{i}]", *pair) for i, pair in enumerate(zip(recorded, recomputed, strict=True))]
    elif recorded != recomputed:
        return [Difference(where, str(recorded), str(recomputed))]
    else:
        return []
    return [difference for pair in pairs for difference in compare(*pair)]


def damaged(number: int, error: Exception) -> Difference:
    """A record that cannot be read, with what was wrong with it."""
    return Difference(f"record {number} is damaged", damage(error), "nothing; restore it from a back-up")


def damage(error: Exception) -> str:
    """What was wrong with a record (DAMAGED), on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_SHOWN_CHARACTERS]
