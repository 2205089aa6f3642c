"""Simulated households with one known load: what somebody states about it, and what is really so.

Of its own: the power is that of each minute at the voltage of that minute, the register is a counter that shows whole
steps. Nothing of `calibration/household/known_load.py` is used but the statement that it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calibration.household.known_load import KnownLoad, LoadKind

_MINUTE_S = 60.0
_VOLT_A_MINUTE = 0.3
STEPS_KWH = (0.1, 0.01, 1 / 1200, 1 / 1600, 1 / 3200)
"""Registers of one and two decimals, and the pulses of three constants."""


@dataclass(frozen=True, slots=True)
class Household:
    """stated: what its people know. duration_s: by their clock. The rest is the truth: power in each minute (W), how
    much longer it really was, where the counter stood within a step."""

    stated: KnownLoad
    duration_s: float
    power_W: np.ndarray
    longer_s: float
    phase: float

    def counted_kWh(self, error_pct: float) -> float:
        """The difference of two readings, of a meter with this error."""
        lasted_s = self.duration_s + self.longer_s
        minutes = np.diff(np.minimum(np.arange(self.power_W.size + 1) * _MINUTE_S, lasted_s))
        registered = float(self.power_W @ minutes) / 3.6e6 * (1 + error_pct / 100)
        steps = registered / self.stated.step_kWh
        return (math.floor(self.phase + steps) - math.floor(self.phase)) * self.stated.step_kWh


def draw_household(rng: np.random.Generator, *, at_the_edge: bool = False) -> Household:
    """at_the_edge: every lamp and background is as far off as its tolerance lets it be, all to one side."""
    kind = LoadKind(rng.choice(list(LoadKind)))
    rated_W = float(rng.choice([100, 200, 500, 1000] if kind is LoadKind.HEATING else [60, 100, 200]))
    rated_V = float(rng.choice([220, 230]))
    step_kWh = float(rng.choice(STEPS_KWH))
    is_pulses = step_kWh < 0.01
    within_s = 5.0 if is_pulses else 60.0
    duration_s = float(rng.uniform(600, 3600) if is_pulses else rng.uniform(2, 12) * 3600)
    background_W, background_within_W = float(rng.choice([0, 5, 20])), float(rng.choice([0, 2, 5]))
    stated = KnownLoad(
        kind,
        rated_W,
        tolerance_pct=float(rng.choice([2, 5, 10])),
        rated_V=rated_V,
        lowest_V=rated_V * float(rng.choice([0.90, 0.95, 0.98])),
        highest_V=rated_V * float(rng.choice([1.02, 1.05, 1.07])),
        background_W=background_W,
        background_within_W=background_within_W,
        step_kWh=step_kWh,
        within_s=within_s,
    )
    side = rng.choice([-1.0, 1.0])

    def off() -> float:
        return float(side if at_the_edge else rng.uniform(-1, 1))

    lamp_W = rated_W * (1 + off() * stated.tolerance_pct / 100)
    background = max(0.0, background_W + off() * background_within_W)
    exponent = {
        LoadKind.HEATING: rng.choice([1.6, 2.0]),
        LoadKind.LED: rng.uniform(0, 1),
        LoadKind.REGULATED: 0.0,
    }[kind]
    minutes = math.ceil((duration_s + within_s) / _MINUTE_S)
    voltage = _wandering(rng, stated.lowest_V, stated.highest_V, minutes, side if at_the_edge else None)
    return Household(
        stated,
        duration_s,
        lamp_W * (voltage / rated_V) ** exponent + background,
        within_s * off(),
        float(rng.uniform(0, 1)),
    )


def _wandering(
    rng: np.random.Generator, lowest_V: float, highest_V: float, minutes: int, side: float | None
) -> np.ndarray:
    """The mains in each minute: somewhere in its range, wandering, or all the time at one of its ends."""
    if side is not None:
        return np.full(minutes, highest_V if side > 0 else lowest_V)
    walk = rng.uniform(lowest_V, highest_V) + np.cumsum(rng.normal(0, _VOLT_A_MINUTE, minutes))
    return np.clip(walk, lowest_V, highest_V)
