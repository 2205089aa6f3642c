"""One simulated run at one load point as arrays, with its truth: what studies of the estimators stand on.

The physics is that of the live plant (`energy_curve`, `source`, `meter`, `reference`); only the whole run is
computed at once, so that thousands of runs can be studied.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bench.sim.energy_curve import EnergyCurve, Pulsation
from bench.sim.faults import FaultEvent
from bench.sim.meter import MeterModel, edge_train, emissions
from bench.sim.polling import PollModel, exchanges
from bench.sim.reference import ReferenceModel, Refreshes, refresh_instants_s, refreshes
from bench.sim.source import SourceModel, fluctuation, knots_s, stepped_factor
from bench.sim.study_faults import StudyFaults, with_load_faults
from calibration.quantities import NS_PER_S, EdgeTrain, FloatArray, ReferenceReadings

_FIRST_ORIGIN_NS = 1_000_000_000_000
_MARGIN_S = 1.0


@dataclass(frozen=True, slots=True)
class RunSetup:
    """Everything a simulated run is made of. single_phase switches the 100 Hz pulsation on."""

    power_W: float = 2300.0
    power_factor: float = 1.0
    phase_side: str = ""
    frequency_Hz: float = 50.0
    single_phase: bool = True
    source: SourceModel = field(default_factory=SourceModel)
    meters: tuple[MeterModel, ...] = (MeterModel(),)
    reference: ReferenceModel = field(default_factory=ReferenceModel)
    polling: PollModel = field(default_factory=PollModel)
    faults: tuple[FaultEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What nobody on a bench knows. Instants are ns on the clock of the run's stamps (before it was slewed)."""

    curve: EnergyCurve
    pulsation: Pulsation | None
    origin_ns: int
    meter_errors_pct: tuple[float, ...]

    def _seconds(self, *at_ns: int) -> FloatArray:
        return np.array([(t - self.origin_ns) / NS_PER_S for t in at_ns])

    def energy_Wh(self, first_ns: int, last_ns: int) -> float:
        """Energy that flowed between two instants, the pulsation included."""
        first, last = self.curve.total_energy_Wh(self._seconds(first_ns, last_ns), self.pulsation)
        return float(last - first)

    def mean_energy_Wh(self, first_ns: int, last_ns: int) -> float:
        """The same without the pulsation."""
        first, last = self.curve.mean_energy_Wh(self._seconds(first_ns, last_ns))
        return float(last - first)

    def power_W(self, at_ns: int) -> float:
        """Mean power at an instant."""
        return float(self.curve.mean_power_W(self._seconds(at_ns))[0])


@dataclass(frozen=True, slots=True)
class SimulatedRun:
    """What a bench would have recorded from first_ns to last_ns, and the truth behind it."""

    first_ns: int
    last_ns: int
    readings: ReferenceReadings
    meters: tuple[EdgeTrain, ...]
    reference_pulses: EdgeTrain | None
    truth: Truth
    clock_slew_ppm: float = 0.0
    """Greatest rate at which the bench clock was slewed during the run."""


def simulate_run(setup: RunSetup, duration_s: float, seed: int) -> SimulatedRun:
    """Simulate a run of duration_s seconds under a load that has been on for long. Same seed, same run.

    Errors: ValueError where a meter would have to emit more often than its lattice allows.
    """
    rng = np.random.default_rng(seed)
    origin_ns = _FIRST_ORIGIN_NS + int(rng.integers(0, _FIRST_ORIGIN_NS))
    curve = _curve(setup, duration_s, rng)
    pulsation = None
    if setup.single_phase:
        pulsation = Pulsation(setup.frequency_Hz, setup.power_factor, float(rng.uniform(0.0, 2.0 * np.pi)))
    truth = Truth(curve, pulsation, origin_ns, tuple(m.true_error_pct(setup.power_W) for m in setup.meters))
    emitted = [
        _meter_edges(model, error_pct, truth, duration_s, rng)
        for model, error_pct in zip(setup.meters, truth.meter_errors_pct, strict=True)
    ]
    seen = _refreshes(setup.reference, curve, duration_s, rng)
    made = exchanges(setup.polling, duration_s, rng)
    reference_pulses = _reference_pulses(setup.reference, truth, duration_s, rng)
    faults = StudyFaults(setup.faults, origin_ns)
    return SimulatedRun(
        origin_ns,
        origin_ns + int(duration_s * NS_PER_S),
        faults.readings(made, seen, setup.reference.energy_step_Wh),
        tuple(faults.delivered(edges, position) for position, edges in enumerate(emitted)),
        None if reference_pulses is None else faults.slewed(reference_pulses),
        truth,
        faults.clock_slew_ppm,
    )


