"""One known load on, the register read before and after: what can that find, how long does it take, what did it say.

The model
    E = t (P v + B)    energy that was drawn: duration, power of the load, factor of the mains voltage, background
    D = (1 + e) E      what a meter of error e counts; the register shows it in steps of r

    P   rated power, within its tolerance
    v   (U/Ur)^n, for any U of the stated range: n = 2 of a heater (a filament lamp, about 1.6, lies within), 0 of a
        regulated supply, 0 to 1 of an LED lamp of which nobody knows how it is made (unsure)
    B   what could not be switched off, within its give or take
    r   one step of the register, or one pulse: the first and the last reading are each at an unknown place within a
        step, so the difference of two readings is less than one step off, to either side
    t   each instant may be off by so much as it takes to read

    A meter that is correct may be off by `allowed_pct` either way.

What is random and what is not
    Which lamp somebody has, what the mains voltage was and what runs in the background is unknown, but it is the same
    in every repetition; nothing of it averages out. So the decision does not add them up as if they were random (GUM,
    JCGM 100:2008, 4.3.7 with 5.1.2): it takes the interval that holds E for all their values (interval arithmetic;
    E only grows with each of P, v, B and t, so its ends are those of all at their ends). A correct meter is then called
    inconsistent only where something that was stated does not hold.

    errors that fit what was read:    (D - r)/E_highest - 1 ... (D + r)/E_lowest - 1

    The size that is stated beforehand is one that is found in 95 of 100 households: here P, v and B are spread evenly
    over their intervals (GUM 4.3.7: nothing else is known), the quantile is taken of t (P v + B) over that, and
    register, time and what is allowed still count in full. So it is smaller than what is found in every household.

The answer
    inconsistent    no error that is allowed fits
    consistent      every error that fits is smaller than the one that was asked about, which could have been found
    cannot tell     everything else, and always where the error that was asked about is below the stated size

    It is about meter, lamp, voltage and background together, never a verdict about the meter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from calibration.household.found import Found

ALLOWED_PCT = 2.5
"""What a meter of class 2 may be off at small currents: the largest limit of JJG 596-2012 at power factor 1."""
MISSED = 0.05
"""In how many households an error of the stated size is not found."""
LONGEST_S = 14 * 86_400.0
_WS_OF_A_KWH = 3.6e6
_GRID = 24
_BISECTIONS = 60


class LoadKind(StrEnum):
    """How the power of a load depends on the mains voltage."""

    HEATING = "heating"
    LED = "led"
    REGULATED = "regulated"


_EXPONENTS = {LoadKind.HEATING: (2.0, 2.0), LoadKind.LED: (0.0, 1.0), LoadKind.REGULATED: (0.0, 0.0)}


@dataclass(frozen=True, slots=True)
class KnownLoad:
    """What somebody has at home.

    rated_W at rated_V, off by at most tolerance_pct; the mains between lowest_V and highest_V. background_W, off by at
    most background_within_W. step_kWh: of the register, or the energy of one pulse. within_s: how far the duration may
    be off.
    Errors: ValueError for figures that no household has.
    """

    kind: LoadKind
    rated_W: float
    tolerance_pct: float
    rated_V: float
    lowest_V: float
    highest_V: float
    background_W: float
    background_within_W: float
    step_kWh: float
    within_s: float
    allowed_pct: float = ALLOWED_PCT

    def __post_init__(self) -> None:
        figures = [getattr(self, name) for name in self.__slots__ if name != "kind"]
        if not all(math.isfinite(figure) and figure >= 0.0 for figure in figures):
            raise ValueError("figures of a known load are finite and not below 0")
        if not (self.rated_W > 0.0 and self.rated_V > 0.0 and self.step_kWh > 0.0):
            raise ValueError("power, voltage and step are above 0")
        if not 0.0 < self.lowest_V <= self.highest_V:
            raise ValueError("the lowest voltage is above 0 and not above the highest")
        if self.tolerance_pct >= 100.0 or self.allowed_pct >= 100.0:
            raise ValueError("a tolerance is below 100 %")

    @property
    def voltage_factor(self) -> tuple[float, float]:
        """The least and the most that the mains voltage makes of the rated power."""
        ends = [
            (voltage / self.rated_V) ** exponent
            for voltage in (self.lowest_V, self.highest_V)
            for exponent in _EXPONENTS[self.kind]
        ]
        return min(ends), max(ends)

    @property
    def background_ends_W(self) -> tuple[float, float]:
        return (
            max(0.0, self.background_W - self.background_within_W),
            self.background_W + self.background_within_W,
        )

    @property
    def power_W(self) -> tuple[float, float]:
        """The least and the most that is drawn."""
        part = self.tolerance_pct / 100.0
        (least, most), (below, above) = self.voltage_factor, self.background_ends_W
        return self.rated_W * (1.0 - part) * least + below, self.rated_W * (1.0 + part) * most + above

    def energy_kWh(self, duration_s: float) -> tuple[float, float]:
        """The least and the most that is used in a duration. Errors: ValueError where it is too short to be timed."""
        if not duration_s > self.within_s:
            raise ValueError(f"{duration_s} s is no longer than it takes to read ({self.within_s} s)")
        least_W, most_W = self.power_W
        return (
            least_W * (duration_s - self.within_s) / _WS_OF_A_KWH,
            most_W * (duration_s + self.within_s) / _WS_OF_A_KWH,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """How much one thing alone makes unsure, below and above (%).

    name: load, voltage, background, register, time, or allowed (of the meter).
    """

    name: str
    below_pct: float
    above_pct: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a check of a duration can find.

    expected_kWh: by the rated figures. lowest_kWh, highest_kWh: between them, a correct meter counts. fast_pct,
    slow_pct: the smallest error that is found, of a meter that is fast and of one that is slow; slow_pct is infinite
    where not even a meter that stands still would be found.
    """

    duration_s: float
    expected_kWh: float
    lowest_kWh: float
    highest_kWh: float
    fast_pct: float
    slow_pct: float
    shares: tuple[Share, ...]

    @property
    def smallest_pct(self) -> float:
        """The smallest error that is found in either direction."""
        return max(self.fast_pct, self.slow_pct)


