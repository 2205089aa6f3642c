"""Cost of a position: the same load points with 1 to 48 meters on one load, counted in one pass.

Every meter has its own error, and each must be found within its U. The cost is the whole measuring process's (plant,
record formats, journal on disk, evaluation) in CPU seconds; the column `cost a position` is against one meter alone.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.plans.plan import parse_plan
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


def run(count: int) -> tuple[float, int, int]:
    """CPU seconds of a run, results with a number, and those whose U holds the truth."""
    with TemporaryDirectory() as folder:
        config = parse_config(bench_text(Path(folder), count), "bench.toml")
        checked = parse_plan(plan_text(count), [p.name for p in config.position])
        with open_bench(config, lambda line: None) as process:
            began_s = time.process_time()
            summary = process.run(checked)
            spent_s = time.process_time() - began_s
    shown = [result for results in summary.results.values() for result in results.values()]
    found = [r for r in shown if r["percentage_error_pct"] is not None]
    inside = [
        r
        for r in found
        if abs(float(r["percentage_error_pct"]) - float(r["true_error_pct"]))
        <= float(r["expanded_uncertainty_pct"])
    ]
    return spent_s, len(found), len(inside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    counts = parser.parse_args().counts
    alone_s = None
    print("positions  CPU s  CPU s a position  cost a position  numbers  within U")
    for count in counts:
        spent_s, found, inside = run(count)
        each_s = spent_s / count
        alone_s = alone_s or each_s
        print(
            f"{count:9d} {spent_s:6.2f} {each_s:17.3f} {each_s / alone_s:15.2f}x {found:4d}/{2 * count:<4d}"
            f" {inside:4d}"
        )


if __name__ == "__main__":
    main()
