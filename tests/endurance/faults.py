"""Every fault of the inputs, through the real program: `bench run` on a simulated bench that has the fault.

    ./dev endure faults [--processes N] [--seed N] [--write docs/faults.md]

A process measures ten load points and meets the fault at a random instant of each; a fault that ends its run is met
once a process. "right" is INVALID with a reason that names the fault, "other" INVALID with another reason, "number" a
result in spite of it. Runs without a fault give the false alarms, and one with a step of the wall clock must have the
same digits as one without. Ends with 1 where a number was given, or more than 2 % of what was clean was refused.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.sim import faults
from bench.sim.faults import CLOCK_FAULTS, Fault
from calibration.reasons import Reason
from tests.bench_process.support import BENCH, METER
from tests.benchmarks.faults import RIGHT

LOAD_POINTS = (
    *("Imax 1.0", "0.5Imax 1.0", "2Ib 1.0", "Ib 1.0", "0.5Ib 1.0"),
    *("Imax 0.5L", "0.5Imax 0.5L", "Ib 0.5L", "Imax 0.8C", "Ib 0.8C"),
)
"""At least 1.1 kW, so that many pulses are in a window."""
ENDS_ITS_RUN: dict[Fault, frozenset[Reason]] = {
    Fault.LOAD_TRIPS: RIGHT[Fault.LOAD_TRIPS] | {Reason.SOURCE_FAULT},
    Fault.EMERGENCY_STOP: frozenset({Reason.EMERGENCY_STOP_PRESSED}),
    Fault.COVER_OPEN: frozenset({Reason.COVER_OPENED}),
    Fault.STOP_BUTTON: frozenset({Reason.STOPPED_BY_OPERATOR}),
    Fault.PANEL_SILENT: frozenset({Reason.PANEL_FAILED}),
}
"""And the reasons that name it."""
NAMED = RIGHT | ENDS_ITS_RUN
_HEAD = """# What the bench says of every fault of its inputs

Written by `./dev endure faults --write docs/faults.md`, from runs of the real program on a simulated bench. Each load
point met the fault at a random instant. "right": INVALID with a reason that names the fault; "other": INVALID with
another reason; "number": a result in spite of it, which must not be. The same faults on any number of changing load
points, without the program around them, are `./dev bench faults`.
"""
_PLAN = """
load_points = {points}
minimum_time_s = 30.0
longest_time_s = 60.0
repeats_of_invalid = 0
"""
_FIRST_S, _LAST_S = 8.0, 25.0
"""Of a load: past its settling, before its window ends."""
MOST_REFUSED = 0.02
_CLEAN_PROCESSES = 10
"""For each process of a fault."""


@dataclass
class Row:
    """What came of one fault."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, fault: Fault, result: dict[str, Any]) -> None:
        found = {reason["reason"] for reason in result["reasons"]}
        self.reasons.update(found)
        if result["percentage_error_pct"] is not None:
            self.outcomes["number"] += 1
        else:
            self.outcomes["right" if found & NAMED[fault] else "other"] += 1


@dataclass
class Found:
    rows: dict[Fault, Row]
    clean: int
    refused: Counter[str]
    is_unchanged_by_a_step: bool

    @property
    def holds(self) -> bool:
        numbers = sum(row.outcomes["number"] for row in self.rows.values())
        return (
            numbers == 0 and self.refused.total() <= MOST_REFUSED * self.clean and self.is_unchanged_by_a_step
        )


