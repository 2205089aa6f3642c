"""What aligning buys: the error of each estimator beside the raw difference of registers.

    ./dev bench align [--runs N] [--seed N]

First table: RMS error (%) of a window inside a run, at a balanced load drawn from 2.0 to 2.6 kW, with a power register
that reads 0.05 % high, source 0.05 % rms, latency 15 to 40 ms. At one fixed load the ticks would fall into one
deterministic beat and flatter or ruin the result.
Second table: seconds of run until the expanded uncertainty of the alignment is a tenth of the limit of a class, beside
the raw difference's.
Third: windows of so many pulses that are their whole run, and what either way costs in CPU time.
Fourth: a load point of 57.5 W, where pulses and ticks are rare.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from bench.sim.study import RunSetup, SimulatedRun, simulate_run
from calibration.alignment import AlignedRun, RefreshGrid
from calibration.estimators import estimates as estimates_of
from calibration.evaluation import align_run
from calibration.meter_edges import MeterPulses, meter_pulses
from calibration.quantities import RISING, Estimate
from calibration.reference_standard import ReferenceCard
from calibration.timebase import RunRegister
from tests.benchmarks.ensemble import load_point_of
from tests.benchmarks.timing import timed

CONSTANT = 10_000.0
ERROR_PCT = 0.3
ROWS = (
    # T s, r Wh, window s, run s
    (1.0, 1.0, 60.0, 180.0),
    (1.0, 1.0, 60.0, 600.0),
    (0.2, 1.0, 10.0, 180.0),
    (0.2, 1.0, 60.0, 180.0),
    (1.0, 10.0, 60.0, 600.0),
    (1.0, 0.01, 10.0, 180.0),
    (1.0, 0.01, 60.0, 180.0),
    (0.2, 0.01, 10.0, 180.0),
    (0.2, 0.01, 60.0, 180.0),
)
WHOLE_RUNS = ((1.0, 1.0, 180.0, 180.0), (1.0, 0.01, 60.0, 60.0), (0.2, 0.01, 60.0, 60.0))
BY_PULSES = tuple(
    (pulses, refresh_s, step_Wh)
    for refresh_s, step_Wh in ((1.0, 1.0), (0.2, 0.01))
    for pulses in (20, 100, 500)
)
USUAL_CONSTANT = 1200.0
CLASS_LIMITS_PCT = {"0.5": 0.5, "1": 1.0, "2": 2.0}


@dataclass(frozen=True, slots=True)
class Aligned:
    """A window of a simulated run, ready for the estimators."""

    run: AlignedRun
    pulses: MeterPulses
    true_Wh: float
    simulated: SimulatedRun
    card: ReferenceCard


def setup_of(
    power_W: float, refresh_s: float, step_Wh: float, steadiness_pct: float, constant: float
) -> RunSetup:
    interval_s = refresh_s / 5.0
    return RunSetup(
        power_W=power_W,
        single_phase=False,
        source=SourceModel(steadiness_pct=steadiness_pct),
        meters=(MeterModel(meter_constant_imp_per_kWh=constant, error_pct=ERROR_PCT),),
        reference=ReferenceModel(energy_step_Wh=step_Wh, refresh_s=refresh_s, power_gain_pct=0.05),
        polling=PollModel(interval_s=0.85 * interval_s, start_jitter_s=0.3 * interval_s),
    )


def aligned(setup: RunSetup, run_s: float, window_s: float, seed: int) -> Aligned:
    """Simulate a run and cut a window of window_s out of its middle."""
    simulated = simulate_run(setup, run_s, seed)
    reference = setup.reference
    card = ReferenceCard(
        "simulated", "1", 0.05, reference.energy_step_Wh, reference.refresh_s, 0.1,
        power_lag_s=reference.power_lag_s, power_lag_u_s=0.05 * reference.refresh_s,
    )  # fmt: skip
    run = align_run(simulated.readings, None, card, (simulated.first_ns, simulated.last_ns))
    assert isinstance(run.grid, RefreshGrid)
    first, last = run.grid.curve.at_s[0], run.grid.curve.at_s[-1]
    middle, half = 0.5 * (first + last), 0.5 * min(window_s, last - first)
    stamps = simulated.meters[0].of_kind(RISING)
    pulses = meter_pulses(stamps, simulated.first_ns, middle - half, middle + half, load_point_of(setup))
    constant = setup.meters[0].meter_constant_imp_per_kWh
    return Aligned(run, pulses, pulses.intervals * 1000.0 / constant / (1 + ERROR_PCT / 100), simulated, card)


def raw_difference_pct(window: Aligned) -> float:
    """Error (%) of differencing the registers last seen at both ends: the baseline, and how it is usually done."""
    energy = window.run.readings.energy_Wh
    seen = np.searchsorted(RunRegister.of(energy, window.run.origin_ns).at_s, window.pulses.at_s[[0, -1]]) - 1
    first, last = energy.value[np.maximum(seen, 0)]
    return 100.0 * float((last - first) / window.true_Wh - 1.0)


def estimates(window: Aligned) -> list[Estimate]:
    return list(estimates_of(window.run, window.pulses))


def chosen(made: Sequence[Estimate]) -> Estimate | None:
    valid = [e for e in made if e.is_valid]
    return min(valid, key=lambda e: e.standard_uncertainty_pct) if valid else None


def _error_pct(estimate: Estimate, window: Aligned) -> float:
    assert estimate.reference_energy_Wh is not None
    return 100.0 * (estimate.reference_energy_Wh / window.true_Wh - 1.0)


def rms_row(
    row: tuple[float, float, float, float], steadiness_pct: float, runs: int, rng: np.random.Generator
) -> str:
    refresh_s, step_Wh, window_s, run_s = row
    errors: dict[str, list[float]] = {"raw": [], "chosen": []}
    for _ in range(runs):
        setup = setup_of(float(rng.uniform(2000.0, 2600.0)), refresh_s, step_Wh, steadiness_pct, CONSTANT)
        window = aligned(setup, run_s, window_s, int(rng.integers(2**62)))
        errors["raw"].append(raw_difference_pct(window))
        made = estimates(window)
        for estimate in made:
            if estimate.is_valid:
                errors.setdefault(estimate.estimator, []).append(_error_pct(estimate, window))
        best = chosen(made)
        if best is not None:
            errors["chosen"].append(_error_pct(best, window))
    rms = {name: float(np.sqrt(np.mean(np.square(found)))) for name, found in errors.items() if found}
    names = ("raw", "tick_gated", "tick_line", "power_integral", "fused", "chosen")
    cells = "".join(f"{rms[name]:15.4f}" if name in rms else f"{'declined':>15}" for name in names)
    ratio = rms["raw"] / rms["chosen"]
    return f"{refresh_s:4.1f} {step_Wh:6.2f} {window_s:5.0f}/{run_s:<4.0f}{steadiness_pct:6.2f}{cells}{ratio:9.0f} x"


def seconds_until(
    limit_pct: float, refresh_s: float, step_Wh: float, runs: int, rng: np.random.Generator
) -> str:
    """Median run time until U (alignment) is a tenth of a limit, beside the raw difference's."""
    reached: list[float] = []
    raw60: list[float] = []
    durations = np.geomspace(10.0, 900.0, 28)
    for _ in range(runs):
        setup = setup_of(float(rng.uniform(2000.0, 2600.0)), refresh_s, step_Wh, 0.05, CONSTANT)
        seed = int(rng.integers(2**62))
        raw60.append(raw_difference_pct(aligned(setup, 75.0, 60.0, seed)))
        reached.append(
            next((float(d) for d in durations if _is_enough(setup, d, seed, limit_pct)), float("inf"))
        )
    raw_s = 2.0 * float(np.sqrt(np.mean(np.square(raw60)))) * 60.0 / (0.1 * limit_pct)
    return f"{float(np.median(reached)):8.0f} s / {raw_s:6.0f} s"


