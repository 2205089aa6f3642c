"""How soon the programs answer, and what memory and CPU the two processes of a bench take at real speed.

    ./dev bench processes

Commands are started several times, and what they took is what the kernel counted of them and their children; `serve`
and `web` until they answer. Memory is looked at while a bench of so many positions measures and so many viewers watch.
PSS counts what pages are shared by its part, RSS in full; the truth for a machine of its own lies between them. The
plant that is simulated, with its reference standard as a server, is in the measuring process's share.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.control.client import ControlClient
from tests.benchmarks.process_figures import MOST_MB, cpu_during, cpu_s, pss_MB, rss_MB
from tests.benchmarks.viewers import seen_by, watching
from tests.endurance.appliance import BENCH, WEB, Appliance, plan_of

INTERPRETER = "the interpreter and nothing else"
_BENCH = str(Path(sys.executable).with_name("bench"))
COMMANDS = {
    INTERPRETER: (sys.executable, "-c", "pass"),
    "the interpreter with numpy": (sys.executable, "-c", "import numpy"),
    "the interpreter with Flask": (sys.executable, "-c", "import flask"),
    "`bench --help`": (_BENCH, "--help"),
    "`bench calc round`": (_BENCH, "calc", "round", "--step", "0.1", "-0.35"),
    "`bench verify --help`": (_BENCH, "verify", "--help"),
}
SERVERS = {BENCH: "`bench serve`, until it answers", WEB: "`bench web`, until it answers"}
LOADS = ((0, 0), (8, 50), (48, 200))
"""Positions that measure, and viewers; the first is idle."""
REPEAT = 5
_IDLE_S, _SETTLE_S, _LOOK_S = 3.0, 10.0, 15.0


@dataclass(frozen=True, slots=True)
class Start:
    """Medians: by the clock, and CPU."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{1000 * self.wall_s:6.0f} ms, CPU {1000 * self.cpu_s:6.0f} ms"


@dataclass(frozen=True, slots=True)
class Taken:
    """By process: memory both ways, and part of a core."""

    pss_MB: dict[str, float]
    rss_MB: dict[str, float]
    cpu: dict[str, float]

    def __str__(self) -> str:
        of_each = (
            f"{name} {self.pss_MB[name]:.0f} MB ({self.rss_MB[name]:.0f} with all that is shared),"
            f" {100 * self.cpu[name]:.1f} % of a core"
            for name in (BENCH, WEB)
        )
        return "; ".join(of_each)


def started(command: Sequence[str], repeat: int) -> Start:
    """From the start of a command to its end. Errors: CalledProcessError where it fails."""
    walls_s, cpus_s = [], []
    for _ in range(repeat):
        began_s, before = time.perf_counter(), os.times()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        walls_s.append(time.perf_counter() - began_s)
        after = os.times()
        cpus_s.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return Start(median(walls_s), median(cpus_s))


def answering(repeat: int) -> dict[str, Start]:
    """Of the two processes, from their start until they answer, on a state folder that is there."""
    found: dict[str, list[Start]] = {BENCH: [], WEB: []}
    with TemporaryDirectory() as folder, appliance(Path(folder), 1, 0) as bench:
        for _ in range(repeat):
            for name, starts in found.items():
                began_s = time.perf_counter()
                bench.start(name)
                starts.append(Start(time.perf_counter() - began_s, cpu_s(bench.pid(name))))
            for name in found:
                bench.kill(name)
    return {
        SERVERS[name]: Start(median(s.wall_s for s in starts), median(s.cpu_s for s in starts))
        for name, starts in found.items()
    }


def starts(repeat: int = REPEAT) -> dict[str, Start]:
    """Of everything, by what it is; one start of each is not counted."""
    for command in COMMANDS.values():
        started(command, 1)
    return {what: started(command, repeat) for what, command in COMMANDS.items()} | answering(repeat)


def appliance(folder: Path, positions: int, viewers: int) -> Appliance:
    """Both processes at real speed; the public page is the live one."""
    return Appliance(folder / "bench", folder / "s", positions, 1.0, max(viewers, 1), has_cases=False)


def taken(positions: int, viewers: int) -> Taken:
    """While so many positions measure and so many watch; 0 positions: the bench of one is idle."""
    with TemporaryDirectory(prefix="p") as name, appliance(Path(name), max(positions, 1), viewers) as bench:
        for process in (BENCH, WEB):
            bench.start(process)
        if positions:
            with ControlClient(bench.socket_path, 60.0) as client:
                client.start(plan_of(positions, ("Ib 1.0",), 600.0))
        with watching(bench.port, viewers, view="1") as watchers:
            time.sleep(_SETTLE_S if positions else _IDLE_S)
            look = _look(bench)
            seen_by(watchers)
        bench.require_alive()
        return look


def _look(bench: Appliance) -> Taken:
    pids = {name: bench.pid(name) for name in (BENCH, WEB)}
    cpu = cpu_during(_LOOK_S, pids)
    return Taken(
        {name: pss_MB(pid) for name, pid in pids.items()},
        {name: rss_MB(pid) for name, pid in pids.items()},
        cpu,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(arguments)
    for what, start in starts().items():
        print(f"{what:34} {start}", flush=True)
    for positions, viewers in LOADS:
        print(f"{positions} positions, {viewers} viewers: {taken(positions, viewers)}", flush=True)
    print(f"both together are to take less than {MOST_MB:.0f} MB")


if __name__ == "__main__":
    main()
