"""The parts of the comparison page (`performance.py`): what is measured, beside what, and what it cannot say.

What measures are the studies, each a module of its own; here their figures become cells.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.benchmarks import align, certificate, evidence, positions, processes, viewers
from tests.benchmarks.process_figures import MOST_MB
from tests.benchmarks.tables import Cells, Part, Place, ms, of_a_core, times
from tests.endurance.appliance import BENCH, WEB

ROOT = Path(__file__).parents[2]
EDGE_RATES = (1_200, 2_500, 5_000, 10_000, 20_000, 30_000)
READERS = {
    "ours": "ours (`GpioLine`): arrays",
    "gpiod_drained": "gpiod event objects, queue and draining as ours",
    "gpiod": "gpiod event objects, as its examples have it",
    "lgpio": "lgpio call-backs",
    "gpiozero": "gpiozero (over lgpio)",
}
_KEPT_UP = 0.995
"""Of the wanted rate: below it the guest could not even drive the line."""
VIEWERS = (0, 1, 50, 200)
BUNDLES = ((12, evidence.EDGES), (1, 20_000))
"""Positions and edges."""
_ALIGN_RUNS, _ALIGN_SEED = 200, 1
_LOOK_S, _PUBLISH_S = 10.0, 0.2
_REPEAT = 3


def edges() -> list[Cells]:
    """In the virtual machine. Errors: CalledProcessError where it cannot be made or does not run."""
    from tests.hil.conftest import in_guest, last_object

    subprocess.run([ROOT / "tests" / "hil" / "build"], check=True)
    report = last_object(in_guest([sys.executable, "-m", "tests.hil.edge_cost", *map(str, EDGE_RATES)]))
    return edge_cells(report)


def edge_cells(report: dict[str, list[dict[str, Any]]]) -> list[Cells]:
    """report: of tests/hil/edge_cost.py, each reader's rates with the one that lost edges last."""
    ours = report["ours"]
    return [_of_reader(report[name], ours) for name in READERS]


def _of_reader(rates: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]) -> Cells:
    most, most_of_ours = _most_per_s(rates), _most_per_s(ours)
    last, cost = rates[-1], rates[0]["cpu_us_per_edge"]
    lost = last["driven"] - last["had"]
    without_loss = f"{most:,.0f}" if most else "none that was tried"
    at_next = f"{lost:,} of {last['driven']:,}, {last['known_lost']:,} of them known" if lost else "-"
    if not _was_driven(last):
        at_next = "the guest's processor has nothing left for a reader"
    if most and not _has_limit(rates):
        without_loss = f"at least {without_loss}"
    return [
        f"{cost:.1f} µs",
        times(cost / ours[0]["cpu_us_per_edge"]),
        without_loss,
        _rate_of_ours(rates, ours) if most_of_ours else "-",
        at_next,
    ]


def _rate_of_ours(rates: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]) -> str:
    """A bound where one of the two rates is one; of two bounds there is no ratio, but of ours and itself."""
    ratio = times(_most_per_s(rates) / _most_per_s(ours))
    if rates is ours or (_has_limit(rates) and _has_limit(ours)):
        return ratio
    if _has_limit(rates):
        return f"at most {ratio}"
    return f"at least {ratio}" if _has_limit(ours) else "-"


def _was_driven(rate: dict[str, Any]) -> bool:
    return bool(rate["driven_per_s"] >= _KEPT_UP * rate["edges_per_s"])


def _has_limit(rates: Sequence[dict[str, Any]]) -> bool:
    """Whether edges were lost at a rate that was really driven; else the highest without a loss is a bound."""
    return _was_driven(rates[-1]) and rates[-1]["had"] != rates[-1]["driven"]


def _most_per_s(rates: Sequence[dict[str, Any]]) -> float:
    """The highest rate that was really driven, without a loss; 0: none was."""
    kept = (float(r["edges_per_s"]) for r in rates if r["had"] == r["driven"] and _was_driven(r))
    return max(kept, default=0.0)


def estimators() -> list[Cells]:
    rng = np.random.default_rng(_ALIGN_SEED)
    cells = []
    for pulses, refresh_s, step_Wh in align.BY_PULSES:
        found = align.compare(pulses, refresh_s, step_Wh, _ALIGN_RUNS, rng)
        cells.append(
            [
                f"{found.raw_pct:.3f} %",
                f"{found.ours_pct:.4f} %",
                times(found.raw_pct / found.ours_pct),
                f"{1000 * found.raw_s:.2f} ms",
                f"{1000 * found.ours_s:.1f} ms",
                times(found.ours_s / found.raw_s),
                str(found.declined),
            ]
        )
    return cells


