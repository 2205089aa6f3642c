"""Reading an energy curve at the meter's pulses.

A meter that emits the moment its energy is full gives instants as exact as its comparator: the energy per pulse
interval is that between the first and the last pulse, and only these two matter. But static meters compute in frames
and can emit only at multiples of a frame Delta (20 ms to 1 s). Then the true crossing lies anywhere in the frame
before the pulse. That is a gate, not a scatter: a pulse rate that beats slowly against the frame gives errors that do
not average out. So the energy per interval is the slope of a line through one gate a pulse (`set_membership.py`),
using all pulses.

Which Delta? Whole half periods of the mains, or a decimal fraction of a second. The phases of the pulses on a lattice
of period Delta all fall together: |mean exp(2 pi i t/Delta)| near 1. The meter's own clock is off by some ten ppm, so
each candidate is searched around its nominal value. With 30 pulses or more a lattice that is found is a fact worth
showing; with fewer it is one that cannot be excluded, and the result carries its uncertainty all the same. Fewer than
four pulses can exclude nothing, so they give no result (`evaluation.py`).

A single-phase load pulsates at twice the mains frequency; the energy runs ahead and behind by up to P/(2 omega PF),
which moves a pulse by up to 1/(2 omega PF): 1.6 ms at PF 1 and 50 Hz, 1.125 ms rms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.alignment import EnergyCurve
from calibration.line import least_squares
from calibration.load_points import LoadPoint
from calibration.quantities import BudgetRow, FloatArray, IntArray, Window
from calibration.set_membership import slope_between_bounds
from calibration.timebase import run_seconds
from calibration.uncertainty import relative_row

LONGEST_FRAME_S = 1.0
DECIMAL_FRAMES_S = (1.0, 0.5, 0.25, 0.2, 0.125, 0.1, 0.05, 0.04, 0.025, 0.02)
"""Frames of a meter that counts them in decimal time; the others are whole half periods of the mains."""
LATTICE_CLOCK_PPM = 150.0
LATTICE_STRENGTH = 0.97
LATTICE_JITTER_S = 0.0005
"""How far from its frame a meter may emit (our assumption): asks more than LATTICE_STRENGTH of long frames, so that a
steady load whose pulses happen to fall near multiples of one is not taken for it."""
_FEWEST_PULSES_WITH_STRAY, _STRAY_SCATTERS = 8, 5.0
"""One foreign pulse among eight must not hide the frames of the others; it is off by five times their scatter."""
LATTICE_PULSES = 30
"""From this many pulses on a found lattice is stated as found (no false alarm seen in simulations)."""
_FIRST_LOOK_PULSES, _FIRST_LOOK_STRENGTH = 24, 0.8
"""Some pulses exclude most candidates; only the others are looked at with all pulses."""
STAMP_JITTER_S = 20e-6
"""Interrupt latency jitter of a kernel-stamped edge (unsure: no trustworthy figure for each Pi)."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Multiples of period_s are the only instants the meter emits at, as `pulses` pulses show."""

    period_s: float
    pulses: int
    strays: int = 0
    """Pulses that are not on it, though all others are: they are not the meter's."""

    @property
    def is_certain(self) -> bool:
        return self.pulses >= LATTICE_PULSES

    @property
    def description(self) -> str:
        """For the record: the frame, and whether the pulses prove it or only do not exclude it."""
        return f"frames of {self.period_s:.4f} s " + ("found" if self.is_certain else "not excluded")


def find_lattice(pulse_s: FloatArray, mains_Hz: float = 50.0) -> Lattice | None:
    """The coarsest emission lattice that these pulse instants (run time, s) do not exclude.

    A meter emits at most one pulse a frame, so frames as long as a pulse interval are not looked for.
    """
    if len(pulse_s) < 3:
        return None
    # A foreign pulse makes one interval short, or two.
    shortest_s = np.sort(np.diff(pulse_s))[min(2 * _strays_allowed(len(pulse_s)), len(pulse_s) - 2)]
    longest_s = min(LONGEST_FRAME_S, float(shortest_s)) * 1.02
    centred = pulse_s - pulse_s.mean()
    span = float(pulse_s[-1] - pulse_s[0])
    some = centred[np.unique(np.linspace(0, len(centred) - 1, _FIRST_LOOK_PULSES).astype(np.int64))]
    frames = [f for f in _candidate_frames_s(mains_Hz) if f <= longest_s]
    searched = [_around(frame, span) for frame in frames]
    if not searched:
        return None
    starts = np.concatenate([[0], np.cumsum([len(f) for f in searched])[:-1]])
    first_look = np.maximum.reduceat(_phase_strength(some, np.concatenate(searched)), starts)
    for index in np.flatnonzero(first_look >= _FIRST_LOOK_STRENGTH):
        least = max(LATTICE_STRENGTH, 1.0 - 2.0 * (np.pi * LATTICE_JITTER_S / frames[index]) ** 2)
        frequency, phases = _sharpened(centred, searched[index])
        strays = _strays(phases, LATTICE_JITTER_S * frequency)
        if float(np.abs(np.exp(2j * np.pi * phases[~strays]).mean())) > least:
            return Lattice(1.0 / frequency, len(pulse_s), int(np.count_nonzero(strays)))
    return None


