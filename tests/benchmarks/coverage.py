"""Does the stated interval hold the truth, and is it no wider than it must be?

    ./dev bench coverage [--points N] [--seed N]

Fresh seeds unless one is given. Prints, for the broad ensemble and for resonant loads apart: the share of points whose
true error lies inside the stated interval, the stated half-width against the 95.45th percentile of the actual
deviations (both in units of each point's own uncertainty, so that wide points do not hide narrow ones), and the bias.

Then one load again and again (`ended.py`), where windows have different U only because each estimates its own: the
share inside, with its binomial standard deviation, of all windows and of each third by U, for windows of equal length
and for those that end as soon as U suffices.
"""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Sequence

import numpy as np

from tests.benchmarks.ended import EQUAL_S, study_of_ends
from tests.benchmarks.ensemble import Outcome, draw_point, measure

WANTED_PCT = (0.2, 0.07)
"""What the demonstration wants, which its windows have as soon as they may end; and what only some have then."""


def study(points: int, seed: int, *, resonant: bool) -> tuple[list[Outcome], Counter[str]]:
    """Measured points, and the reasons of those without a number."""
    rng = np.random.default_rng([seed, int(resonant)])
    measured: list[Outcome] = []
    refused: Counter[str] = Counter()
    for _ in range(points):
        outcome = measure(draw_point(rng, resonant=resonant), int(rng.integers(2**62)))
        if outcome.has_number:
            measured.append(outcome)
        else:
            refused[" + ".join(sorted({f.reason.value for f in outcome.result.findings}))] += 1
    return measured, refused


def summary(deviation: np.ndarray, expanded: np.ndarray) -> str:
    ratio = deviation / expanded
    inside = float(np.mean(np.abs(ratio) <= 1.0))
    width = 1.0 / float(np.quantile(np.abs(ratio), 0.9545))
    return (
        f"inside {100 * inside:6.2f} %   half-width {width:5.2f} x needed   bias {float(ratio.mean()):+.3f} U"
    )


def report(name: str, outcomes: Sequence[Outcome], refused: Counter[str]) -> None:
    total = np.array([(o.deviation_pct, o.result.expanded_uncertainty_pct) for o in outcomes], float)
    alone = np.array([(o.alignment_deviation_pct, 2.0 * o.alignment_u_pct) for o in outcomes])
    estimators = Counter(o.result.estimator for o in outcomes)
    print(f"{name}: {len(outcomes)} points, {sum(refused.values())} refused, by {dict(estimators)}")
    print(f"  result      {summary(total[:, 0], total[:, 1])}")
    print(f"  alignment   {summary(alone[:, 0], alone[:, 1])}")
    for reason, count in refused.most_common():
        print(f"  refused: {count:4d}  {reason}")


def thirds_by_U(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """From the smallest U to the largest."""
    by_U = sorted(outcomes, key=lambda o: o.result.expanded_uncertainty_pct or 0.0)
    return [[by_U[i] for i in third] for third in np.array_split(np.arange(len(by_U)), 3)]


def share_inside(outcomes: Sequence[Outcome]) -> str:
    share = float(np.mean([o.is_inside for o in outcomes]))
    return f"{100 * share:5.1f} +- {100 * (share * (1.0 - share) / len(outcomes)) ** 0.5:.1f} %"


def report_thirds(name: str, outcomes: Sequence[Outcome]) -> None:
    print(f"{name}: {len(outcomes)} windows, inside {share_inside(outcomes)}")
    for third in thirds_by_U(outcomes):
        U_pct = [o.result.expanded_uncertainty_pct or 0.0 for o in third]
        rms_pct = float(np.sqrt(np.mean([o.deviation_pct**2 for o in third])))
        print(
            f"  U {U_pct[0]:.3f} to {U_pct[-1]:.3f} %   inside {share_inside(third)}   deviation {rms_pct:.4f} % rms"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}")
    report("broad ensemble", *study(options.points, seed, resonant=False))
    report("resonant loads", *study(options.points // 4, seed, resonant=True))
    equal, ended = study_of_ends(options.points, seed, WANTED_PCT)
    report_thirds(f"one load, all windows {EQUAL_S:g} s", equal)
    for wanted_pct, outcomes in ended.items():
        report_thirds(f"one load, ended as soon as U <= {wanted_pct:g} %", outcomes)


if __name__ == "__main__":
    main()
