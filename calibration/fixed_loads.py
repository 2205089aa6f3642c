"""Fixed loads that are switched together: which currents they make, and which combination comes nearest to one.

Currents add up as numbers only where they have the same angle, so loads combine with those of their own power factor
and side. With n of them there are 2^n combinations; a bank has a handful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SAME_POWER_FACTOR = 0.005
"""A nameplate's 0.5 and a load point's 0.50 are the same; 0.5 and 0.51 are not."""


@dataclass(frozen=True, slots=True)
class FixedLoad:
    """What one switch adds, at the voltage of the bank. phase_side as of `LoadPoint`."""

    current_A: float
    power_factor: float = 1.0
    phase_side: str = ""

    def combines_with(self, power_factor: float, phase_side: str) -> bool:
        return self.phase_side == phase_side and abs(self.power_factor - power_factor) <= _SAME_POWER_FACTOR


@dataclass(frozen=True, slots=True)
class Combination:
    """Loads by their index in the bank, and the current (A) that they make together."""

    loads: tuple[int, ...]
    current_A: float


def combinations(bank: Sequence[FixedLoad], power_factor: float, phase_side: str) -> list[Combination]:
    """All that can be made at a power factor, none included, by rising current."""
    made = [Combination((), 0.0)]
    for index, load in enumerate(bank):
        if load.combines_with(power_factor, phase_side):
            made += [Combination((*c.loads, index), c.current_A + load.current_A) for c in made]
    return sorted(made, key=lambda c: (c.current_A, len(c.loads)))


def nearest(made: Sequence[Combination], current_A: float) -> Combination:
    """The combination nearest to a current, and of equally near ones that with the fewest switches."""
    return min(made, key=lambda c: (round(abs(c.current_A - current_A), 9), len(c.loads)))


def neighbours(made: Sequence[Combination], current_A: float) -> tuple[Combination, ...]:
    """The nearest one that makes less, and the nearest one that makes more, where there are such."""
    below = [c for c in made if c.loads and c.current_A < current_A]
    above = [c for c in made if c.current_A > current_A]
    return (*below[-1:], *above[:1])
