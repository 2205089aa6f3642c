"""Simulated load points with a known truth, drawn from broad distributions: what the studies are made of.

Nothing here is tuned to the estimators: the distributions are those of the documentation (60 W to 6 kW, refresh 0.2 to
1 s, register steps 0.01 to 10 Wh, constants 400 to 10,000, steady and unsteady sources, emission lattices, lags, the
pulsation of a single-phase load), and every row of the budget is drawn from the distribution that it states.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from bench.sim.study import RunSetup, SimulatedRun, simulate_run
from calibration.evaluation import evaluate
from calibration.load_points import LoadPoint
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.quantities import ErrorResult
from calibration.reference_standard import ReferenceCard

LONGEST_RUN_S = 1800.0
NOMINAL_VOLTAGE_V = 220.0
FRAMES_S = (0.02, 0.03, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3, 0.4, 0.5, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Point:
    """One simulated point: how it is set up, what the bench believes of its reference, how long it runs."""

    setup: RunSetup
    card: ReferenceCard
    load_point: LoadPoint
    meter: MeterUnderTest
    duration_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a point. deviation_pct: result minus truth; alignment_*: before the reference's own rows."""

    result: ErrorResult
    deviation_pct: float
    alignment_deviation_pct: float
    alignment_u_pct: float

    @property
    def has_number(self) -> bool:
        return self.result.percentage_error_pct is not None

    @property
    def is_inside(self) -> bool:
        """Whether the stated interval holds the truth."""
        U_pct = self.result.expanded_uncertainty_pct
        return U_pct is not None and abs(self.deviation_pct) <= U_pct


def draw_point(rng: np.random.Generator, *, resonant: bool = False) -> Point:
    """A point of the broad ensemble; resonant: a load where the register's ticks fall into one beat."""
    while True:
        refresh_s = float(rng.choice([0.2, 0.5, 1.0]))
        step_Wh = float(rng.choice([0.01, 0.1, 1.0, 10.0]))
        power_W = float(np.exp(rng.uniform(np.log(60.0), np.log(6000.0))))
        if resonant:
            step_Wh = float(rng.choice([0.1, 1.0]))
            beats = rng.integers(1, 4) * step_Wh * 3600.0 / refresh_s / np.arange(1.0, 400.0)
            beats = beats[(beats > 60.0) & (beats < 6000.0)]
            if len(beats) == 0:
                continue
            power_W = float(rng.choice(beats)) * float(1.0 + rng.normal(0.0, 1e-4))
        constant = float(rng.choice([400, 800, 1200, 1600, 3200, 6400, 10000]))
        pulse_s = 3.6e6 / constant / power_W
        tick_s = max(refresh_s, 3600.0 * step_Wh / power_W)
        least_s = max(20.0, 10.0 * pulse_s, 12.0 * tick_s)
        if least_s <= LONGEST_RUN_S:
            duration_s = min(least_s * float(rng.uniform(1.0, 4.0)), LONGEST_RUN_S)
            return _point(rng, power_W, refresh_s, step_Wh, constant, pulse_s, duration_s)


