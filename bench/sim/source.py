"""The load source: a nominal power that fluctuates a little and may be stepped.

The fluctuation is an Ornstein-Uhlenbeck process (first-order Gauss-Markov): it is drawn exactly at knots that
are short against its correlation time, and the mean power is linear between knots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.quantities import FloatArray

_BLOCK = 64


@dataclass(frozen=True, slots=True)
class LoadStep:
    """At at_s after the start of the run the load becomes factor times the nominal load, and stays there."""

    at_s: float
    factor: float


@dataclass(frozen=True, slots=True)
class SourceModel:
    """steadiness_pct: rms of the fluctuation in % of the load; correlation_s: its correlation time.

    ramp_s: how long the source takes from one load to the next. knot_s: distance of the knots.
    """

    steadiness_pct: float = 0.05
    correlation_s: float = 20.0
    steps: tuple[LoadStep, ...] = ()
    ramp_s: float = 0.02
    knot_s: float = 0.1


def fluctuation(
    rng: np.random.Generator, count: int, step_s: float, correlation_s: float, before: float | None = None
) -> FloatArray:
    """`count` values of a unit-variance Ornstein-Uhlenbeck process, step_s apart; shape (count,).

    before: the value one step before the first, so that a process can be drawn in pieces; None starts it in
    its stationary distribution.
    """
    decay = float(np.exp(-step_s / correlation_s))
    noise = rng.standard_normal(count) * np.sqrt(1.0 - decay**2)
    carry = float(rng.standard_normal()) if before is None else before
    blocks = -(-count // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[:count] = noise
    # x_i = decay x_(i-1) + n_i, block by block: inside a block a triangular matrix, across blocks a loop.
    lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    weights = np.where(lag >= 0, decay ** np.maximum(lag, 0), 0.0)
    values = padded.reshape(blocks, _BLOCK) @ weights.T
    fade = decay ** np.arange(1, _BLOCK + 1)
    for row in values:
        row += carry * fade
        carry = row[-1]
    return np.asarray(values.reshape(-1)[:count], np.float64)


def stepped_factor(at_s: FloatArray, steps: tuple[LoadStep, ...], ramp_s: float) -> FloatArray:
    """Nominal load relative to the first one at each instant (1.0 before the first step)."""
    if not steps:
        return np.ones_like(at_s)
    times, factors = [steps[0].at_s], [1.0]
    for step in steps:
        times += [step.at_s, step.at_s + ramp_s]
        factors += [factors[-1], step.factor]
    # Of steps closer than the ramp, the later one waits for the end of the ramp before it.
    return np.asarray(np.interp(at_s, np.maximum.accumulate(times), factors), np.float64)


def knots_s(first_s: float, last_s: float, source: SourceModel) -> FloatArray:
    """Instants of the knots from first_s to last_s, with knots at both ends of every ramp."""
    count = max(2, int(np.ceil((last_s - first_s) / source.knot_s)) + 1)
    even: FloatArray = first_s + source.knot_s * np.arange(count, dtype=np.float64)
    if not source.steps:
        return even
    ramps = np.array([t for s in source.steps for t in (s.at_s, s.at_s + source.ramp_s)])
    return np.unique(np.concatenate((even, ramps[(ramps > first_s) & (ramps < even[-1])])))