def _is_enough(setup: RunSetup, run_s: float, seed: int, limit_pct: float) -> bool:
    best = chosen(estimates(aligned(setup, run_s, run_s, seed)))
    return best is not None and 2.0 * best.standard_uncertainty_pct <= 0.1 * limit_pct


@dataclass(frozen=True, slots=True)
class Compared:
    """Both ways on the same windows: RMS errors, those where ours gave no number, and median CPU seconds a window."""

    raw_pct: float
    ours_pct: float
    declined: int
    raw_s: float
    ours_s: float

    def __str__(self) -> str:
        accuracy = f"{self.raw_pct:9.4f} % {self.ours_pct:9.4f} % {self.raw_pct / self.ours_pct:6.0f} x"
        return f"{accuracy} {self.declined:9d} {1e3 * self.raw_s:9.3f} ms {1e3 * self.ours_s:9.3f} ms"


def compare(pulses: int, refresh_s: float, step_Wh: float, runs: int, rng: np.random.Generator) -> Compared:
    """Runs that are as long as so many pulses of a usual meter at 2.0 to 2.6 kW, evaluated as a whole."""
    raw_pct, ours_pct, raw_s, ours_s = [], [], [], []
    for _ in range(runs):
        power_W = float(rng.uniform(2000.0, 2600.0))
        setup = setup_of(power_W, refresh_s, step_Wh, 0.05, USUAL_CONSTANT)
        run_s = (pulses + 1) * 3.6e6 / USUAL_CONSTANT / power_W
        window = aligned(setup, run_s, run_s, int(rng.integers(2**62)))
        error_pct, spent = timed(partial(raw_difference_pct, window))
        raw_pct.append(error_pct)
        raw_s.append(spent.cpu_s)
        best, spent = timed(partial(_chosen_from_readings, window))
        ours_s.append(spent.cpu_s)
        if best is not None:
            ours_pct.append(_error_pct(best, window))
    raw, ours = (float(np.sqrt(np.mean(np.square(errors)))) for errors in (raw_pct, ours_pct))
    return Compared(raw, ours, runs - len(ours_pct), float(np.median(raw_s)), float(np.median(ours_s)))


