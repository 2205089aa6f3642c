"""A broad ensemble of simulated runs to screen, and an energy curve that is good enough for screening."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from bench.sim.study import RunSetup, SimulatedRun
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.pulse_screening import screen_edges, screen_intervals
from calibration.quantities import RISING, Finding, FloatArray, IntArray
from calibration.reference_screening import screen_readings
from calibration.reference_standard import ReferenceCard
from calibration.timebase import run_seconds

METER = MeterUnderTest("1", "1", 1200.0, Connection.DIRECT, Wiring.SINGLE_PHASE, 230.0, 5.0, 60.0)


def card_of(reference: ReferenceModel) -> ReferenceCard:
    return ReferenceCard(
        "simulated", "1", 0.1, reference.energy_step_Wh, reference.refresh_s, reference.power_step_W
    )


def ensemble(seed: int) -> tuple[RunSetup, float]:
    """A setup and a duration (s): 57 W to 6 kW, 400 to 10,000 imp/kWh, steady or not, lattices and lags."""
    rng = np.random.default_rng(seed)

    def one_of(*values: float) -> float:
        return float(rng.choice(values))

    power_W = float(np.exp(rng.uniform(np.log(57.0), np.log(6000.0))))
    constant = one_of(400.0, 1200.0, 3200.0, 10_000.0)
    lattice_s = one_of(0.0, 0.02, 0.1, 0.5, 1.0)
    if 3.6e6 / (power_W * constant) < 1.1 * lattice_s:
        lattice_s = 0.0
    power_factor = one_of(1.0, 0.5)
    refresh_s = one_of(0.2, 1.0)
    setup = RunSetup(
        power_W=power_W,
        power_factor=power_factor,
        phase_side="" if power_factor == 1.0 else "L",
        source=SourceModel(steadiness_pct=one_of(0.05, 0.5)),
        meters=(
            MeterModel(
                meter_constant_imp_per_kWh=constant,
                error_pct=float(rng.normal(0.0, 0.7)),
                emission_lattice_s=lattice_s or None,
                lag_s=one_of(0.0, 1.0),
            ),
        ),
        reference=ReferenceModel(
            energy_step_Wh=one_of(0.01, 0.1, 1.0, 10.0),
            refresh_s=refresh_s,
            power_step_W=one_of(0.01, 0.1, 1.0) if power_W > 300.0 else one_of(0.001, 0.01, 0.1),
            power_gain_pct=float(rng.uniform(-0.1, 0.1)),
            start_Wh=float(rng.uniform(0.0, 1e5)),
        ),
        polling=PollModel(interval_s=0.045 if refresh_s < 1.0 else one_of(0.06, 0.2)),
    )
    return setup, one_of(30.0, 60.0, 180.0)


def plain_setup(**changes: object) -> RunSetup:
    """2.3 kW, steady, T = 0.2 s, r = 0.01 Wh, 1,200 imp/kWh; changes replace fields of the setup."""
    return replace(RunSetup(reference=ReferenceModel(start_Wh=1000.0)), **changes)  # type: ignore[arg-type]


def energy_curve(run: SimulatedRun) -> Callable[[IntArray], FloatArray]:
    """Integral of the polled power (Wh)."""
    power = run.readings.power_W
    at_ns = (power.request_ns + power.reply_ns) // 2
    energy = np.concatenate(([0.0], np.cumsum(power.value[1:] * np.diff(at_ns)) / 3.6e12))
    return lambda wanted: np.interp(wanted, at_ns, energy)


def screen(run: SimulatedRun, setup: RunSetup) -> list[Finding]:
    """All screens over the window from the first to the last pulse that the polls cover."""
    model, polls = setup.meters[0], run.readings.power_W
    edges = run.meters[0]
    pulses = edges.of_kind(RISING)
    pulses = pulses[(pulses >= polls.reply_ns[0]) & (pulses <= polls.request_ns[-1])]
    if len(pulses) < 2:
        return []
    found = screen_edges(edges, METER)
    found += screen_readings(run.readings, card_of(setup.reference), int(pulses[0]), int(pulses[-1]))
    return found + screen_intervals(
        run_seconds(pulses, run.first_ns),
        energy_curve(run)(pulses),
        model.meter_constant_imp_per_kWh,
        model.emission_lattice_s or 0.0,
    )
