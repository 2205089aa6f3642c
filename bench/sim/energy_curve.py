"""The energy that flows through meter and reference as an exact function of time.

The mean power is linear between knots, so the energy is quadratic there and both directions (energy at an
instant, instant of an energy) are closed formulas. On top of it a single-phase load pulsates at twice the
mains frequency:

    p(t) = P (1 - cos(2 w t + theta) / PF)
    e(t) = integral of P  -  P / (2 w PF) * sin(2 w t + theta)

A meter emits when its energy *first* reaches a level. With x = 2 w t + theta and x0 the same for the mean
energy this is x - sin(x)/PF = x0, which is Kepler's equation. Below unity power factor e(t) runs backwards
for a part of each period, so that a level can be crossed three times; `_first_crossing` finds the rising
branch of the first crossing in closed form and bisects on that branch, where the root is unique.

Times are float seconds from an origin of the caller, energies Wh, powers W; arrays have one shape per call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.quantities import FloatArray

IndexArray = NDArray[np.intp]

S_PER_H = 3600.0
_BISECTIONS = 32
"""2 pi / 2^32 of a 100 Hz period is 2 fs: the inversion is exact for stamps in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Pulsation:
    """Double-frequency part of the power of a single-phase load. phase_rad is theta at the time origin."""

    frequency_Hz: float
    power_factor: float
    phase_rad: float

    @property
    def double_angular_frequency_rad_per_s(self) -> float:
        return 4.0 * np.pi * self.frequency_Hz

    def energy_Wh(self, at_s: FloatArray, power_W: FloatArray) -> FloatArray:
        """What the pulsation adds to the mean energy at an instant (Wh)."""
        rate = self.double_angular_frequency_rad_per_s
        swing = power_W / (rate * self.power_factor * S_PER_H)
        return np.asarray(-swing * np.sin(rate * at_s + self.phase_rad), np.float64)


@dataclass(frozen=True, slots=True)
class EnergyCurve:
    """Knots of the mean power (linear between them) and the mean energy at each knot; equal shapes (n,).

    time_s is strictly increasing and power_W is never negative. Outside the knots the power of the first or
    last knot goes on.
    """

    time_s: FloatArray
    power_W: FloatArray
    energy_Wh: FloatArray

    @staticmethod
    def through(time_s: FloatArray, power_W: FloatArray, start_Wh: float = 0.0) -> EnergyCurve:
        """The curve through the given knots, with energy start_Wh at the first one."""
        pieces = 0.5 * (power_W[1:] + power_W[:-1]) * np.diff(time_s) / S_PER_H
        energy = np.concatenate(([start_Wh], start_Wh + np.cumsum(pieces)))
        return EnergyCurve(time_s, power_W, energy)

    def plus(self, power_W: float, since_s: float) -> EnergyCurve:
        """The curve with a constant power on top, whose energy is counted from an instant on."""
        more_Wh = power_W * (self.time_s - since_s) / S_PER_H
        return EnergyCurve(self.time_s, self.power_W + power_W, self.energy_Wh + more_Wh)

    def _segment(self, at_s: FloatArray) -> IndexArray:
        return np.clip(np.searchsorted(self.time_s, at_s, "right") - 1, 0, len(self.time_s) - 2)

    def _slope(self, segment: IndexArray) -> FloatArray:
        """Change of the mean power in a segment (W/s)."""
        run = self.time_s[segment + 1] - self.time_s[segment]
        return np.asarray((self.power_W[segment + 1] - self.power_W[segment]) / run, np.float64)

    def mean_power_W(self, at_s: FloatArray) -> FloatArray:
        return np.asarray(np.interp(at_s, self.time_s, self.power_W), np.float64)

    def mean_energy_Wh(self, at_s: FloatArray) -> FloatArray:
        """Energy without the pulsation."""
        k = self._segment(at_s)
        first, last = self.time_s[0], self.time_s[-1]
        inside = np.clip(at_s, first, last)
        step = inside - self.time_s[k]
        energy = self.energy_Wh[k] + (self.power_W[k] + 0.5 * self._slope(k) * step) * step / S_PER_H
        outside = np.where(at_s < first, self.power_W[0], self.power_W[-1]) * (at_s - inside)
        return np.asarray(energy + outside / S_PER_H, np.float64)

    def total_energy_Wh(self, at_s: FloatArray, pulsation: Pulsation | None) -> FloatArray:
        """Energy at an instant including the pulsation."""
        energy = self.mean_energy_Wh(at_s)
        if pulsation is None:
            return energy
        return energy + pulsation.energy_Wh(at_s, self.mean_power_W(at_s))

    def instant_of_mean_s(self, level_Wh: FloatArray) -> FloatArray:
        """When the mean energy reaches each level. Levels must lie in (first, last] energy of the curve."""
        k = np.clip(np.searchsorted(self.energy_Wh, level_Wh, "left") - 1, 0, len(self.time_s) - 2)
        missing = np.maximum(level_Wh - self.energy_Wh[k], 0.0) * S_PER_H
        power = self.power_W[k]
        root = np.sqrt(np.maximum(power**2 + 2.0 * self._slope(k) * missing, 0.0))
        # The form with the root in the denominator does not cancel where the power hardly changes.
        denominator = power + root
        step = np.divide(2.0 * missing, denominator, out=np.zeros_like(missing), where=denominator > 0.0)
        return np.asarray(self.time_s[k] + step, np.float64)

    def instant_of_total_s(self, level_Wh: FloatArray, pulsation: Pulsation | None) -> FloatArray:
        """When the energy including the pulsation first reaches each level."""
        mean_s = self.instant_of_mean_s(level_Wh)
        if pulsation is None or not len(mean_s):
            return mean_s
        rate = pulsation.double_angular_frequency_rad_per_s
        # |x - x0| is at most 1/PF. Where a load begins, the linearisation would leave twice that far behind: before
        # the beginning the power is nothing.
        farthest_s = 2.0 / (pulsation.power_factor * rate)
        earliest_s, latest_s = mean_s - farthest_s, mean_s + farthest_s
        at_s = mean_s
        # The closed form takes the mean power as constant over some milliseconds; a second pass linearises
        # at the solution itself, which leaves less than a nanosecond.
        for _ in range(2):
            power = np.maximum(self.mean_power_W(at_s), 1e-9)
            mean_s = at_s + (level_Wh - self.mean_energy_Wh(at_s)) * S_PER_H / power
            x = _first_crossing(rate * mean_s + pulsation.phase_rad, pulsation.power_factor)
            at_s = np.clip((x - pulsation.phase_rad) / rate, earliest_s, latest_s)
        # In a ramp from no load the linearisation may swap neighbours by microseconds; time does not.
        return np.maximum.accumulate(at_s)


def _first_crossing(x0: FloatArray, power_factor: float) -> FloatArray:
    """Smallest x with x - sin(x)/PF = x0.

    The left side rises on [2 pi (k-1) + phi, 2 pi k - phi], phi = arccos(PF), and its maxima 2 pi k - phi +
    tan(phi) grow with k, so the first k whose maximum reaches x0 holds the first crossing.
    """
    phi = float(np.arccos(power_factor))
    turn = 2.0 * np.pi
    k = np.ceil((x0 + phi - np.tan(phi)) / turn)
    low, high = turn * (k - 1.0) + phi, turn * k - phi
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        below = middle - np.sin(middle) / power_factor < x0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(0.5 * (low + high), np.float64)