def of_positions() -> list[Cells]:
    found = list(positions.costs(positions.COUNTS))
    alone = found[0]
    return [
        [
            f"{cost.cpu_s:.2f} s",
            times(cost.cpu_s / alone.cpu_s),
            times(cost.a_position_s / alone.a_position_s),
            times(cost.times_real),
            f"{cost.inside} of {2 * cost.positions}",
        ]
        for cost in found
    ]


def of_evidence() -> list[Cells]:
    return [
        [
            f"{made.size / 1e6:.1f} MB, {made.records:,}",
            ms(made.hashed.cpu_s),
            ms(made.exported.cpu_s),
            ms(made.verified.cpu_s),
            f"{1e6 * made.verified.cpu_s / made.records:.0f} µs",
            times(made.verified.cpu_s / made.hashed.cpu_s),
            times(made.measured_s / made.verified.cpu_s),
        ]
        for made in (evidence.measure(count, wanted, _REPEAT) for count, wanted in BUNDLES)
    ]


CERTIFICATE_STEPS = (certificate.PRINTING, *certificate.STEPS, certificate.ALL_THREE)


def of_certificate() -> list[Cells]:
    _, found = certificate.measure(_REPEAT)
    cpu_s = {step: median(spent.cpu_s for spent in found[step]) for step in CERTIFICATE_STEPS}
    return [[ms(spent_s), times(spent_s / cpu_s[certificate.PRINTING])] for spent_s in cpu_s.values()]


def of_viewers() -> list[Cells]:
    with TemporaryDirectory(prefix="v") as name:
        return [_of_count(count, Path(name)) for count in VIEWERS]


def _of_count(count: int, folder: Path) -> Cells:
    folder = folder / str(count)
    folder.mkdir()
    pulses = viewers.pulses(count, _LOOK_S, folder, _PUBLISH_S)
    if not count:
        return [*["-"] * 4, of_a_core(pulses.cpu), "-", "-"]
    changes, killed = viewers.changes(count, _LOOK_S, folder), viewers.killed(count, folder)
    return [
        _of_delays(changes.delays),
        str(changes.missing),
        of_a_core(changes.cpu),
        of_a_core(changes.cpu / count),
        of_a_core(pulses.cpu),
        _of_delays(pulses.delays),
        f"{killed.live}, the last after {killed.last_s:.1f} s",
    ]


def _of_delays(delays: viewers.Delays) -> str:
    return f"{ms(delays.p50_s)}, {ms(delays.p99_s)}" if delays.events else "none seen"


STARTS = (*processes.COMMANDS, *processes.SERVERS.values())


def of_starts() -> list[Cells]:
    found = processes.starts()
    alone = found[processes.INTERPRETER]
    return [
        [ms(s.wall_s), ms(s.cpu_s), times(s.cpu_s / alone.cpu_s)] for s in (found[what] for what in STARTS)
    ]


def of_memory() -> list[Cells]:
    return [_of_load(processes.taken(count, watching)) for count, watching in processes.LOADS]


def _of_load(taken: processes.Taken) -> Cells:
    pss, rss = sum(taken.pss_MB.values()), sum(taken.rss_MB.values())
    of_each = [f"{taken.pss_MB[name]:.0f} ({taken.rss_MB[name]:.0f}) MB" for name in (BENCH, WEB)]
    together = [f"{pss:.0f} ({rss:.0f}) MB", f"{pss / MOST_MB:.2f} ({rss / MOST_MB:.2f})"]
    return [*of_each, *together, *(of_a_core(taken.cpu[name]) for name in (BENCH, WEB))]