def _chosen_from_readings(window: Aligned) -> Estimate | None:
    """Of all estimators, from readings that nothing was done with yet."""
    simulated = window.simulated
    run = align_run(simulated.readings, None, window.card, (simulated.first_ns, simulated.last_ns))
    return chosen(estimates_of(run, window.pulses))


def low_load(runs: int, rng: np.random.Generator) -> str:
    """57.5 W, 1,000 imp/kWh: 10 pulses take 626 s."""
    setup = setup_of(57.5, 0.2, 0.01, 0.05, 1000.0)
    ratios = []
    for _ in range(runs):
        window = aligned(setup, 640.0, 640.0, int(rng.integers(2**62)))
        best = chosen(estimates(window))
        assert best is not None
        ratios.append((_error_pct(best, window), best.standard_uncertainty_pct))
    error, u = np.array(ratios).T
    inside = float(np.mean(np.abs(error) <= 2.0 * u))
    return f"57.5 W, 640 s: RMS {np.sqrt(np.mean(error**2)):.4f} %, U {2 * u.mean():.4f} %, inside {100 * inside:.1f} %"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    rng = np.random.default_rng(seed)
    print(f"seed {seed}, {options.runs} runs a row; RMS error in %")
    head = ("raw", "tick_gated", "tick_line", "power_integral", "fused", "chosen")
    print("  T s   r Wh  window/run  source" + "".join(f"{name:>15}" for name in head) + "   raw/chosen")
    for row in ROWS:
        for steadiness_pct in (0.05, 0.5):
            print(rms_row(row, steadiness_pct, options.runs, rng), flush=True)
    print("a window that is its whole run has no longer run to inherit a scale from:")
    for row in WHOLE_RUNS:
        print(rms_row(row, 0.05, options.runs, rng), flush=True)
    print("\nseconds until U (alignment) is a tenth of the limit: chosen / raw difference")
    print("  T s   r Wh" + "".join(f"{'class ' + name:>24}" for name in CLASS_LIMITS_PCT))
    for refresh_s, step_Wh in ((1.0, 1.0), (0.2, 1.0), (1.0, 0.01), (0.2, 0.01)):
        cells = (
            seconds_until(x, refresh_s, step_Wh, max(5, options.runs // 10), rng)
            for x in CLASS_LIMITS_PCT.values()
        )
        print(f"{refresh_s:5.1f} {step_Wh:6.2f}" + "".join(f"{cell:>24}" for cell in cells), flush=True)
    print("\na window that is its whole run, by pulses: RMS errors, windows without a number, CPU a window")
    print("pulses  T s   r Wh        raw       ours            declined          raw         ours")
    for pulses, refresh_s, step_Wh in BY_PULSES:
        compared = compare(pulses, refresh_s, step_Wh, options.runs, rng)
        print(f"{pulses:6d} {refresh_s:4.1f} {step_Wh:6.2f} {compared}", flush=True)
    print("\n" + low_load(max(10, options.runs // 4), rng))


if __name__ == "__main__":
    main()
