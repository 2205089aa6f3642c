"""Every fault of the input side on the demonstration bench's kind of point: what the bench says of it.

    ./dev bench faults [--runs N] [--seed N]

"right" is INVALID with a reason that names the fault, "other" INVALID with another reason, "number" a result given in
spite of it. The last line counts clean runs that were refused.
"""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.sim.faults import CLOCK_FAULTS, Fault, FaultEvent
from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from bench.sim.study import RunSetup, simulate_run
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from tests.benchmarks.ensemble import Outcome, Point, judge, load_point_of, meter_of

RIGHT: dict[Fault, frozenset[Reason]] = {
    Fault.LOST_EDGE: frozenset({Reason.PULSES_LOST}),
    Fault.VANISHED_EDGE: frozenset({Reason.EDGES_NOT_ALTERNATING}),
    Fault.BOUNCED_EDGE: frozenset({Reason.PULSE_DOUBLED}),
    Fault.MISSING_PULSE: frozenset({Reason.PULSE_MISSING, Reason.COUNT_STEP}),
    Fault.DOUBLED_PULSE: frozenset({Reason.PULSE_DOUBLED, Reason.COUNT_STEP}),
    Fault.EARLY_PULSE: frozenset({Reason.PULSE_EARLY, Reason.PULSE_OFF_FRAME}),
    Fault.QUEUE_OVERFLOW: frozenset({Reason.PULSES_LOST}),
    Fault.UNPLUGGED_LINE: frozenset({Reason.LINE_SILENT, Reason.PULSE_MISSING, Reason.EDGES_NOT_ALTERNATING}),
    # Hundreds of pulses that are nobody's make the meter's own the odd ones; `bench look` says what such a line is.
    Fault.NOISY_LINE: frozenset({Reason.PULSE_DOUBLED, Reason.PULSE_MISSING, Reason.LINE_SILENT}),
    Fault.BOUNCING_LINE: frozenset({Reason.PULSE_DOUBLED, Reason.PULSE_MISSING}),
    Fault.REFERENCE_STALLED: frozenset({Reason.REFERENCE_STALLED}),
    Fault.REFERENCE_LATE: frozenset({Reason.REFERENCE_LATE, Reason.REFERENCE_SILENT}),
    Fault.REFERENCE_SILENT: frozenset({Reason.REFERENCE_SILENT}),
    Fault.REFERENCE_NOT_A_NUMBER: frozenset({Reason.REFERENCE_NOT_A_NUMBER}),
    Fault.REFERENCE_OVER_RANGE: frozenset({Reason.REFERENCE_OVER_RANGE}),
    Fault.ENERGY_RESET: frozenset({Reason.REFERENCE_RESET, Reason.REFERENCE_BACKWARD}),
    Fault.ENERGY_BACKWARD: frozenset({Reason.REFERENCE_BACKWARD, Reason.REFERENCE_RESET}),
    Fault.ENERGY_JUMP: frozenset({Reason.REFERENCE_JUMP}),
    Fault.RANGE_CHANGE: frozenset(
        {Reason.REFERENCE_RANGE_CHANGED, Reason.REFERENCE_JUMP, Reason.LOAD_UNSTEADY}
    ),
    Fault.LOAD_MOVES: frozenset({Reason.LOAD_UNSTEADY}),
    Fault.LOAD_TRIPS: frozenset({Reason.LOAD_UNSTEADY}),
    Fault.CLOCK_SLEWING: frozenset({Reason.CLOCK_SLEWING}),
}
"""Reasons that name each fault. WALL_CLOCK_STEP is not here: it must change nothing."""

_AMOUNTS = {Fault.LOAD_MOVES: 5.0, Fault.QUEUE_OVERFLOW: 6.0}


def draw(rng: np.random.Generator) -> Point:
    """A point as the demonstration bench measures it: fine register, 550 W to 6 kW, 1,200 to 6,400 imp/kWh."""
    power_W = float(np.exp(rng.uniform(np.log(550.0), np.log(6000.0))))
    constant = float(rng.choice([1200.0, 1600.0, 3200.0, 6400.0]))
    interval_s = 3.6e6 / constant / power_W
    lattice_s = float(rng.choice([0.02, 0.1])) if rng.uniform() < 0.3 else None
    if lattice_s is not None and lattice_s > 0.2 * interval_s:
        lattice_s = None
    setup = RunSetup(
        power_W=power_W,
        power_factor=float(rng.choice([1.0, 0.5])),
        source=SourceModel(steadiness_pct=float(rng.choice([0.05, 0.3]))),
        meters=(
            MeterModel(
                meter_constant_imp_per_kWh=constant,
                error_pct=float(rng.uniform(-2.0, 2.0)),
                emission_lattice_s=lattice_s,
            ),
        ),
        reference=ReferenceModel(energy_step_Wh=0.01, refresh_s=0.2),
        polling=PollModel(interval_s=0.034, start_jitter_s=0.012),
    )
    card = ReferenceCard("simulated", "1", 0.05, 0.01, 0.2, 0.1, power_lag_u_s=0.01, calibration_U_pct=0.02)
    return Point(setup, card, load_point_of(setup), meter_of(setup), max(50.0, 14.0 * interval_s))


def run_with(fault: Fault | None, rng: np.random.Generator) -> Outcome:
    """One point with the fault somewhere in its middle."""
    point = draw(rng)
    at_s = float(rng.uniform(0.25, 0.7)) * point.duration_s
    events = () if fault is None else (FaultEvent(fault, at_s, amount=_AMOUNTS.get(fault)),)
    point = replace(point, setup=replace(point.setup, faults=events))
    run = simulate_run(point.setup, point.duration_s, int(rng.integers(2**62)))
    slew_ppm = run.clock_slew_ppm if fault in CLOCK_FAULTS else 0.0
    return judge(point, run, clock_slew_ppm=slew_ppm)


def detection(fault: Fault, runs: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Counts of `right`, `other` and `number`, and every reason given."""
    rng = np.random.default_rng([seed, list(Fault).index(fault)])
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for _ in range(runs):
        outcome = run_with(fault, rng)
        found = {f.reason for f in outcome.result.findings}
        reasons.update(reason.value for reason in found)
        counts["number" if outcome.has_number else "right" if found & RIGHT[fault] else "other"] += 1
    return counts, reasons


def clean_refused(runs: int, seed: int) -> Counter[str]:
    """Reasons of clean runs that were refused."""
    rng = np.random.default_rng([seed, 1_000_003])
    refused: Counter[str] = Counter()
    for _ in range(runs):
        outcome = run_with(None, rng)
        if not outcome.has_number:
            refused[outcome.result.findings[0].reason.value] += 1
    return refused


def unchanged_by_wall_clock_step(seed: int) -> bool:
    """Whether a wall-clock step of an hour leaves every digit as it is."""
    twins = [run_with(fault, np.random.default_rng(seed)) for fault in (Fault.WALL_CLOCK_STEP, None)]
    return twins[0].result == twins[1].result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}, {options.runs} runs a fault")
    print(f"{'fault':26}{'right':>7}{'other':>7}{'number':>8}  reasons")
    for fault in RIGHT:
        counts, reasons = detection(fault, options.runs, seed)
        cells = f"{counts['right']:7d}{counts['other']:7d}{counts['number']:8d}"
        print(f"{fault.value:26}{cells}  {dict(reasons.most_common(4))}", flush=True)
    refused = clean_refused(5 * options.runs, seed)
    print(f"clean runs refused: {sum(refused.values())} of {5 * options.runs} {dict(refused)}")


if __name__ == "__main__":
    main()