PARTS = (
    Part(
        "edges",
        "An edge: what it costs, and how fast edges may come",
        """Both edges of a pulse, stamped by the kernel, read by one process that has the line to itself: the same
        line of a simulated GPIO chip (`gpio-sim`) of a Linux kernel in a virtual machine, the same pulses at
        rising rates, until edges are lost. The machine is emulated and its time counts instructions, 2 ns each,
        so another load on the host changes nothing, and a figure is no time of a Raspberry Pi: judge ratios and
        counts. What drives the line goes before the reader on its one processor, so the highest rate is what the
        guest leaves to a reader. "Known" is what is missing by the numbers that the kernel gives edges, where a
        reader is handed them.""",
        "tests/hil/run -- .venv/bin/python -m tests.hil.edge_cost",
        (
            "reader",
            "CPU (emulated) of an edge at 1,200/s",
            "of ours",
            "edges/s without a loss",
            "of ours",
            "lost at the next rate",
        ),
        tuple(READERS.values()),
        edges,
        place=Place.VIRTUAL_MACHINE,
    ),
    Part(
        "estimators",
        "Aligning, beside the difference of two readings",
        f"""Simulated windows of a meter of {align.USUAL_CONSTANT:,.0f} imp/kWh at 2.0 to 2.6 kW that are their whole
        run, {_ALIGN_RUNS} a row (seed {_ALIGN_SEED}); RMS of the error that the way of reading the reference
        adds. CPU is of one window, from readings to the estimate that is shown (all five estimators are
        computed); a look like this is made every `evaluation_period_s` (usually 1 s). The power register reads
        0.05 % high, which a short window cannot tell and a long one takes out. A simulated reference can flatter:
        its model is in `bench/sim/reference.py`.""",
        "./dev bench align",
        (
            "window, reference",
            "difference of two readings",
            "ours",
            "closer by",
            "CPU of the difference",
            "CPU of ours",
            "dearer by",
            "no number",
        ),
        tuple(
            f"{pulses} pulses, refresh {refresh_s:g} s, step {step_Wh:g} Wh"
            for pulses, refresh_s, step_Wh in align.BY_PULSES
        ),
        estimators,
    ),
    Part(
        "positions",
        "Positions",
        """The whole measuring process with its simulated plant, two load points in virtual time, each meter with an
        error of its own; beside one meter alone. "Within U": results whose stated interval holds the true error.""",
        "./dev bench positions",
        ("positions", "CPU", "of one", "a position, of one alone", "faster than real time", "within U"),
        tuple(map(str, positions.COUNTS)),
        of_positions,
    ),
    Part(
        "evidence",
        "Evidence",
        """A run exported into one signed file and verified, every hash, signature and figure computed again from
        the raw edges and polls; beside a program that only checks one SHA-256 of the file, and beside the time
        that measuring took. Of one process, without its start.""",
        "./dev bench evidence",
        (
            "run",
            "size, edges and polls",
            "SHA-256 (CPU)",
            "export (CPU)",
            "verify (CPU)",
            "an edge or poll",
            "verify, of SHA-256",
            "faster than measuring",
        ),
        tuple(f"{count} position{'s' * (count > 1)}, {wanted:,} edges" for count, wanted in BUNDLES),
        of_evidence,
    ),
    Part(
        "certificate",
        "A certificate",
        """From a request to the sealed and numbered PDF/A with its XML, for a run of three load points; beside
        setting the same document without checking anything and without seals, as a program that prints would.
        Each signature recomputes the run. CPU; the second certificate of a process and later ones.""",
        "./dev bench certificate",
        ("step", "CPU", "of the document alone"),
        CERTIFICATE_STEPS,
        of_certificate,
    ),
    Part(
        "viewers",
        "Viewers",
        f"""A real web process and so many connections that take the events as the page does, on the machine that
        serves them. "Changes": a bench that says five a second; "pulses": the simulated bench at real speed with
        `publish_period_s` {_PUBLISH_S:g}, from a pulse on its line to the screen, publishing included; "killed":
        the web process killed and started again. Median and 99 of 100. Delays are by the clock; no network is in
        them.""",
        "./dev bench viewers",
        (
            "viewers",
            "change to screen",
            "not seen",
            "web, of a core",
            "a viewer",
            "measuring process, of a core",
            "pulse to screen",
            "live again when killed",
        ),
        tuple(map(str, VIEWERS)),
        of_viewers,
        place=Place.CLOCK,
    ),
    Part(
        "start",
        "Starting",
        f"""Medians of {processes.REPEAT}, by the clock and in CPU of the process and its children, files in the
        cache; beside the interpreter alone.""",
        "./dev bench processes",
        ("what", "by the clock", "CPU", "of the interpreter alone (CPU)"),
        STARTS,
        of_starts,
        place=Place.CLOCK,
    ),
    Part(
        "memory",
        "Memory, and CPU at real speed",
        f"""Both processes of a bench at real speed; together they are to stay below {MOST_MB:.0f} MB. PSS, which
        counts shared pages by their part, and in brackets RSS, which counts them in full for each. The measuring
        process contains the simulated plant and its reference standard as a Modbus server; a bench with devices
        has neither.""",
        "./dev bench processes",
        (
            "positions and viewers",
            "measuring",
            "web",
            "together",
            f"of {MOST_MB:.0f} MB",
            "measuring, of a core",
            "web, of a core",
        ),
        tuple(
            f"{count} measuring, {watching} watching" if count else "idle"
            for count, watching in processes.LOADS
        ),
        of_memory,
        place=Place.CLOCK,
    ),
)
