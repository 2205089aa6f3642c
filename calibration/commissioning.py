"""What the actual reference standard does, measured on it: step r, refresh T and its jitter, latency, power step, lag,
and over how long its power register averages (`register_response.py`).

Data sheets are not trusted: every uncertainty of a window starts from these figures, so `bench check` measures
them on the live instrument and compares them with its card. All functions take the polls of one recording.

The lag. The power register at a refresh is the mean power of an interval that ended L before that refresh, so
the summed power G is the energy of L ago. Where the load is steady around a refresh, to first order

    R_j = a + s (G_j + P_j L / 3600)        R in Wh, P in W, L in s

with s the gain of energy against power. Ordinary least squares on (1, G, P) gives s L / 3600 as the third
coefficient, but only where P varies on purpose: without a step of the load its uncertainty says so. Refreshes
next to a step are left out, since there the first order does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from calibration.alignment import RefreshGrid, align
from calibration.quantities import (
    SECONDS_PER_HOUR,
    Finding,
    FloatArray,
    ReferenceReadings,
    seconds_between,
)
from calibration.reference_standard import ReferenceCard
from calibration.refresh_jitter import RefreshJitter, refresh_jitter
from calibration.register_response import Averaging, averaging, transitions
from calibration.timebase import RefreshClock, RunRegister, changes, recover_refresh_clock

_MOST_SILENT_REFRESHES = 20
"""At low load up to this many refreshes may go by between two visible changes."""
_CLEAR_OF_STEP = 4
"""Refreshes on both sides of a step of the load that do not count for the lag."""
_FINEST_LAG = 0.01
"""Of a refresh: what the power register is off by, and refreshes that are uneven by 2 %, add up in the summed energy,
which least squares take for scatter; simulated, it moves the lag by so much and not by more."""
_UNEVEN_PART = 1 / 8
"""Changes that scatter by more than this part of their interval are on no clock at all."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Delay of the power register behind the energy register and its standard uncertainty, in s."""

    lag_s: float
    standard_uncertainty_s: float


@dataclass(frozen=True, slots=True)
class ReferenceBehaviour:
    """What a recording shows; None where it shows nothing of the kind.

    is_even: whether the refreshes are periodic enough for estimators that lean on their clock.
    """

    polls: int
    poll_interval_s: float
    latency_median_s: float
    latency_jitter_s: float
    """Half the range of the middle 95 % of the latencies."""
    energy_step_Wh: float | None
    power_step_W: float | None
    refresh_s: float | None
    is_even: bool
    refresh_jitter: RefreshJitter | None
    lag: Lag | None
    averaging: Averaging | None


def reference_behaviour(readings: ReferenceReadings, card: ReferenceCard) -> ReferenceBehaviour:
    """All of it. Errors: ValueError with fewer than 10 polls."""
    polls = readings.energy_Wh
    if len(polls) < 10:
        raise ValueError(f"only {len(polls)} polls; at least 10 are needed")
    origin_ns = int(polls.request_ns[0])
    energy = RunRegister.of(polls, origin_ns)
    power = RunRegister.of(readings.power_W, origin_ns)
    latency_s = seconds_between(polls.request_ns, polls.reply_ns)
    low, high = np.percentile(latency_s, [2.5, 97.5])
    clock = refresh_clock(energy, power)
    step_Wh = register_step(energy.value)
    jitter, lag, averages = None, None, None
    if clock is not None:
        found = changes(energy).merged(changes(power))
        jitter = refresh_jitter(found.narrower_than(0.5 * clock.period_s), clock, float(np.std(latency_s)))
    if clock is not None and step_Wh is not None:
        seen = replace(card, refresh_s=clock.period_s, energy_step_Wh=step_Wh, power_lag_s=0.0)
        grid = align(readings, seen, origin_ns).grid
        if not isinstance(grid, Finding):
            averages = averaging(grid, step_Wh)
            lag = power_lag(grid, step_Wh)
    return ReferenceBehaviour(
        polls=len(energy),
        poll_interval_s=float(np.median(np.diff(energy.asked_s))),
        latency_median_s=float(np.median(latency_s)),
        latency_jitter_s=float(high - low) / 2,
        energy_step_Wh=step_Wh,
        power_step_W=register_step(power.value),
        refresh_s=clock.period_s if clock else None,
        is_even=clock is not None and clock.is_periodic,
        refresh_jitter=jitter,
        lag=lag,
        averaging=averages,
    )


