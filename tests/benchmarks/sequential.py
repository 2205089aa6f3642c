"""What does stopping early save, and how often is an early decision wrong?

    ./dev bench sequential [--meters N] [--seed N] [--processes N]

Simulated pulses and registers of the broad ensemble (`ensemble.py`), of points whose first look comes within 40 s. One
long run is cut at each declared look and evaluated there as the bench does. Twice as many meters as asked for:

    at the limit    every true error is +MPE or -MPE: early PASS and early FAIL must each stay within the declared risk
    in the field    errors N(0, 0.35 MPE): the share of the longest time that early decisions save

Fresh seeds unless one is given. MPE is 1 % (class 1).
"""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np

from bench.sim.study import simulate_run
from calibration.evaluation import evaluate
from calibration.quantities import NS_PER_S, Outcome
from calibration.sequential import MOST_LOOKS, RISK_ONE_SIDE, early_decision, looks_s
from tests.benchmarks.ensemble import Point, draw_point

MPE_PCT = 1.0
FIELD_SD = 0.35
"""Standard deviation of the errors of meters in the field, in MPE."""
_LONGEST_FIRST_LOOK_S = 40.0


@dataclass(frozen=True, slots=True)
class Course:
    """How one meter went: its early outcome (None: no look decided) and the share of the longest time it took."""

    early: Outcome | None
    share_of_time: float
    looks_without_number: int


def course_of(meter: int, *, seed: int, at_limit: bool) -> Course:
    """One meter of the study; the same number and seed, the same meter."""
    rng = np.random.default_rng([seed, int(at_limit), meter])
    error_pct = float(rng.choice([-MPE_PCT, MPE_PCT]) if at_limit else rng.normal(0.0, FIELD_SD * MPE_PCT))
    point = _point(rng, error_pct)
    looks = looks_s(point.duration_s, point.duration_s * 2 ** (MOST_LOOKS - 1))
    run = simulate_run(point.setup, looks[-1], int(rng.integers(2**62)))
    without_number = 0
    for look_s in looks:
        result = evaluate(
            {"1": run.meters[0]},
            run.readings,
            reference_edges=run.reference_pulses,
            meters={"1": point.meter},
            card=point.card,
            load_point=point.load_point,
            stability_pct=3.0,
            run_ns=(run.first_ns, run.first_ns + round(look_s * NS_PER_S)),
            clock_slew_ppm=0.0,
        )["1"]
        if result.percentage_error_pct is None:
            without_number += 1
            continue
        assert result.standard_uncertainty_pct is not None
        assert result.degrees_of_freedom is not None
        early = early_decision(
            result.percentage_error_pct,
            result.standard_uncertainty_pct,
            result.degrees_of_freedom,
            MPE_PCT,
            looks=len(looks),
        )
        # At the last look the ordinary rule decides anyway: nothing is early there.
        if early is not None and look_s < looks[-1]:
            return Course(early, look_s / looks[-1], without_number)
    return Course(None, 1.0, without_number)


def _point(rng: np.random.Generator, error_pct: float) -> Point:
    while (point := draw_point(rng)).duration_s > _LONGEST_FIRST_LOOK_S:
        pass
    meter = replace(point.setup.meters[0], error_pct=error_pct)
    return replace(point, setup=replace(point.setup, meters=(meter,)))


def study(meters: int, seed: int, *, at_limit: bool, processes: int = 1) -> list[Course]:
    one = partial(course_of, seed=seed, at_limit=at_limit)
    if processes == 1:
        return [one(meter) for meter in range(meters)]
    with get_context("spawn").Pool(processes) as pool:
        return pool.map(one, range(meters), chunksize=20)


def wrong_share(courses: Sequence[Course], outcome: Outcome) -> float:
    """How many of all meters were decided so early."""
    return Counter(c.early for c in courses)[outcome] / len(courses)


def saved_share(courses: Sequence[Course]) -> float:
    """The part of the longest time that was not needed."""
    return 1.0 - float(np.mean([c.share_of_time for c in courses]))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--meters", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}")
    limit = study(options.meters, seed, at_limit=True, processes=options.processes)
    for outcome in (Outcome.PASS, Outcome.FAIL):
        share = 100.0 * wrong_share(limit, outcome)
        print(f"true error at the limit: early {outcome} {share:6.3f} %   declared {100 * RISK_ONE_SIDE} %")
    field = study(options.meters, seed, at_limit=False, processes=options.processes)
    decided = 100.0 * sum(c.early is not None for c in field) / len(field)
    print(
        f"errors N(0, {FIELD_SD} MPE): {100.0 * saved_share(field):.1f} % of the time saved, {decided:.1f} % early"
    )
    gone = sum(c.looks_without_number for c in (*limit, *field))
    print(f"looks without a number: {gone} (no decision there)")


if __name__ == "__main__":
    main()