def _sharpened(at_s: FloatArray, frequencies_Hz: FloatArray) -> tuple[float, FloatArray]:
    """The best of the frequencies, moved to where the phases no longer drift, and each pulse's phase (turns)."""
    best_Hz = float(frequencies_Hz[int(np.argmax(_phase_strength(at_s, frequencies_Hz)))])
    phases = _phases(at_s, best_Hz)
    for _ in range(3):
        # A pulse that is not the meter's must not bend the line that the others are on.
        near = np.abs(phases) <= np.sort(np.abs(phases))[len(phases) - 1 - _strays_allowed(len(phases))]
        best_Hz -= least_squares(at_s[near], phases[near]).slope
        phases = _phases(at_s, best_Hz)
    return best_Hz, phases


def _phases(at_s: FloatArray, frequency_Hz: float) -> FloatArray:
    """Phase of each instant against their common phase, in turns from -0.5 to 0.5."""
    turns = np.exp(2j * np.pi * frequency_Hz * at_s)
    return np.asarray(np.angle(turns * np.conj(turns.mean())) / (2.0 * np.pi), dtype=np.float64)


def _strays_allowed(pulses: int) -> int:
    return 0 if pulses < _FEWEST_PULSES_WITH_STRAY else 1 + pulses // LATTICE_PULSES


def _strays(phases: FloatArray, jitter_turns: float) -> NDArray[np.bool_]:
    """Which pulses are off by far more than the others scatter; none where that is more than a few."""
    worst = np.argsort(np.abs(phases))[len(phases) - _strays_allowed(len(phases)) :]
    others = np.delete(phases, worst)
    centre = float(np.median(others))
    scatter = float(np.sqrt(np.mean((others - centre) ** 2)))
    is_stray = np.zeros(len(phases), bool)
    is_stray[worst] = np.abs(phases[worst] - centre) > _STRAY_SCATTERS * max(scatter, jitter_turns)
    return is_stray


def _candidate_frames_s(mains_Hz: float) -> list[float]:
    """Frames to look for (s), the coarsest first: whole half periods of the mains, and decimal ones.

    Errors: ValueError for a frequency that no mains has, of which there would be no end of frames.
    """
    if not 1.0 <= mains_Hz <= 1000.0:
        raise ValueError(f"{mains_Hz:g} Hz is the frequency of no mains")
    half_s = 0.5 / mains_Hz
    halves = {round(half_s * k, 9) for k in range(2, int(LONGEST_FRAME_S / half_s + 0.5) + 1)}
    return sorted(halves | set(DECIMAL_FRAMES_S), reverse=True)


def _around(frame_s: float, span_s: float) -> FloatArray:
    """Frequencies (Hz) around 1/frame that a meter's clock may have, fine enough for pulses over span_s."""
    reach = LATTICE_CLOCK_PPM * 1e-6 / frame_s
    steps = int(np.ceil(4.0 * reach * span_s)) + 1
    return np.asarray(1.0 / frame_s + reach * np.linspace(-1.0, 1.0, 2 * steps + 1), dtype=np.float64)


def _phase_strength(at_s: FloatArray, frequency_Hz: FloatArray) -> FloatArray:
    """|mean exp(2 pi i f t)| for each frequency."""
    turns = np.exp(2j * np.pi * np.outer(frequency_Hz, at_s))
    return np.asarray(np.abs(turns.mean(axis=1)), dtype=np.float64)


def pulsation_amplitude_s(load_point: LoadPoint) -> float:
    """How far the load's pulsation moves a pulse at most: 1/(2 omega PF), 0 for balanced three phases."""
    if not load_point.pulsates:
        return 0.0
    return 1.0 / (4.0 * np.pi * load_point.frequency_Hz * load_point.power_factor)