def _history_s(setup: RunSetup) -> float:
    """How far back the load must be known: for lags and averages that reach before the run."""
    reference = setup.reference
    lags = [m.lag_s + (m.emission_lattice_s or 0.0) for m in setup.meters]
    averaged = (reference.power_average_n + 2) * reference.refresh_s + reference.power_lag_s
    return max([averaged, *lags]) + _MARGIN_S


def _curve(setup: RunSetup, duration_s: float, rng: np.random.Generator) -> EnergyCurve:
    source = with_load_faults(setup.source, setup.faults)
    time_s = knots_s(-_history_s(setup), duration_s + _MARGIN_S, source)
    noise = fluctuation(rng, len(time_s), source.knot_s, source.correlation_s)
    relative = 1.0 + source.steadiness_pct / 100.0 * noise
    power = setup.power_W * stepped_factor(time_s, source.steps, source.ramp_s) * np.maximum(relative, 0.0)
    return EnergyCurve.through(time_s, power)


def _between(energy_Wh: FloatArray, step_Wh: float, phase: float) -> FloatArray:
    """The levels (k + phase) * step_Wh between two energies."""
    low, high = energy_Wh / step_Wh - phase
    return (np.arange(np.floor(low) + 1, np.floor(high) + 1) + phase) * step_Wh


def _meter_edges(
    model: MeterModel, error_pct: float, truth: Truth, duration_s: float, rng: np.random.Generator
) -> EdgeTrain:
    lattice_s = model.emission_lattice_s or 0.0
    early = np.array([-model.lag_s - lattice_s - 0.5 * _MARGIN_S, duration_s + 0.5 * _MARGIN_S])
    step_Wh = model.pulse_energy_Wh / (1.0 + error_pct / 100.0)
    if lattice_s * truth.curve.power_W.max() > 3600.0 * step_Wh:
        raise ValueError(f"this load needs more than one pulse in a frame of {lattice_s} s")
    levels = _between(truth.curve.mean_energy_Wh(early), step_Wh, float(rng.uniform()))
    made = emissions(model, truth.curve, truth.pulsation, levels, float(rng.uniform(0.0, lattice_s)))
    whole = (made.lit_s >= 0.0) & (made.dark_s <= duration_s)
    return edge_train(made.lit_s[whole], made.dark_s[whole], truth.origin_ns, model.edge_jitter_s, rng)


def _refreshes(
    model: ReferenceModel, curve: EnergyCurve, duration_s: float, rng: np.random.Generator
) -> Refreshes:
    refresh_s = model.true_refresh_s
    first = -refresh_s * (model.power_average_n + 1 + float(rng.uniform()))
    count = int(np.ceil((duration_s + _MARGIN_S - first) / refresh_s))
    instants, _ = refresh_instants_s(model, first, count, 0.0, rng)
    phase_Wh = model.start_Wh + float(rng.uniform()) * model.energy_step_Wh
    offset_Wh = phase_Wh - float(curve.mean_energy_Wh(instants[:1])[0]) * model.gain
    n = model.power_average_n
    return refreshes(model, curve, instants[:n], instants[n:], offset_Wh)


def _reference_pulses(
    model: ReferenceModel, truth: Truth, duration_s: float, rng: np.random.Generator
) -> EdgeTrain | None:
    """Pulses of the reference's own output (half of the interval high), as its line sees them."""
    if model.pulse_constant_imp_per_Wh is None:
        return None
    step_Wh = 0.5 / (model.pulse_constant_imp_per_Wh * model.gain)
    span = truth.curve.mean_energy_Wh(np.array([0.0, duration_s]))
    halves = truth.curve.instant_of_mean_s(_between(span, step_Wh, float(rng.uniform())))
    pairs = halves[: len(halves) // 2 * 2]
    return edge_train(pairs[0::2], pairs[1::2], truth.origin_ns, MeterModel().edge_jitter_s, rng)
