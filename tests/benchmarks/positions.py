"""Cost of a position: the same load points with 1 to 48 meters on one load, counted in one pass.

    ./dev bench positions [--counts N ...]

Every meter has its own error, and each must be found within its U. The cost is the whole measuring process's (plant,
reference polled through its registers, edges in the kernel's format, loops, runner, evaluation, journal on disk) in CPU
seconds, in virtual time and with the periods of the tests' bench; `a position` is against one meter alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.plans.plan import parse_plan
from calibration.quantities import NS_PER_S
from tests.bench_process.support import BENCH, METER

COUNTS = (1, 4, 12, 48)
PLAN = 'remeasure = false\nload_points = ["Imax 1.0", "Ib 0.5L"]\nminimum_time_s = 20.0\nlongest_time_s = 120.0\n'


def error_of(index: int) -> float:
    """48 different errors from -1.5 to +1.5 %."""
    return round(-1.5 + index * 3.0 / 47, 4)


def bench_text(state_dir: Path, count: int) -> str:
    text = BENCH.format(state_dir=state_dir, simulation="")
    start, end = text.index("[[position]]"), text.index("[reference]")
    position = '[[position]]\nname = "{}"\ndriver = "sim"\nsimulated_error_pct = {}\n\n'
    return text[:start] + "".join(position.format(i + 1, error_of(i)) for i in range(count)) + text[end:]


def plan_text(count: int, settings: str = PLAN) -> str:
    meters = (
        METER.replace('"1"\nserial', f'"{i + 1}"\nserial').replace("M-1", f"M-{i + 1}") for i in range(count)
    )
    return settings + "".join(meters)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run. cpu_s: of the process, for bench_s of the bench's time; found: results with a number; inside: those
    whose U holds the truth."""

    positions: int
    cpu_s: float
    bench_s: float
    found: int
    inside: int

    @property
    def a_position_s(self) -> float:
        return self.cpu_s / self.positions

    @property
    def times_real(self) -> float:
        """How much faster than the bench's own time."""
        return self.bench_s / self.cpu_s


def run(count: int) -> Cost:
    """A run with so many meters, of two load points each."""
    with TemporaryDirectory() as folder:
        config = parse_config(bench_text(Path(folder), count), "bench.toml")
        checked = parse_plan(plan_text(count), [p.name for p in config.position])
        with open_bench(config, lambda line: None) as process:
            began_ns, began_s = process.clock.now_ns(), time.process_time()
            summary = process.run(checked)
            spent_s = time.process_time() - began_s
            bench_s = (process.clock.now_ns() - began_ns) / NS_PER_S
    shown = [result for results in summary.results.values() for result in results.values()]
    found = [r for r in shown if r["percentage_error_pct"] is not None]
    inside = [
        r
        for r in found
        if abs(float(r["percentage_error_pct"]) - float(r["true_error_pct"]))
        <= float(r["expanded_uncertainty_pct"])
    ]
    return Cost(count, spent_s, bench_s, len(found), len(inside))


def costs(counts: Sequence[int]) -> Iterator[Cost]:
    """Of each, after a run that is not counted: it imports the drivers."""
    run(1)
    yield from map(run, counts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    counts = parser.parse_args().counts
    alone_s = None
    print("positions  CPU s  CPU s a position  a position  x real time  numbers  within U")
    for cost in costs(counts):
        alone_s = alone_s or cost.a_position_s
        print(
            f"{cost.positions:9d} {cost.cpu_s:6.2f} {cost.a_position_s:17.3f} {cost.a_position_s / alone_s:10.2f}x"
            f" {cost.times_real:12.0f} {cost.found:5d}/{2 * cost.positions:<4d} {cost.inside:4d}",
            flush=True,
        )


if __name__ == "__main__":
    main()
