"""Over how long the power register of a reference standard averages, from how it answers steps of the load.

A power register that shows the mean of the last W seconds, L seconds late, answers a step of the load at t0 with a
ramp of length W whose middle is at t0 + L + W/2. Three things blur that: the register is seen only at its refreshes,
the source itself needs a time rho to go from one load to the next, and t0 is known only from the energy register,
which has a bend there that is as sharp as its step r is fine.

For each step of the load, with P before and after it from the register far away from the step:

    f_j = (P_j - P_before)/(P_after - P_before) at refresh u_j   is a box of W convolved with a box of rho, around c
    t0  = where the straight lines through the energy register before and after the step meet
    R_j - line lies (P_after - P_before) rho/8/3600 Wh off its bend at most: what shows rho

The posterior of (W, c, rho) is laid out on a grid, for each step; all steps share W, rho and c - t0, and the product of
the steps, summed over everything but W, says what is known of W. Where the energy register is too coarse for rho or t0
that distribution is wide, and its width is the answer: a register that answers within one refresh averages over one
refresh at most, but how fast within it cannot be seen. Nothing is assumed of W beyond that it is not negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.alignment import RefreshGrid
from calibration.line import least_squares
from calibration.quantities import SECONDS_PER_HOUR, FloatArray

_STEP_SHARE = 0.03
"""A change of power from one refresh to the next above this share of its whole range is a step of the load."""
_LEAST_RANGE = 0.1
"""A load that stays within this share of its largest power has not been stepped."""
_CLEAR_OF_STEP = 2
_FEWEST_STEADY = 8
"""Refreshes on each side of a step without which its levels are not known."""
_MOST_STEADY = 120
_LEAST_NOISE = 0.01
"""Of f: the grid's own fineness. A finer register does not tell W better than to about one part in a hundred."""
_WIDTHS, _RAMPS, _CENTRES = 60, 15, 140
_KNOWN_PART = 0.25
"""A width is known where its standard uncertainty is below this part of it."""


@dataclass(frozen=True, slots=True)
class Averaging:
    """Averaging length of the power register: mean, standard uncertainty and what it surely is below (97.5 %), in s."""

    averages_s: float
    standard_uncertainty_s: float
    at_most_s: float
    steps: int

    @property
    def is_known(self) -> bool:
        return self.standard_uncertainty_s <= _KNOWN_PART * self.averages_s


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the load: refreshes around it (s, from t0), f_j, their noise, and the energy beside its bend.

    bend_Wh: R_j minus the line before (t < 0) or after; change_W: of the power.
    """

    at_s: FloatArray
    response: FloatArray
    noise: float
    bend_s: FloatArray
    bend_Wh: FloatArray
    change_W: float
    u_t0_s: float


def averaging(grid: RefreshGrid, energy_step_Wh: float) -> Averaging | None:
    """The averaging length by all steps of the load; the grid's curve is not used. None where there is no step."""
    steps = [s for s in (_step(grid, i, j) for i, j in transitions(grid.power_W)) if s is not None]
    if not steps:
        return None
    period_s = grid.clock.period_s
    seen_s = max(_seen_s(step) for step in steps)
    longest_s = seen_s + 2.0 * period_s
    width_s = np.linspace(0.02, 1.0, _WIDTHS) * longest_s
    ramp_s = np.linspace(0.0, 1.0, _RAMPS) * longest_s
    centre_s = _centres(steps, longest_s, period_s)
    total = np.zeros((len(centre_s), len(width_s), len(ramp_s)))
    for step in steps:
        total += _of_lag(step, centre_s, width_s, ramp_s, period_s)
        total += _of_ramp(step, ramp_s, energy_step_Wh)
    weight = np.exp(total - total.max()).sum(axis=(0, 2))
    weight /= weight.sum()
    mean_s = float(weight @ width_s)
    within_s = (width_s[1] - width_s[0]) / np.sqrt(12.0)
    spread_s = float(np.hypot(np.sqrt(weight @ (width_s - mean_s) ** 2), within_s))
    at_most_s = float(np.interp(0.975, np.cumsum(weight), width_s))
    return Averaging(mean_s, spread_s, at_most_s, len(steps))


def transitions(power_W: FloatArray) -> list[tuple[int, int]]:
    """(last refresh before, first refresh after) of each step of the load, from P at the refreshes."""
    range_W = float(np.ptp(power_W))
    moving = np.flatnonzero(np.abs(np.diff(power_W)) > _STEP_SHARE * range_W)
    if not len(moving) or range_W < _LEAST_RANGE * float(np.abs(power_W).max()):
        return []
    # A long average moves by little in each refresh: what follows closely belongs to the same step.
    groups = np.split(moving, np.flatnonzero(np.diff(moving) > _FEWEST_STEADY) + 1)
    return [(int(group[0]), int(group[-1]) + 1) for group in groups]


