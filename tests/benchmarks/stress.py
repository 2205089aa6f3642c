"""What happens where the assumptions of the estimators are violated: inside U, refused, or wrong unseen?

    ./dev bench stress [--runs N] [--seed N]

Each line violates one assumption on top of a clean point of the broad kind. "wrong unseen" is a number whose stated
interval does not hold the truth; one in twenty is what an interval at 95 % may show, anything above it is a defect.
"""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.sim.source import LoadStep, SourceModel
from tests.benchmarks.ensemble import Point, draw_point, measure


def _reference(point: Point, **changed: object) -> Point:
    reference = replace(point.setup.reference, **changed)  # type: ignore[arg-type]
    return replace(point, setup=replace(point.setup, reference=reference))


def _polling(point: Point, share_of_refresh: float) -> Point:
    interval_s = share_of_refresh * point.setup.reference.refresh_s
    polling = replace(point.setup.polling, interval_s=interval_s, start_jitter_s=0.0)
    return replace(point, setup=replace(point.setup, polling=polling))


def _float32(point: Point) -> Point:
    """A float32 register in kWh at 10 MWh: its step is 1 Wh, whatever it was."""
    point = _reference(
        point, energy_is_float32=True, energy_register_unit_Wh=1000.0, energy_step_Wh=0.01, start_Wh=1e7
    )
    card = replace(point.card, energy_is_float32=True, energy_register_unit_Wh=1000.0, energy_step_Wh=0.01)
    return replace(point, card=card)


def _step(point: Point, factor: float) -> Point:
    step = LoadStep(0.4 * point.duration_s, factor)
    source = SourceModel(steadiness_pct=point.setup.source.steadiness_pct, steps=(step,))
    return replace(point, setup=replace(point.setup, source=source))


STRESSES = {
    "none (clean)": lambda p: p,
    "refresh jitter 2 % of T rms": lambda p: _reference(p, refresh_jitter_s=0.02 * p.card.refresh_s),
    "refresh jitter 10 % of T rms": lambda p: _reference(p, refresh_jitter_s=0.10 * p.card.refresh_s),
    "refresh wander T/5 in 60 s": lambda p: _reference(p, refresh_wander_s=0.2 * p.card.refresh_s),
    "power register averages 4 refreshes": lambda p: _reference(p, power_average_n=4),
    "power register averages 10 refreshes": lambda p: _reference(p, power_average_n=10),
    "power register lags 1 s": lambda p: _reference(p, power_lag_s=1.0),
    "power register reads 1 W high": lambda p: _reference(p, power_offset_W=1.0),
    "float32 register in kWh at 10 MWh": _float32,
    "polled every T/3": lambda p: _polling(p, 1.0 / 3.0),
    "polls keep step with the refreshes": lambda p: _polling(p, 0.2),
    "nominal T 0.1 % off": lambda p: _reference(p, refresh_deviation_ppm=1000.0),
    "load step of 1 % in the run": lambda p: _step(p, 1.01),
    "load step of 10 % in the run": lambda p: _step(p, 1.10),
}


def outcomes(name: str, runs: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Counts of `inside`, `refused`, `wrong`, and the reasons of those refused."""
    rng = np.random.default_rng([seed, sorted(STRESSES).index(name)])
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for _ in range(runs):
        outcome = measure(STRESSES[name](draw_point(rng)), int(rng.integers(2**62)))
        if not outcome.has_number:
            counts["refused"] += 1
            reasons[outcome.result.findings[0].reason.value] += 1
            continue
        expanded = outcome.result.expanded_uncertainty_pct
        assert expanded is not None
        counts["inside" if abs(outcome.deviation_pct) <= expanded else "wrong"] += 1
    return counts, reasons


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}, {options.runs} runs a line")
    print(f"{'violated':40}{'inside U':>10}{'refused':>10}{'wrong unseen':>14}  reasons")
    for name in STRESSES:
        counts, reasons = outcomes(name, options.runs, seed)
        shares = [100.0 * counts[kind] / options.runs for kind in ("inside", "refused", "wrong")]
        cells = f"{shares[0]:8.1f} %{shares[1]:8.1f} %{shares[2]:12.1f} %"
        print(f"{name:40}{cells}  {dict(reasons.most_common(3))}", flush=True)


if __name__ == "__main__":
    main()
