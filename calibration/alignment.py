"""Aligning a polled reference standard with pulses: the heart of the bench.

The question
    A meter under test gives a pulse each time a fixed energy has gone through it. Between its first and its last
    pulse, how much energy did the reference standard measure? The instants of the pulses are known to microseconds.
    The reference is not: it shows an energy register that moves in steps r, is refreshed every T, and is seen
    through polls that take 15 to 40 ms. Reading the register at both ends and subtracting is wrong by up to a step
    and a refresh at each end: 1.2 % for T = 1 s, r = 1 Wh and a minute at 2.3 kW.

What is exact in what a reference shows
    1. A register that changed between two polls was refreshed in between. Refreshes are periodic, so their clock
       can be recovered to a small part of a poll interval (`timebase.py`).
    2. At a refresh u_j the energy was at least the value R_j shown from then on and less than R_j + r.
    3. The power register shown from u_j on is the mean over the refresh interval before u_j. So the sum
           G_j = G_(j-1) + P_j T / 3600
       follows the true energy at the refreshes up to a gain close to 1: its shape is exact, its scale is not,
       because power and energy registers are rounded, averaged and calibrated each in its own way.
    `RefreshGrid` holds these three things. Between refreshes G runs straight, which is where the unsteadiness of the
    load enters (row `alignment_ends`).

The estimators (`estimators/`), each of which turns the same data into the energy of the same window
    tick_gated        energy between two changes of the register is an exact multiple of r; the meter's count is
                      interpolated at their recovered instants. Assumes least, resolves least.
    tick_line         a straight line through all changes. Fine while the load is steady, and only then.
    power_integral    G itself. No timing noise; but the gain of the power register against energy is taken on trust.
    fused             shape from G, scale from the register over the whole run. The register's steps bound the scale
                      (`set_membership.py`), so a short window inherits a long run's scale.
    reference_pulses  pulses of the reference on a second line, interpolated at the meter's pulses. Needs no register.

    Every estimator that applies runs on every window. Each states its own rows of uncertainty; one whose assumptions
    are violated declines with a reason and gives no number. `evaluation.py` takes the one with the smallest
    uncertainty and calls the window INVALID where another one contradicts it.

The meter's side
    The estimators give an energy curve E(t); `meter_edges.py` reads it at the meter's pulses, with all pulses where
    the meter may emit at frame boundaries only.

Symbols follow the table of docs/metrology.md: C meter constant, N pulse intervals, P power (W), E energy (Wh), r step
of the energy register (Wh), T refresh interval (s), D poll interval (s), tau window (s), a_P step of the power register
(W), L lag of the power register (s).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.quantities import (
    SECONDS_PER_HOUR,
    Finding,
    FloatArray,
    IntArray,
    ReferenceReadings,
    seconds_between,
)
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.timebase import (
    MIN_CHANGES,
    PERIODICITY_LIMIT,
    RefreshClock,
    RunRegister,
    recover_refresh_clock,
    run_seconds,
)

POLLS_PER_REFRESH = 4
"""A poll interval above T / 4 cannot bracket refreshes well enough (docs/metrology.md, "Refresh clock")."""
_CLOCKS_APART = 1.001
"""Polls are timed by the bench and refreshes by the reference, whose clocks differ by far less."""
_FEWEST_REFRESHES = 3
UNCOMMISSIONED_LAG_U_IN_REFRESHES = 1.5
"""Standard uncertainty of a lag nobody measured, in refresh intervals: a register that averages over four refreshes
lags by 1.5. Our assumption; the result is informative then anyway."""


@dataclass(frozen=True, slots=True)
class EnergyCurve:
    """Energy (Wh) against run time (s), linear between its points; shapes (n,), times ascending."""

    at_s: FloatArray
    energy_Wh: FloatArray

    def at(self, instants_s: FloatArray) -> FloatArray:
        """Energy (Wh) at instants (s) of any shape; beyond its ends, that of the end."""
        return np.asarray(np.interp(instants_s, self.at_s, self.energy_Wh), dtype=np.float64)

    def between(self, first_s: float, last_s: float) -> float:
        """Energy (Wh) from one instant (s) to another."""
        first, last = np.interp([first_s, last_s], self.at_s, self.energy_Wh)
        return float(last - first)

    def covers(self, first_s: float, last_s: float) -> bool:
        """Whether both instants (s) lie on it."""
        return bool(len(self.at_s) > 1 and self.at_s[0] <= first_s and last_s <= self.at_s[-1])


@dataclass(frozen=True, slots=True)
class RefreshGrid:
    """What the reference showed at each of its refreshes j = 0 .. n-1 of a run, at run times at_s (u_j); shapes (n,).

    register_Wh: R_j, NaN where no poll saw it. power_W: P_j, the mean over the interval before (lag_s earlier still).
    curve: the power curve G, at u_j - lag_s, starting at 0 one interval before the first refresh.
    """

    clock: RefreshClock
    at_s: FloatArray
    register_Wh: FloatArray
    power_W: FloatArray
    curve: EnergyCurve

    @property
    def power_steps_W(self) -> FloatArray:
        """dP: from each refresh to the next."""
        return np.diff(self.power_W)

    @property
    def power_scatter_W(self) -> float:
        """sd(dP)."""
        return float(np.std(self.power_steps_W))

    @property
    def mean_power_W(self) -> float:
        return float(self.power_W.mean())

    @property
    def energy_per_refresh_Wh(self) -> float:
        """P T/3600."""
        return self.mean_power_W * self.clock.period_s / SECONDS_PER_HOUR

    @property
    def is_comparable(self) -> NDArray[np.bool_]:
        """Which refreshes have both a register that was seen and a curve that reaches them."""
        seen = np.isfinite(self.register_Wh) & (self.at_s <= self.curve.at_s[-1])
        return np.asarray(seen, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class AlignedRun:
    """A run's reference readings, laid out once for all estimators and all positions.

    origin_ns: zero of run time (bench time). latency_s: mean from request to reply. duration_s: from the first poll to
    the last. grid: or why there is none. reference_pulse_s: run times of the reference's own pulses, where they are
    wired; reference_pulse_findings: what is wrong with them.
    """

    origin_ns: int
    card: ReferenceCard
    readings: ReferenceReadings
    latency_s: float
    duration_s: float
    grid: RefreshGrid | Finding
    reference_pulse_s: FloatArray | None
    reference_pulse_findings: tuple[Finding, ...] = ()

    @property
    def energy_step_Wh(self) -> float:
        """r at the reading of this run."""
        shown = self.readings.energy_Wh.value
        return self.card.energy_step_at_Wh(float(shown[-1])) if len(shown) else self.card.energy_step_Wh

    @property
    def lag_u_s(self) -> float:
        """Standard uncertainty of the lag between power curve and bench time: commissioning's, and the unknown
        split of a poll's latency into its two ways."""
        card = self.card
        own = card.power_lag_u_s if card.lag_known else UNCOMMISSIONED_LAG_U_IN_REFRESHES * card.refresh_s
        return float(np.hypot(own, 0.5 * self.latency_s / np.sqrt(3.0)))

    def is_dithered(self, grid: RefreshGrid) -> bool:
        """Whether the load moves the power register by more than its step a_P, so that its rounding averages out."""
        return grid.power_scatter_W > self.card.power_step_W

    def tick_wait_s(self, grid: RefreshGrid) -> float:
        """Tx = min(T, 3600 r/P): for how long a change of the energy register may have been due before it shows."""
        return min(grid.clock.period_s, SECONDS_PER_HOUR * self.energy_step_Wh / grid.mean_power_W)