def _step(grid: RefreshGrid, before: int, after: int) -> _Step | None:
    """None where too little steady load is on either side."""
    power_W, at_s, register = grid.power_W, grid.at_s, grid.register_Wh
    changes = [t for pair in transitions(power_W) for t in pair]
    first = max([c for c in changes if c < before], default=-1) + 1 + _CLEAR_OF_STEP
    last = min([c for c in changes if c > after], default=len(power_W)) - 1 - _CLEAR_OF_STEP
    low = slice(max(first, before - _CLEAR_OF_STEP - _MOST_STEADY), before - _CLEAR_OF_STEP)
    high = slice(after + _CLEAR_OF_STEP + 1, min(last + 1, after + _CLEAR_OF_STEP + 1 + _MOST_STEADY))
    if low.stop - low.start < _FEWEST_STEADY or high.stop - high.start < _FEWEST_STEADY:
        return None
    first_line, second_line = (_line(at_s[part], register[part]) for part in (low, high))
    if first_line is None or second_line is None or first_line[1] == second_line[1]:
        return None
    (start_Wh, first_slope, u_first), (end_Wh, second_slope, u_second) = first_line, second_line
    t0_s = (start_Wh - end_Wh) / (second_slope - first_slope)
    low_W, high_W = float(power_W[low].mean()), float(power_W[high].mean())
    change_W = high_W - low_W
    u_t0_s = float(np.hypot(u_first, u_second)) / abs(second_slope - first_slope)
    scatter_W = float(np.hypot(power_W[low].std(), power_W[high].std())) / np.sqrt(2.0)
    around = slice(low.stop - 2, high.start + 2)
    bent = np.flatnonzero(np.isfinite(register[around])) + around.start
    line_Wh = np.where(
        at_s[bent] < t0_s, start_Wh + first_slope * at_s[bent], end_Wh + second_slope * at_s[bent]
    )
    return _Step(
        at_s[around] - t0_s,
        (power_W[around] - low_W) / change_W,
        max(_LEAST_NOISE, scatter_W / abs(change_W)),
        at_s[bent] - t0_s,
        register[bent] - line_Wh,
        change_W,
        u_t0_s,
    )


def _line(at_s: FloatArray, register_Wh: FloatArray) -> tuple[float, float, float] | None:
    """Intercept (Wh), slope (Wh/s) and standard uncertainty of the line (Wh) at the near end of these refreshes."""
    seen = np.isfinite(register_Wh)
    if np.count_nonzero(seen) < _FEWEST_STEADY:
        return None
    line = least_squares(at_s[seen], register_Wh[seen])
    rest_Wh = register_Wh[seen] - line.at(at_s[seen])
    # At an end of the line its uncertainty is twice that of a mean.
    u_Wh = 2.0 * float(rest_Wh.std()) / np.sqrt(np.count_nonzero(seen))
    return line.intercept, line.slope, u_Wh


def _seen_s(step: _Step) -> float:
    """How long the response is under way, within a refresh."""
    moving = np.flatnonzero(np.abs(step.response - 0.5) < 0.5 - 3.0 * step.noise)
    return float(step.at_s[moving[-1]] - step.at_s[moving[0]]) if len(moving) else 0.0


def _centres(steps: list[_Step], longest_s: float, period_s: float) -> FloatArray:
    """Places (s after t0) at which the middle of the response may be."""
    half_s = [float(step.at_s[int(np.argmax(step.response >= 0.5))]) for step in steps]
    margin_s = 0.5 * longest_s + period_s
    return np.linspace(min(half_s) - margin_s, max(half_s) + margin_s, _CENTRES)


def _of_lag(
    step: _Step, centre_s: FloatArray, width_s: FloatArray, ramp_s: FloatArray, period_s: float
) -> FloatArray:
    """Logarithm of the likelihood of the response; shape (centre, width, ramp). The step's own t0 is summed over."""
    widest = np.maximum(width_s[:, None], ramp_s[None, :])
    narrow = np.minimum(width_s[:, None], ramp_s[None, :])
    own = np.zeros((len(centre_s), len(width_s), len(ramp_s)))
    for at_s, response in zip(step.at_s, step.response, strict=True):
        model = _two_boxes(at_s - centre_s[:, None, None], widest[None], narrow[None])
        own -= 0.5 * ((response - model) / step.noise) ** 2
    # c - t0 is common to all steps, t0 is known to u_t0_s, and c to the grid.
    apart = (centre_s[:, None] - centre_s[None, :]) / max(step.u_t0_s, 0.5 * (centre_s[1] - centre_s[0]))
    kernel = np.exp(-0.5 * apart**2)
    largest = own.max()
    flat = np.exp(own - largest).reshape(len(centre_s), -1)
    return np.asarray(np.log(np.maximum(kernel @ flat, 1e-300)).reshape(own.shape) + largest)


def _two_boxes(x: FloatArray, widest: FloatArray, narrow: FloatArray) -> FloatArray:
    """Integral of the trapezium that two boxes make: 0 before it, 1 after it."""
    half, flat = 0.5 * (widest + narrow), 0.5 * (widest - narrow)

    def corner(at: FloatArray) -> FloatArray:
        return np.asarray(np.maximum(at, 0.0) ** 2)

    area = np.maximum(widest * narrow, 1e-300)
    smooth = (corner(x + half) - corner(x + flat) - corner(x - flat) + corner(x - half)) / (2.0 * area)
    sharp = np.clip(x / np.maximum(widest, 1e-12) + 0.5, 0.0, 1.0)
    return np.asarray(np.where(narrow < 1e-6 * widest, sharp, smooth))


def _of_ramp(step: _Step, ramp_s: FloatArray, energy_step_Wh: float) -> FloatArray:
    """Logarithm of the likelihood of the energy beside its bend; shape (ramp,)."""
    slope = step.change_W / SECONDS_PER_HOUR
    inside = np.maximum(0.5 * ramp_s[:, None] - np.abs(step.bend_s)[None, :], 0.0)
    off_Wh = slope * inside**2 / (2.0 * np.maximum(ramp_s[:, None], 1e-9))
    noise_Wh = np.hypot(energy_step_Wh / np.sqrt(12.0), abs(slope) * step.u_t0_s)
    # The lines' own offset of half a step is common to all points beside them.
    return np.asarray(-0.5 * (((step.bend_Wh[None, :] - off_Wh) / noise_Wh) ** 2).sum(axis=1))
