"""What a pulse line shows in some seconds, told from its edges alone: help while a bench is wired.

What is told apart, in this order:

  nothing, stuck      no edge; stuck where the driver can read the level and it is the active one
  pulses              intervals between rising edges that are alike (frames of a meter may make some of them twice as
                      long as others); width, rate, and by a constant the power
  mains               as regular, but at 50, 60, 100 or 120 Hz: the line follows the mains, since nothing holds it
  bouncing            edges come in bursts of milliseconds, and with each burst taken for one edge what remains is
                      regular: a contact, or a loose wire at its screw
  noise               what is none of these: many short irregular phases of a line without a pull-up, where edges keep
                      step with the mains (`mains_Hz`) or not

A rate says which constant a meter has, once the reference reads the power: rate = constant x power/3.6e6. So a constant
that is wrong, and lines that are swapped between meters of different constants, show themselves without anything being
switched. Meters of one constant on one load cannot be told apart by their rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from calibration.quantities import FALLING, RISING, WS_PER_KWH, EdgeTrain, FloatArray, IntArray
from calibration.timebase import run_seconds

_BURST_S = 0.01
"""Edges closer than this may be one edge that bounces, which lasts no longer either; a test output's pulse does
(IEC 62053-31: 30 ms)."""
_FEWEST_PULSES = 3
_ALIKE = (0.4, 2.2)
"""Intervals of one rate, in medians: a meter of 1 s frames has some twice as long as others."""
_ALIKE_SHARE = 0.9
_BURSTS_SHARE = 0.1
"""Below this share of the edges a burst is a single disturbance."""
_MAINS_HZ = (50.0, 60.0, 100.0, 120.0)
_MAINS_WITHIN = 0.004
_IN_STEP = 0.5
"""|mean exp(2 pi i f t)| of edges that keep step with the mains."""
_FITS_WITHIN = 0.03
"""A meter, its constant and a reference agree at least as well; constants differ by more."""
USUAL_CONSTANTS_IMP_PER_KWH = (
    *(100, 200, 240, 250, 300, 320, 400, 480, 500, 600, 640, 800, 1000, 1200, 1500, 1600, 1800, 2000, 2400),
    *(2500, 3000, 3200, 3600, 4000, 4800, 5000, 6400, 8000, 10_000, 12_000, 12_800, 16_000, 20_000, 25_000),
    *(32_000, 40_000, 50_000, 64_000, 80_000, 100_000),
)
"""Constants as nameplates state them (a selection of ours; for advice only)."""


class Look(StrEnum):
    NOTHING = "nothing"
    STUCK = "stuck"
    FEW = "few"
    PULSES = "pulses"
    MAINS = "mains"
    BOUNCING = "bouncing"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class LineLook:
    """What a line was seen to do. rate_Hz and its relative standard uncertainty, width_s (of the shorter phase): of
    pulses; bounce_s: longest burst; mains_Hz: the frequency that its edges follow; lost: edges the kernel dropped."""

    what: Look
    edges: int
    pulses: int = 0
    rate_Hz: float | None = None
    rate_u: float = 0.0
    width_s: float | None = None
    bounce_s: float | None = None
    mains_Hz: float | None = None
    lost: int = 0

    def power_W(self, constant_imp_per_kWh: float) -> float | None:
        """The power that this rate is at a constant."""
        return None if self.rate_Hz is None else self.rate_Hz * WS_PER_KWH / constant_imp_per_kWh

    def constant_imp_per_kWh(self, power_W: float) -> float | None:
        """The constant that this rate is at a power; None without either."""
        if self.rate_Hz is None or power_W <= 0.0:
            return None
        return self.rate_Hz * WS_PER_KWH / power_W

    def fits(self, constant_imp_per_kWh: float, power_W: float) -> bool:
        """Whether the rate is that of a meter with this constant at this power."""
        found = self.constant_imp_per_kWh(power_W)
        return found is not None and abs(found / constant_imp_per_kWh - 1.0) <= self.tolerance

    @property
    def tolerance(self) -> float:
        """Relative, of a comparison with another constant."""
        return _FITS_WITHIN + 2.0 * self.rate_u


def look_at(edges: EdgeTrain, is_active: bool | None = None, expected_Hz: float | None = None) -> LineLook:
    """What the edges of some seconds are. is_active: level of the line, where its driver reads it.

    expected_Hz: rate by the constant and the reference's power; pulses of that rate are pulses, whatever the mains.
    """
    count = len(edges)
    if not count:
        return LineLook(Look.STUCK if is_active else Look.NOTHING, 0)
    lost = edges.lost
    at_s = run_seconds(edges.timestamp_ns, int(edges.timestamp_ns[0]))
    pulses = _regular(at_s, edges.kind)
    if pulses is not None:
        rate_Hz, rate_u, width_s, number = pulses
        is_expected = (
            expected_Hz is not None and abs(rate_Hz / expected_Hz - 1.0) <= _FITS_WITHIN + 2 * rate_u
        )
        mains_Hz = next((f for f in _MAINS_HZ if abs(rate_Hz / f - 1.0) <= _MAINS_WITHIN), None)
        if mains_Hz is not None and not is_expected:
            return LineLook(Look.MAINS, count, number, rate_Hz, rate_u, width_s, None, mains_Hz, lost)
        return LineLook(Look.PULSES, count, number, rate_Hz, rate_u, width_s, lost=lost)
    settled_s, settled, longest_s, bursts = _settled(at_s, edges.kind)
    pulses = _regular(settled_s, settled)
    if pulses is not None and longest_s <= _BURST_S and bursts > _BURSTS_SHARE * len(settled_s):
        rate_Hz, rate_u, width_s, number = pulses
        return LineLook(Look.BOUNCING, count, number, rate_Hz, rate_u, width_s, longest_s, lost=lost)
    if np.count_nonzero(edges.kind == RISING) < _FEWEST_PULSES:
        return LineLook(Look.FEW, count, int(np.count_nonzero(edges.kind == RISING)), lost=lost)
    return LineLook(Look.NOISE, count, mains_Hz=_mains_of(at_s[edges.kind == RISING]), lost=lost)


def swapped(
    looks: Mapping[str, LineLook], constants_imp_per_kWh: Mapping[str, float], power_W: float
) -> tuple[tuple[str, str], ...]:
    """Pairs of lines, each of which has the rate of the other's meter and not its own."""

    def fits(line: str, meter: str) -> bool:
        return looks[line].fits(constants_imp_per_kWh[meter], power_W)

    lines = [name for name in looks if name in constants_imp_per_kWh]
    return tuple(
        (a, b)
        for a, b in combinations(lines, 2)
        if fits(a, b) and fits(b, a) and not fits(a, a) and not fits(b, b)
    )