def align(
    readings: ReferenceReadings,
    card: ReferenceCard,
    origin_ns: int,
    reference_pulses_ns: IntArray | None = None,
) -> AlignedRun:
    """Lay out the readings of one run at one load point. origin_ns: zero of run time (bench time)."""
    polls = readings.energy_Wh
    energy, power = RunRegister.of(polls, origin_ns), RunRegister.of(readings.power_W, origin_ns)
    is_enough = len(energy) > 2
    return AlignedRun(
        origin_ns=origin_ns,
        card=card,
        readings=readings,
        latency_s=float(np.mean(seconds_between(polls.request_ns, polls.reply_ns)))
        if is_enough
        else float("nan"),
        duration_s=float(energy.at_s[-1] - energy.at_s[0]) if is_enough else 0.0,
        grid=_lay_grid(energy, power, card) if is_enough else too_few_ticks(0, MIN_CHANGES),
        reference_pulse_s=None
        if reference_pulses_ns is None
        else run_seconds(reference_pulses_ns, origin_ns),
    )


def too_few_ticks(ticks: int, needed: int) -> Finding:
    """The energy register moved too rarely."""
    return Finding(Reason.TOO_FEW_TICKS, {"ticks": str(ticks), "needed": str(needed)})


def polls_bracket_refreshes(poll_s: float, refresh_s: float) -> bool:
    """Whether polls each poll_s (D, s) bracket refreshes each refresh_s (T, s) well enough for a refresh clock."""
    return poll_s * POLLS_PER_REFRESH <= refresh_s * _CLOCKS_APART


