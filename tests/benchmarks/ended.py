"""Windows that end as a bench ends them: at the first look at which U suffices.

The load is always the same, the largest of the demonstration (`bench/sim/demo-plan.toml` on `demo-bench.toml`), so
what U differs by from window to window is how its estimate scatters. What the reference has of its own is drawn from
the rows of its card. Looks come as in `bench/run/observer.py`, and `PointMeasurement` says whether one suffices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.commands.demo import demo_config, demo_plan
from bench.measurement.acquisition import Acquisition, PollLoop
from bench.measurement.measuring import PointMeasurement
from bench.methods.steps import CountPulses
from bench.sim.clock import VirtualClock
from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from bench.sim.study import RunSetup, SimulatedRun, simulate_run
from calibration.load_points import parse_load_point
from calibration.quantities import NS_PER_S
from tests.benchmarks.ensemble import Outcome, Point, judge

EQUAL_S = 20.0
LONGEST_S = 60.0
_CONFIG = demo_config(Path("unused"), None, 1.0, 0)
_PLAN = demo_plan(_CONFIG)


def draw_window(rng: np.random.Generator) -> Point:
    """The largest load of the demonstration, for at most LONGEST_S."""
    card, meter = _CONFIG.reference.card.as_card(), _PLAN.meters["1"]
    load_point = parse_load_point(_PLAN.plan.load_points[0], meter)
    own_pct = rng.normal(0.0, card.calibration_U_pct / card.coverage_factor) + rng.uniform(-1, 1, 2).dot(
        [card.drift_pct, card.stability_pct]
    )
    reference = ReferenceModel(
        energy_step_Wh=card.energy_step_Wh,
        refresh_s=card.refresh_s,
        refresh_deviation_ppm=float(rng.normal(0.0, 50.0)),
        power_step_W=card.power_step_W,
        power_gain_pct=float(rng.uniform(-card.power_gain_limit_pct, card.power_gain_limit_pct)),
        indication_error_pct=card.indication_error_pct + float(own_pct),
        start_Wh=float(rng.uniform(0.0, 1e5)),
    )
    setup = RunSetup(
        power_W=load_point.compared_power,
        source=SourceModel(steadiness_pct=_CONFIG.simulation.steadiness_pct),
        meters=(MeterModel(meter.meter_constant_imp_per_kWh, error_pct=float(rng.uniform(-1.0, 1.0))),),
        reference=reference,
        polling=PollModel(interval_s=_CONFIG.reference.poll_interval_s, dither=PollLoop._DITHER),
    )
    return Point(setup, card, load_point, meter, LONGEST_S)


def looks_s() -> Iterator[float]:
    """From where a window may end; a second apart, rarer as it grows."""
    at_s = 0.0
    while (at_s := at_s + max(_CONFIG.bench.evaluation_period_s, 0.05 * at_s)) <= LONGEST_S:
        if at_s >= _PLAN.plan.minimum_time_s:
            yield at_s


def rule(point: Point, wanted_pct: float) -> PointMeasurement:
    """The bench's own rule for when a window has the wanted U."""
    plan = _PLAN.plan
    step = CountPulses(
        0,
        0,
        point.load_point,
        {"1": wanted_pct},
        plan.minimum_time_s,
        plan.minimum_pulses,
        LONGEST_S,
        plan.stability_pct,
    )
    return PointMeasurement(step, Acquisition(("1",)), {"1": point.meter}, point.card, VirtualClock())


def cut(run: SimulatedRun, after_s: float) -> SimulatedRun:
    return replace(run, last_ns=run.first_ns + round(after_s * NS_PER_S))


def ends(point: Point, run: SimulatedRun, wanted_pct: Sequence[float]) -> dict[float, Outcome]:
    """The outcome with which a run ends for each wanted U (%); those that it never reaches are not there."""
    rules = {wanted: rule(point, wanted) for wanted in wanted_pct}
    ended: dict[float, Outcome] = {}
    for look_s in looks_s():
        outcome = judge(point, cut(run, look_s))
        for wanted in wanted_pct:
            if wanted not in ended and rules[wanted].is_satisfied("1", outcome.result):
                ended[wanted] = outcome
        if len(ended) == len(wanted_pct):
            break
    return ended


def study_of_ends(
    windows: int, seed: int, wanted_pct: Sequence[float]
) -> tuple[list[Outcome], Mapping[float, list[Outcome]]]:
    """The same runs, all of EQUAL_S, and ended at each wanted U (%)."""
    rng = np.random.default_rng([seed, 2])
    equal: list[Outcome] = []
    ended: dict[float, list[Outcome]] = {wanted: [] for wanted in wanted_pct}
    for _ in range(windows):
        point = draw_window(rng)
        run = simulate_run(point.setup, LONGEST_S + 1.0, int(rng.integers(2**62)))
        equal.append(judge(point, cut(run, EQUAL_S)))
        for wanted, outcome in ends(point, run, wanted_pct).items():
            ended[wanted].append(outcome)
    return [o for o in equal if o.has_number], ended