def _point(
    rng: np.random.Generator,
    power_W: float,
    refresh_s: float,
    step_Wh: float,
    constant: float,
    pulse_s: float,
    duration_s: float,
) -> Point:
    power_factor = float(rng.choice([1.0, 0.8, 0.5]))
    lattice_s = float(rng.choice(FRAMES_S)) if rng.uniform() < 0.4 else None
    if lattice_s is not None and lattice_s > 0.35 * pulse_s:
        lattice_s = None
    if lattice_s is not None:
        lattice_s *= 1.0 + float(rng.normal(0.0, 30e-6))  # the meter's own clock
    single_phase = bool(rng.uniform() < 0.8)
    card = ReferenceCard(
        model="simulated",
        serial="1",
        accuracy_class_pct=0.05,
        energy_step_Wh=step_Wh,
        refresh_s=refresh_s,
        power_step_W=float(rng.choice([0.01, 0.1, 1.0])),
        power_lag_u_s=0.05 * refresh_s,
        indication_error_pct=float(rng.uniform(-0.05, 0.05)),
        calibration_U_pct=0.01,
        drift_pct=0.005,
        stability_pct=0.005,
        power_gain_limit_pct=0.2,
    )
    own_pct = rng.normal(0.0, card.calibration_U_pct / card.coverage_factor) + rng.uniform(-1, 1, 2).dot(
        [card.drift_pct, card.stability_pct]
    )
    reference = ReferenceModel(
        energy_step_Wh=step_Wh,
        refresh_s=refresh_s,
        refresh_deviation_ppm=float(rng.normal(0.0, 50.0)),
        power_step_W=card.power_step_W,
        power_gain_pct=float(rng.uniform(-card.power_gain_limit_pct, card.power_gain_limit_pct)),
        power_lag_s=max(0.0, float(rng.normal(0.0, card.power_lag_u_s))),
        indication_error_pct=card.indication_error_pct + float(own_pct),
        start_Wh=float(rng.uniform(0.0, 1e5)),
    )
    meter = MeterModel(
        meter_constant_imp_per_kWh=constant,
        error_pct=float(rng.uniform(-2.0, 2.0) if rng.uniform() < 0.8 else rng.uniform(-60.0, 90.0)),
        emission_lattice_s=lattice_s,
        lag_s=float(rng.choice([0.0, 1.0], p=[0.7, 0.3])),
    )
    interval_s = refresh_s / float(rng.uniform(4.3, 6.0))
    latency = np.sort(rng.uniform(0.015, 0.040, 2)) * min(1.0, 0.8 * interval_s / 0.04)
    share = float(rng.uniform(0.2, 0.8))
    polling = PollModel(
        interval_s=interval_s * 0.85,
        start_jitter_s=interval_s * 0.3,
        forward_s=(latency[0] * share, latency[1] * share),
        backward_s=(latency[0] * (1 - share), latency[1] * (1 - share)),
    )
    setup = RunSetup(
        power_W=power_W,
        power_factor=power_factor,
        single_phase=single_phase,
        source=SourceModel(steadiness_pct=float(rng.choice([0.02, 0.1, 0.5]))),
        meters=(meter,),
        reference=reference,
        polling=polling,
    )
    return Point(setup, card, load_point_of(setup), meter_of(setup), duration_s)


def load_point_of(setup: RunSetup) -> LoadPoint:
    """The load point that the bench believes it measures."""
    wiring = Wiring.SINGLE_PHASE if setup.single_phase else Wiring.FOUR_WIRE
    phases = 1.0 if setup.single_phase else 3.0
    current_A = setup.power_W / phases / NOMINAL_VOLTAGE_V / setup.power_factor
    return LoadPoint("study", NOMINAL_VOLTAGE_V, current_A, setup.power_factor, setup.phase_side, wiring)


def meter_of(setup: RunSetup) -> MeterUnderTest:
    """The nameplate of the simulated meter."""
    wiring = Wiring.SINGLE_PHASE if setup.single_phase else Wiring.FOUR_WIRE
    constant = setup.meters[0].meter_constant_imp_per_kWh
    return MeterUnderTest("1", "1", constant, Connection.DIRECT, wiring, NOMINAL_VOLTAGE_V, 5.0, 60.0)


def measure(point: Point, seed: int) -> Outcome:
    """Simulate a point and evaluate it as the bench does."""
    return judge(point, simulate_run(point.setup, point.duration_s, seed))


def judge(point: Point, run: SimulatedRun, clock_slew_ppm: float = 0.0) -> Outcome:
    """Evaluate a simulated run and compare with its truth."""
    result = evaluate(
        {"1": run.meters[0]},
        run.readings,
        reference_edges=run.reference_pulses,
        meters={"1": point.meter},
        card=point.card,
        load_point=point.load_point,
        stability_pct=3.0,
        run_ns=(run.first_ns, run.last_ns),
        clock_slew_ppm=clock_slew_ppm,
    )["1"]
    if result.percentage_error_pct is None:
        return Outcome(result, float("nan"), float("nan"), float("nan"))
    truth = run.truth.meter_errors_pct[0]
    assert result.meter_energy_Wh is not None
    assert result.reference_energy_read_Wh is not None
    # What a perfect alignment would have read: the reference's own indication error is not its business.
    perfect_Wh = result.meter_energy_Wh / (1 + truth / 100) * point.setup.reference.gain
    chosen = next(e for e in result.estimates if e.estimator == result.estimator)
    return Outcome(
        result,
        result.percentage_error_pct - truth,
        100.0 * (perfect_Wh / result.reference_energy_read_Wh - 1.0),
        chosen.standard_uncertainty_pct,
    )