def _lay_grid(energy: RunRegister, power: RunRegister, card: ReferenceCard) -> RefreshGrid | Finding:
    poll_s = float(np.median(np.diff(energy.at_s)))
    if not polls_bracket_refreshes(poll_s, card.refresh_s):
        return _polled_too_slowly(poll_s, card)
    clock = recover_refresh_clock(energy, power, card.refresh_s)
    if clock is None:
        return too_few_ticks(int(np.count_nonzero(np.diff(energy.value))), MIN_CHANGES)
    if not clock.is_periodic:
        return _not_periodic(clock)
    before_first, last = (int(j) for j in clock.index_before(energy.at_s[[0, -1]]))
    index = np.arange(before_first + 1, last + 1)
    if len(index) < _FEWEST_REFRESHES:
        return too_few_ticks(clock.count, MIN_CHANGES)
    shown_W = _shown_after(power, clock, index)
    seen = np.isfinite(shown_W)
    if np.count_nonzero(seen) < 0.5 * len(index):
        return _polled_too_slowly(poll_s, card)
    power_W = np.interp(index, index[seen], shown_W[seen])
    curve = _power_curve(clock, index, power_W, card.power_lag_s)
    return RefreshGrid(clock, clock.instant_s(index), _shown_after(energy, clock, index), power_W, curve)


def _polled_too_slowly(poll_s: float, card: ReferenceCard) -> Finding:
    return Finding(Reason.POLLED_TOO_SLOWLY, {"poll": f"{poll_s:.3f}", "refresh": f"{card.refresh_s:.3f}"})


def _not_periodic(clock: RefreshClock) -> Finding:
    values = {
        "residual": f"{clock.residual_s * 1e3:.1f}",
        "allowed": f"{PERIODICITY_LIMIT * clock.bracket_s * 1e3:.1f}",
    }
    return Finding(Reason.REFRESH_NOT_PERIODIC, values)


def _power_curve(clock: RefreshClock, index: IntArray, power_W: FloatArray, lag_s: float) -> EnergyCurve:
    """G: sum of P_j T/3600, at the corners u_j - L."""
    refresh_s = clock.instant_s(index)
    corners_s = np.concatenate([[refresh_s[0] - clock.period_s], refresh_s]) - lag_s
    return EnergyCurve(
        corners_s, np.concatenate([[0.0], np.cumsum(power_W * clock.period_s / SECONDS_PER_HOUR)])
    )


def _shown_after(register: RunRegister, clock: RefreshClock, index: IntArray) -> FloatArray:
    """The value shown after each refresh of `index`: from a poll that lay wholly between it and the next one, clear
    of both by three times the refresh jitter. NaN where there was no such poll."""
    clear_s = 3.0 * clock.jitter_s
    of_poll = clock.index_before(register.asked_s - clear_s)
    inside = (
        (of_poll == clock.index_before(register.answered_s + clear_s))
        & (of_poll >= index[0])
        & (of_poll <= index[-1])
    )
    shown = np.full(len(index), np.nan)
    shown[of_poll[inside] - index[0]] = register.value[inside]
    return shown
