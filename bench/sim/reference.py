"""The reference standard: registers that are refreshed every T and seen through a slow poll.

At each refresh the energy register becomes the energy counted so far, rounded down to its step, and the
power register the mean power over the refresh interval (or over several, or over one that ended earlier).
The reference averages over whole periods of the mains, so the 100 Hz pulsation is not in its registers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.sim.energy_curve import S_PER_H, EnergyCurve
from calibration.quantities import FloatArray

WANDER_REFERENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class ReferenceModel:
    """A reference standard as it truly is (what the bench believes of it is its `ReferenceCard`).

    energy_step_Wh: r. refresh_s: nominal T; refresh_deviation_ppm: how far the true T is from it.
    refresh_jitter_s: rms noise of every refresh; refresh_wander_s: what the refresh phase has walked (rms)
    after 60 s. power_step_W: a_P; power_gain_pct, power_offset_W: how the power register reads against the
    energy register. power_lag_s: the averaging interval ends that long before the refresh;
    power_average_n: it is that many refreshes long. energy_is_float32, energy_register_unit_Wh: the register
    is a float32 in that unit. start_Wh: what it shows at first. indication_error_pct: true error of all.
    pulse_constant_imp_per_Wh: of its pulse output after any divider, or None.
    """

    energy_step_Wh: float = 0.01
    refresh_s: float = 0.2
    refresh_deviation_ppm: float = 50.0
    refresh_jitter_s: float = 0.0
    refresh_wander_s: float = 0.0
    power_step_W: float = 0.1
    power_gain_pct: float = 0.0
    power_offset_W: float = 0.0
    power_lag_s: float = 0.0
    power_average_n: int = 1
    energy_is_float32: bool = False
    energy_register_unit_Wh: float = 1.0
    start_Wh: float = 0.0
    indication_error_pct: float = 0.0
    pulse_constant_imp_per_Wh: float | None = None

    @property
    def true_refresh_s(self) -> float:
        return self.refresh_s * (1.0 + 1e-6 * self.refresh_deviation_ppm)

    @property
    def gain(self) -> float:
        return 1.0 + self.indication_error_pct / 100.0


@dataclass(frozen=True, slots=True)
class Refreshes:
    """Register contents from each refresh on; equal shapes (n,), at_s increasing."""

    at_s: FloatArray
    energy_Wh: FloatArray
    power_W: FloatArray

    def seen_at(self, at_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Energy (Wh) and power (W) as read at each instant."""
        index = np.maximum(np.searchsorted(self.at_s, at_s, "right") - 1, 0)
        return self.energy_Wh[index], self.power_W[index]


def refresh_instants_s(
    model: ReferenceModel, first_s: float, count: int, walked_s: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """`count` refresh instants and how far the phase has walked at each; shapes (count,).

    first_s: the first instant without jitter and walk. walked_s: the walk before it, so that the sequence
    can be drawn in pieces.
    """
    refresh_s = model.true_refresh_s
    walk = np.full(count, walked_s)
    if model.refresh_wander_s > 0.0:
        per_refresh = model.refresh_wander_s * np.sqrt(refresh_s / WANDER_REFERENCE_S)
        walk += np.cumsum(rng.standard_normal(count) * per_refresh)
    instants = first_s + refresh_s * np.arange(count) + walk
    if model.refresh_jitter_s > 0.0:
        instants += rng.standard_normal(count) * model.refresh_jitter_s
    return np.maximum.accumulate(instants), walk


def energy_register_Wh(model: ReferenceModel, counted_Wh: FloatArray) -> FloatArray:
    """What the energy register shows (Wh) when the reference has counted counted_Wh since its manufacture."""
    shown = np.floor(counted_Wh / model.energy_step_Wh) * model.energy_step_Wh
    if model.energy_is_float32:
        unit = model.energy_register_unit_Wh
        return (shown / unit).astype(np.float32).astype(np.float64) * unit
    return np.asarray(shown, np.float64)


def power_register_W(model: ReferenceModel, power_W: FloatArray) -> FloatArray:
    """What the power register shows (W) for a mean power."""
    read = power_W * model.gain * (1.0 + model.power_gain_pct / 100.0) + model.power_offset_W
    if model.power_step_W <= 0.0:
        return np.asarray(read, np.float64)
    return np.asarray(np.rint(read / model.power_step_W) * model.power_step_W, np.float64)


def refreshes(
    model: ReferenceModel, curve: EnergyCurve, before_s: FloatArray, at_s: FloatArray, energy_offset_Wh: float
) -> Refreshes:
    """Register contents at the refreshes at_s (n,), with before_s (power_average_n,) the refreshes before.

    energy_offset_Wh: what the reference had counted where the curve's energy is zero.
    """
    n = model.power_average_n
    instants = np.concatenate((before_s, at_s))
    lagged = curve.mean_energy_Wh(instants - model.power_lag_s)
    width = np.maximum(instants[n:] - instants[:-n], 1e-9)
    power = (lagged[n:] - lagged[:-n]) * S_PER_H / width
    counted = energy_offset_Wh + curve.mean_energy_Wh(at_s) * model.gain
    return Refreshes(at_s, energy_register_Wh(model, counted), power_register_W(model, power))