@dataclass(frozen=True, slots=True)
class KnownLoadFound:
    """lowest_pct, highest_pct: the errors that fit what was read lie between them."""

    outcome: Found
    counted_kWh: float
    lowest_pct: float
    highest_pct: float
    resolution: Resolution


def resolution(load: KnownLoad, duration_s: float) -> Resolution:
    """Errors: ValueError for a duration that is shorter than it takes to read."""
    least, most = load.energy_kWh(duration_s)
    allowed, step = load.allowed_pct / 100.0, load.step_kWh
    lowest, highest = least * (1.0 - allowed) - step, most * (1.0 + allowed) + step
    mostly_W = _mostly_W(load)
    mostly_least = mostly_W[0] * (duration_s - load.within_s) / _WS_OF_A_KWH
    mostly_most = mostly_W[1] * (duration_s + load.within_s) / _WS_OF_A_KWH
    # A fast meter counts (1 + e) of at least mostly_least, shown at least less a step; it is found from `highest` on.
    fast_pct = 100.0 * ((highest + step) / mostly_least - 1.0)
    slow_pct = 100.0 * (1.0 - (lowest - step) / mostly_most)
    return Resolution(
        duration_s,
        (load.rated_W + load.background_W) * duration_s / _WS_OF_A_KWH,
        max(0.0, lowest),
        highest,
        fast_pct,
        slow_pct if slow_pct < 100.0 else math.inf,
        _shares(load, duration_s),
    )


def needed_s(load: KnownLoad, wanted_pct: float) -> float | None:
    """The shortest duration that finds an error of that size; None where no time up to two weeks does."""
    longest = LONGEST_S
    if resolution(load, longest).smallest_pct > wanted_pct:
        return None
    shortest = load.within_s
    for _ in range(_BISECTIONS):
        middle = (shortest + longest) / 2.0
        if middle > load.within_s and resolution(load, middle).smallest_pct <= wanted_pct:
            longest = middle
        else:
            shortest = middle
    return longest


def known_load_found(
    load: KnownLoad, duration_s: float, counted_kWh: float, asked_pct: float
) -> KnownLoadFound:
    """counted_kWh: second reading less the first, or pulses by the constant. asked_pct: the error that is suspected.

    Errors: ValueError for a duration that is too short, or a count below 0.
    """
    if not counted_kWh >= 0.0:
        raise ValueError("a meter counts up")
    can = resolution(load, duration_s)
    least, most = load.energy_kWh(duration_s)
    lowest_pct = 100.0 * max((counted_kWh - load.step_kWh) / most - 1.0, -1.0)
    highest_pct = 100.0 * ((counted_kWh + load.step_kWh) / least - 1.0)
    if lowest_pct > load.allowed_pct or highest_pct < -load.allowed_pct:
        outcome = Found.INCONSISTENT
    elif can.smallest_pct <= asked_pct and -asked_pct <= lowest_pct and highest_pct <= asked_pct:
        outcome = Found.CONSISTENT
    else:
        outcome = Found.CANNOT_TELL
    return KnownLoadFound(outcome, counted_kWh, lowest_pct, highest_pct, can)


@lru_cache(maxsize=256)
def _mostly_W(load: KnownLoad) -> tuple[float, float]:
    """What the mean power is above, and below, in all but `MISSED` of households, evenly spread over all intervals."""
    places = (np.arange(_GRID) + 0.5) / _GRID

    def spread(ends: tuple[float, float]) -> np.ndarray:
        return ends[0] + (ends[1] - ends[0]) * places

    part = load.tolerance_pct / 100.0
    power = spread((load.rated_W * (1.0 - part), load.rated_W * (1.0 + part)))
    drawn = power[:, None, None] * spread(load.voltage_factor)[:, None] + spread(load.background_ends_W)
    least, most = np.quantile(drawn, [MISSED, 1.0 - MISSED])
    return float(least), float(most)


def _shares(load: KnownLoad, duration_s: float) -> tuple[Share, ...]:
    """Each thing alone, the others at what is stated."""
    total_W = load.rated_W + load.background_W
    energy = total_W * duration_s / _WS_OF_A_KWH
    of_load = load.rated_W / total_W
    factors, background = load.voltage_factor, load.background_ends_W
    register = 100.0 * load.step_kWh / energy
    time = 100.0 * load.within_s / duration_s
    return (
        Share("load", load.tolerance_pct * of_load, load.tolerance_pct * of_load),
        Share("voltage", *(100.0 * abs(factor - 1.0) * of_load for factor in factors)),
        Share("background", *(100.0 * abs(end - load.background_W) / total_W for end in background)),
        Share("register", register, register),
        Share("time", time, time),
        Share("allowed", load.allowed_pct, load.allowed_pct),
    )