def register_step(shown: FloatArray) -> float | None:
    """The step of a register: the greatest number of which every change seen is a whole multiple.

    A float32 register shows tenths of a watt only to within its own spacing, so where nothing but that spacing
    divides the changes, they are looked at again with that tolerance. None where the register did not move, or
    moves in steps finer than its digits tell apart.
    """
    largest = float(np.abs(shown).max())
    step = _divisor_of_changes(shown, 4 * float(np.finfo(np.float64).eps) * largest)
    spacing = float(np.spacing(np.float32(largest)))
    is_float32 = bool(np.all(shown.astype(np.float32) == shown))
    if step is not None and is_float32 and step <= spacing * 1.001:
        return _divisor_of_changes(shown, spacing) or step
    return step


def _divisor_of_changes(shown: FloatArray, noise: float) -> float | None:
    """`noise`: how far a value that is shown may be from the whole multiple it stands for.

    From the smallest change up: a change that is n steps tells the step n times better than one that is one.
    A change that is no multiple leaves a rest, which is a smaller candidate, and it begins again.
    """
    moved = np.unique(np.abs(np.diff(shown)))
    step = float(moved[moved > 8 * noise].min(initial=np.inf))
    while np.isfinite(step) and step > 8 * noise:
        candidate, error = step, 2 * noise
        for change in moved[moved > 8 * noise].tolist():
            steps = float(np.rint(change / candidate))
            if steps * error > candidate / 4:
                continue  # too many steps to tell a multiple from none
            rest = abs(change - steps * candidate)
            if rest > 4 * noise + steps * error:
                step = rest
                break
            if steps >= 1:
                candidate, error = change / steps, 2 * noise / steps
        else:
            return candidate
    return None


def refresh_clock(energy: RunRegister, power: RunRegister) -> RefreshClock | None:
    """The refresh clock without a nominal period: the longest one that explains every change.

    Where none does, the longest one that the changes are near to, which is then not periodic. None where nothing
    changed often enough, or there is no clock in it.
    """
    found = changes(energy).merged(changes(power))
    apart_s = np.diff(found.middle_s)
    apart_s = apart_s[apart_s > 0]  # both registers may change between the same two polls
    if not len(apart_s):
        return None
    # Where only few polls see a refresh and many changes stay away, the median lies between one refresh and two.
    short_s = apart_s[apart_s < 1.5 * np.percentile(apart_s, 25)]
    usual_s = (float(np.median(apart_s)), float(short_s.mean()))
    shortest_s = 2.0 * float(np.median(np.diff(energy.asked_s)))
    near = None
    for silent, apart in product(range(1, _MOST_SILENT_REFRESHES + 1), usual_s):
        if apart / silent < shortest_s:
            continue  # between two polls anything would fit
        clock = recover_refresh_clock(energy, power, apart / silent)
        if clock is not None and clock.is_periodic:
            return clock
        if clock is not None and near is None and clock.residual_s < _UNEVEN_PART * clock.period_s:
            near = clock
    return near


def power_lag(grid: RefreshGrid, energy_step_Wh: float) -> Lag | None:
    """The lag by least squares (see above); the grid's curve must have been laid with no lag.

    None with too few refreshes clear of steps. The uncertainty is honest where the load never moved: large.
    """
    summed_Wh = grid.curve.at(grid.at_s)
    usable = np.isfinite(grid.register_Wh) & ~_near_step(grid.power_W)
    if np.count_nonzero(usable) < 12:
        return None
    power_W = grid.power_W[usable]
    design = np.stack((np.ones_like(power_W), summed_Wh[usable], power_W), axis=1)
    centre = design.mean(axis=0) * (0.0, 1.0, 1.0)
    scale = np.maximum(design.std(axis=0), (1.0, 1e-12, 1e-12))
    scaled = (design - centre) / scale
    answer, _, rank, _ = np.linalg.lstsq(scaled, grid.register_Wh[usable], rcond=1e-10)
    if rank < 3:
        return None
    residual = grid.register_Wh[usable] - scaled @ answer
    variance = max(float(residual @ residual) / (len(residual) - 3), energy_step_Wh**2 / 12)
    covariance = variance * np.linalg.inv(scaled.T @ scaled)
    gain = answer[1] / scale[1]
    to_lag_s = SECONDS_PER_HOUR / (scale[2] * gain)
    u_s = float(np.sqrt(covariance[2, 2]) * abs(to_lag_s))
    return Lag(float(answer[2] * to_lag_s), max(u_s, _FINEST_LAG * grid.clock.period_s))


def _near_step(power_W: FloatArray) -> NDArray[np.bool_]:
    """True for refreshes within a step of the load as the register shows it, and _CLEAR_OF_STEP around it."""
    near = np.zeros(len(power_W), np.bool_)
    for before, after in transitions(power_W):
        near[max(before + 1 - _CLEAR_OF_STEP, 0) : after + _CLEAR_OF_STEP] = True
    return near