def usual_constant(look: LineLook, power_W: float) -> int | None:
    """The usual constant that this rate is at a power; None where there is none near."""
    found = look.constant_imp_per_kWh(power_W)
    if found is None:
        return None
    nearest = min(USUAL_CONSTANTS_IMP_PER_KWH, key=lambda constant: abs(found / constant - 1.0))
    return nearest if look.fits(nearest, power_W) else None


def _regular(at_s: FloatArray, kind: IntArray) -> tuple[float, float, float, int] | None:
    """Rate (Hz), its relative standard uncertainty, width (s) and number of pulses; None where they are not alike."""
    if len(kind) > 1 and bool(np.any(np.diff(kind) == 0)):
        return None
    rising_s = at_s[kind == RISING]
    if len(rising_s) < _FEWEST_PULSES:
        return None
    interval_s = np.diff(rising_s)
    usual_s = float(np.median(interval_s))
    if usual_s <= 0.0:
        return None
    alike = (interval_s > _ALIKE[0] * usual_s) & (interval_s < _ALIKE[1] * usual_s)
    if np.count_nonzero(alike) < _ALIKE_SHARE * len(alike):
        return None
    phase_s = np.diff(at_s)
    widths = [
        float(np.median(part))
        for part in (phase_s[kind[:-1] == RISING], phase_s[kind[:-1] == FALLING])
        if len(part)
    ]
    mean_s = float(interval_s.mean())
    rate_u = float(interval_s.std()) / mean_s / len(interval_s)
    return 1.0 / mean_s, rate_u, min(widths), len(rising_s)


def _settled(at_s: FloatArray, kind: IntArray) -> tuple[FloatArray, IntArray, float, int]:
    """The edges with each burst as one (or none, where it ends as it began), the longest burst (s), how many."""
    first = np.flatnonzero(np.diff(at_s, prepend=-np.inf) > _BURST_S)
    last = np.append(first[1:], len(at_s)) - 1
    is_burst = last > first
    longest_s = float((at_s[last] - at_s[first]).max())
    # What a burst comes to is its last edge; a burst that ends at the level it began at comes to nothing.
    is_change = kind[first] == kind[last]
    return at_s[first[is_change]], kind[last[is_change]], longest_s, int(np.count_nonzero(is_burst))


def _mains_of(at_s: FloatArray) -> float | None:
    """The frequency of the mains that instants keep step with."""
    for frequency_Hz in _MAINS_HZ:
        around_Hz = frequency_Hz * (1.0 + np.linspace(-_MAINS_WITHIN, _MAINS_WITHIN, 81))
        strength = np.abs(np.exp(2j * np.pi * np.outer(around_Hz, at_s)).mean(axis=1))
        if float(strength.max()) >= _IN_STEP:
            return frequency_Hz
    return None
