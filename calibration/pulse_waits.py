"""How long each of the pulses of a watch was waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class PulseWaits:
    """waits_s: from the start of the watch to the first pulse, and from each to the next, of `wanted` pulses at most.

    unended_s: where one of them is missing, how long it had been waited for when the watch ended; else None.
    """

    waits_s: tuple[float, ...]
    unended_s: float | None

    @property
    def longest_s(self) -> float:
        """The longest wait, also one that no pulse has ended (s)."""
        return max(self.waits_s if self.unended_s is None else (*self.waits_s, self.unended_s))

    def are_within(self, limit_s: float) -> bool:
        """Whether every pulse came, and none later than this after the one before."""
        return self.unended_s is None and self.longest_s <= limit_s

    @property
    def figures(self) -> dict[str, str]:
        """As text (s)."""
        shown = {
            "waits_s": ", ".join(f"{wait_s:.1f}" for wait_s in self.waits_s),
            "longest_wait_s": f"{self.longest_s:.1f}",
        }
        return shown if self.unended_s is None else shown | {"unended_wait_s": f"{self.unended_s:.1f}"}


def pulse_waits(pulses_s: Sequence[float], wanted: int, watched_s: float) -> PulseWaits:
    """pulses_s: from the start of a watch (s) to each pulse. watched_s: its length."""
    waits_s = tuple(later - earlier for earlier, later in pairwise((0.0, *pulses_s)))[:wanted]
    return PulseWaits(waits_s, None if len(waits_s) == wanted else watched_s - sum(waits_s))