@dataclass(frozen=True, slots=True)
class IntervalEnergy:
    """Energy of the reference per pulse interval (Wh), and its standard uncertainty from the pulses' timing alone,
    as a relative value. distribution: what the record says of that uncertainty, with the lattice it comes from."""

    energy_Wh: float
    relative_uncertainty: float
    distribution: str


def interval_energy(
    pulse_s: FloatArray,
    energy_at: Callable[[FloatArray], FloatArray],
    lattice: Lattice | None,
    load_point: LoadPoint,
    curve_noise_s: float,
) -> IntervalEnergy:
    """Energy per pulse interval from pulse instants (n + 1 of them, run time) and an energy curve (Wh).

    curve_noise_s: how far the curve may be off locally, as time (it widens the gates of a lattice).
    """
    intervals = len(pulse_s) - 1
    duration_s = float(pulse_s[-1] - pulse_s[0])
    ripple_s = pulsation_amplitude_s(load_point)
    if lattice is not None:
        found = _through_gates(pulse_s, energy_at, lattice, ripple_s + curve_noise_s + 3.0 * STAMP_JITTER_S)
        if found is not None:
            return found
    ends_Wh = energy_at(pulse_s[[0, -1]])
    frame_s = lattice.period_s if lattice is not None else 0.0
    edge_s = float(np.sqrt(frame_s**2 / 12.0 + 0.5 * ripple_s**2 + STAMP_JITTER_S**2))
    return IntervalEnergy(
        float(ends_Wh[1] - ends_Wh[0]) / intervals, float(np.sqrt(2.0)) * edge_s / duration_s, "normal"
    )


def _through_gates(
    pulse_s: FloatArray, energy_at: Callable[[FloatArray], FloatArray], lattice: Lattice, margin_s: float
) -> IntervalEnergy | None:
    number = np.arange(len(pulse_s), dtype=np.float64)
    for widening in (1.0, 2.0, 4.0):
        lower = energy_at(pulse_s - lattice.period_s - widening * margin_s)
        upper = energy_at(pulse_s + widening * margin_s)
        found = slope_between_bounds(number, lower, upper)
        if found is not None:
            return IntervalEnergy(
                found.slope,
                found.standard_uncertainty / found.slope,
                f"set membership, {lattice.description}",
            )
    return None


METER_LAG_U_S = 1.0 / 3.0**0.5
"""Standard uncertainty of a meter's own lag: up to a second, as it carries the previous second's power (rectangular,
half width 1 s; docs/metrology.md, "The meter's pulses")."""


@dataclass(frozen=True, slots=True)
class MeterPulses:
    """The pulses of one meter that a window consists of, with what their instants tell about the meter."""

    at_ns: IntArray
    at_s: FloatArray
    lattice: Lattice | None
    load_point: LoadPoint

    @property
    def intervals(self) -> int:
        return len(self.at_s) - 1

    @property
    def frame_s(self) -> float:
        """Delta; 0 where the meter may emit at any instant."""
        return 0.0 if self.lattice is None else self.lattice.period_s

    @property
    def duration_s(self) -> float:
        return float(self.at_s[-1] - self.at_s[0])

    @property
    def window(self) -> Window:
        return Window(int(self.at_ns[0]), int(self.at_ns[-1]), self.intervals)

    def energy_of(self, curve: EnergyCurve, noise_s: float = 0.0) -> tuple[float, BudgetRow]:
        """Energy (Wh) of an energy curve over the window, and the row of the pulses' timing."""
        found = interval_energy(self.at_s, curve.at, self.lattice, self.load_point, noise_s)
        row = relative_row(
            "pulse_timing", found.relative_uncertainty, distribution=found.distribution, shared=True
        )
        return found.energy_Wh * self.intervals, row


def meter_pulses(
    at_ns: IntArray, origin_ns: int, first_s: float, last_s: float, load_point: LoadPoint
) -> MeterPulses:
    """The pulses (bench time, ns) that a curve from first_s to last_s (run time) can be read at.

    On a lattice the whole gate of a pulse must lie inside.
    """
    at_s = run_seconds(at_ns, origin_ns)
    inside = (at_s >= first_s) & (at_s <= last_s)
    lattice = find_lattice(at_s[inside], load_point.frequency_Hz)
    if lattice is not None:
        margin_s = 4.0 * (pulsation_amplitude_s(load_point) + 0.01)
        inside = (at_s - lattice.period_s - margin_s >= first_s) & (at_s + margin_s <= last_s)
    return MeterPulses(at_ns[inside], at_s[inside], lattice, load_point)