def results_of(folder: Path, simulation: str, points: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """What `bench run` says of each load point, in a process of its own."""
    folder.mkdir()
    config, plan = folder / "bench.toml", folder / "plan.toml"
    text = BENCH.format(state_dir=folder / "state", simulation=simulation).replace(
        "seed = 7", f"seed = {seed}"
    )
    config.write_text(text.replace("[simulation]", '[panel]\ndriver = "sim"\n\n[simulation]'))
    plan.write_text(_PLAN.format(points=json.dumps(list(points))) + METER)
    program = Path(sys.executable).with_name("bench")
    ran = subprocess.run(
        [program, "run", plan, "--config", config, "--json"], capture_output=True, text=True, check=False
    )
    try:
        shown = json.loads(ran.stdout)
    except ValueError:
        raise RuntimeError(f"{simulation}: {ran.stdout[-1000:]}{ran.stderr[-2000:]}") from None
    results: list[dict[str, Any]] = shown["points"]
    return results


def meet(fault: Fault, processes: int, seed: int, folder: Path) -> Row:
    """One row of the table."""
    row, rng = Row(), random.Random(f"{seed} {fault}")
    for number in range(processes):
        points: Sequence[str] = LOAD_POINTS
        at_s = [rng.uniform(_FIRST_S, _LAST_S) for _ in LOAD_POINTS]
        if fault in ENDS_ITS_RUN or fault in CLOCK_FAULTS:
            wanted, points = [f"{fault.value}@{at_s[0]:.3f}"], LOAD_POINTS[:1]
        else:
            wanted = [f"{fault.value}@{at:.3f}#{load}" for load, at in enumerate(at_s, 1)]
        simulation = f"faults = {json.dumps(wanted)}"
        for result in results_of(
            folder / f"{fault.value}-{number}", simulation, points, rng.randrange(1 << 30)
        ):
            row.add(fault, result)
    return row


def clean(processes: int, seed: int, folder: Path) -> tuple[int, Counter[str]]:
    """Load points without a fault, and the reasons of those that were refused."""
    rng, tried, refused = random.Random(f"{seed} clean"), 0, Counter[str]()
    for number in range(processes):
        for result in results_of(folder / f"clean-{number}", "", LOAD_POINTS, rng.randrange(1 << 30)):
            tried += 1
            if result["percentage_error_pct"] is None:
                refused[result["reason"]] += 1
    return tried, refused


def is_unchanged_by_a_step(folder: Path) -> bool:
    """Of the wall clock by an hour, in the middle of a run."""
    stepped = f'faults = ["{Fault.WALL_CLOCK_STEP.value}@12"]'
    with_step, without = (
        results_of(folder / f"step-{number}", simulation, LOAD_POINTS, 1)
        for number, simulation in enumerate((stepped, ""))
    )
    return with_step == without


def endure(processes: int, seed: int, folder: Path) -> Found:
    """processes: of each fault."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = {fault: pool.submit(meet, fault, processes, seed, folder) for fault in NAMED}
        of_clean = pool.submit(clean, _CLEAN_PROCESSES * processes, seed, folder)
        of_step = pool.submit(is_unchanged_by_a_step, folder)
        return Found(
            {fault: row.result() for fault, row in rows.items()}, *of_clean.result(), of_step.result()
        )


def page(found: Found) -> str:
    """docs/faults.md."""
    means = what_each_is()
    lines = [
        _HEAD,
        "| fault | what happens | right | other | number | reasons given |",
        "|---|---|---|---|---|---|",
    ]
    for fault, row in found.rows.items():
        counts = " | ".join(str(row.outcomes[what]) for what in ("right", "other", "number"))
        reasons = ", ".join(f"`{reason}`" for reason, _ in row.reasons.most_common(4))
        lines.append(f"| `{fault.value}` | {means[fault]} | {counts} | {reasons} |")
    refused = ", ".join(f"{count} `{reason}`" for reason, count in found.refused.items())
    lines += [
        "",
        f"False alarms: of {found.clean} load points without a fault {found.refused.total()} were refused"
        + (f" ({refused})." if refused else "."),
        "",
        "A step of the wall clock by an hour in the middle of a run: "
        + ("every digit is the same." if found.is_unchanged_by_a_step else "**digits differ.**"),
    ]
    return "\n".join(lines) + "\n"


def what_each_is() -> dict[Fault, str]:
    """The sentence below each fault in `bench/sim/faults.py`, in one line."""
    (of_enum,) = (
        node
        for node in ast.parse(inspect.getsource(faults)).body
        if isinstance(node, ast.ClassDef) and node.name == Fault.__name__
    )
    said = {}
    for name, sentence in zip(of_enum.body, of_enum.body[1:], strict=False):
        if isinstance(name, ast.Assign) and isinstance(sentence, ast.Expr):
            assert isinstance(name.targets[0], ast.Name)
            assert isinstance(sentence.value, ast.Constant)
            said[Fault[name.targets[0].id]] = " ".join(str(sentence.value.value).split())
    return said


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=3, help="of each fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--write", type=Path, default=None, metavar="FILE", help="the page, besides printing it"
    )
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="faults") as folder:
        found = endure(wanted.processes, wanted.seed, Path(folder))
    written = page(found)
    print(written)
    if wanted.write is not None:
        wanted.write.write_text(written, encoding="utf-8")
    sys.exit(0 if found.holds else 1)


if __name__ == "__main__":
    main()
