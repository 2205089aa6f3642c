"""How much faster than real time the simulated bench runs, and what an evaluation costs.

    ./dev bench speed [--repeat N]

The whole measuring process in virtual time: plant, reference polled through its registers, edges in the kernel's
format, loops, runner, evaluation, journal on disk. The ratio is bench time over CPU time of this process.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.app import open_bench
from bench.commands.demo import demo_config
from bench.plans.plan import parse_plan
from bench.sim.study import simulate_run
from tests.benchmarks.ensemble import draw_point, judge

PLAN = """
title = "speed: one long load point"
rule_set = "jjg596-2012"
load_points = ["Ib 1.0"]
wanted_uncertainty = 0.2
minimum_time_s = 1680.0
minimum_pulses = 5
longest_time_s = 1700.0

[[meter]]
position = "1"
serial = "SIM-000001"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 5.0
maximum_current_A = 60.0
"""


def bench_run() -> tuple[float, float]:
    """Seconds of bench and of CPU for one load point of 1,700 s."""
    with tempfile.TemporaryDirectory() as folder:
        config = demo_config(Path(folder), None, 0.0, 1)
        with open_bench(config, print) as process:
            first_ns, first_cpu = process.clock.now_ns(), time.process_time()
            process.run(parse_plan(PLAN, ["1"], "speed"))
            return (process.clock.now_ns() - first_ns) / 1e9, time.process_time() - first_cpu


def study_points(count: int) -> tuple[float, float]:
    """Seconds of bench and of CPU for points of the coverage study."""
    rng = np.random.default_rng(1)
    points = [draw_point(rng) for _ in range(count)]
    first_cpu = time.process_time()
    for seed, point in enumerate(points):
        judge(point, simulate_run(point.setup, point.duration_s, seed))
    return sum(point.duration_s for point in points), time.process_time() - first_cpu


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args(arguments)
    study_points(5)
    bench_run()  # not counted: it imports the drivers
    for name, measured in (
        ("measuring process in virtual time", [bench_run() for _ in range(options.repeat)]),
        ("study: simulate and evaluate", [study_points(100) for _ in range(options.repeat)]),
    ):
        ratios = sorted(bench_s / cpu_s for bench_s, cpu_s in measured)
        bench_s, cpu_s = measured[0]
        print(
            f"{name}: {bench_s:.0f} s of bench in {cpu_s:.2f} s; "
            f"{ratios[0]:.0f} to {ratios[-1]:.0f} times real time, median {ratios[len(ratios) // 2]:.0f}"
        )


if __name__ == "__main__":
    main()
