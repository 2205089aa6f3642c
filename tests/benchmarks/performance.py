"""The page of what the bench costs: docs/performance.md, measured in one go and written by the program.

    ./dev bench performance [--only PART ...] [--write docs/performance.md]

Each part (`performance_parts.py`) is a table of ours beside something else that was measured in the same minutes on the
same machine: other ways to do the same, or the least that anybody would have to do. First the virtual machine of
`./dev hil` runs, and beside it what is judged by CPU time; what is judged by the clock has the machine to itself, as
far as nobody else is on it.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.performance_parts import PARTS
from tests.benchmarks.tables import Cells, Part, Place, filled

_HEAD = """# What the bench costs

Written by `./dev bench performance --write docs/performance.md`. Each table is ours beside something else, measured in
one go on one machine; where machines differ, look at the ratios. Nothing here was measured on a Raspberry Pi.
"""
_BUSY = 0.5
"""Processes of others for each processor, from which on the clock says little."""


def where(load: float) -> str:
    """The paragraph about machine and day. load: processes that others wanted to run when it began."""
    cores = os.cpu_count() or 1
    told = (line.partition(": ") for line in Path("/proc/cpuinfo").read_text().splitlines())
    model = next((value for key, _, value in told if key.startswith("model name")), platform.machine())
    busy = f"""**The machine was busy with other work ({load:.0f} processes for {cores} processors): what is by the
    clock is too long; CPU, and ratios of it, hold.**"""
    return filled(
        f"""Measured on {datetime.date.today()}: {model}, {cores} processors, {platform.system()} {platform.machine()},
        Python {platform.python_version()}. {busy if load > _BUSY * cores else ""}"""
    )


def page(tables: Sequence[tuple[Part, Sequence[Cells]]], measured_where: str) -> str:
    """docs/performance.md, or some of its parts."""
    return "\n\n".join([_HEAD.rstrip(), measured_where, *(part.text(cells) for part, cells in tables)]) + "\n"


def measure(parts: Sequence[Part]) -> list[tuple[Part, list[Cells]]]:
    """All parts. The virtual machine runs while CPU time is measured; the clock's parts come when it has ended."""
    found: dict[str, list[Cells]] = {}
    with ThreadPoolExecutor(1) as beside:
        begun = {
            part.name: beside.submit(part.measure) for part in parts if part.place is Place.VIRTUAL_MACHINE
        }
        for place in (Place.CPU_TIME, Place.CLOCK):
            for part in (part for part in parts if part.place is place):
                print(f"measuring: {part.title}", file=sys.stderr, flush=True)
                found[part.name] = part.measure()
            if place is Place.CPU_TIME:
                found |= {name: cells.result() for name, cells in begun.items()}
    return [(part, found[part.name]) for part in parts]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    names = [part.name for part in PARTS]
    which.add_argument("--only", nargs="+", choices=names, metavar="PART", help=", ".join(names))
    which.add_argument("--write", type=Path, metavar="FILE", help="the page, besides printing it")
    wanted = parser.parse_args(arguments)
    measured_where = where(os.getloadavg()[0])
    written = page(measure([part for part in PARTS if part.name in (wanted.only or names)]), measured_where)
    print(written)
    if wanted.write is not None:
        wanted.write.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
