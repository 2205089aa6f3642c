"""`bench check` and `bench look`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from bench.app import open_bench
from bench.before_run.limits import require_within
from bench.clock import SystemClock
from bench.commissioning.check import Load, Wishes, as_record, check_bench, find
from bench.commissioning.looking import Sighting, constants_of, given_constants, lines_of, sightings
from bench.commissioning.reference import wait_until_set
from bench.commissioning.suitability import TypicalMeter
from bench.commissioning.table import print_advice, print_check, print_parts
from bench.commissioning.words import word
from bench.configuration.config import load_config
from bench.errors import BenchError, InstrumentError
from bench.plans.plan import load_plan
from bench.process import MeasuringProcess
from bench.records.frozen import to_json
from bench.registry import commissioning as bench_card
from bench.service import ending_on_signals, nothing_to_end
from bench.terminal.answering import energising
from bench.terminal.cli_options import EXIT_STATUS, config_option, json_option, lang_option, tell
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Outcome

_SHOW_EVERY_S = 1.0


@click.command()
@config_option
@click.option(
    "--current",
    type=click.FloatRange(0.01),
    help="Put a load on and measure the reference: current in A, below Imax of every meter that hangs there, or with "
    "the meters off. Without it nothing is energised.",
)
@click.option(
    "--voltage", default=220.0, show_default=True, type=click.FloatRange(1), help="Load voltage in V."
)
@click.option(
    "--dwell", default=30.0, show_default=True, type=click.FloatRange(5), help="Seconds at each load."
)
@click.option(
    "--seconds",
    default=5.0,
    show_default=True,
    type=click.FloatRange(1),
    help="Seconds the lines are watched.",
)
@click.option("--rules", "rule_set", default="jjg596-2012", show_default=True, help="Rule set of the table.")
@click.option(
    "--imax",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1),
    help="Imax of the table's meter in A.",
)
@click.option(
    "--constant",
    default=1200.0,
    show_default=True,
    type=click.FloatRange(1),
    help="Constant of the table's meter in imp/kWh.",
)
@click.option(
    "--loopback",
    nargs=2,
    metavar="OUT_LINE IN_LINE",
    help="Two GPIO lines that are wired together: find the highest pulse rate that is counted without loss.",
)
@click.option(
    "--find",
    "finds",
    is_flag=True,
    help="Believe nothing of the configuration but the reference's model: list chips and ports, and try which port "
    "and settings it answers under. Reads only, up to 90 s a port.",
)
@click.option("--port", "ports", multiple=True, help="With --find: only this serial port.")
@click.option("--write", "writes", is_flag=True, help="Keep what was measured on the bench's card.")
@lang_option
@json_option
def check(
    config_path: Path,
    current: float | None,
    voltage: float,
    dwell: float,
    seconds: float,
    rule_set: str,
    imax: float,
    constant: float,
    loopback: tuple[str, str] | None,
    finds: bool,
    ports: tuple[str, ...],
    writes: bool,
    lang: str,
    wants_json: bool,
) -> None:
    """Commissioning: what is connected, what it really does, and what this bench can verify.

    Goes on where a part is missing or broken, and says what to do. Exit status 0 only if all is well.
    """
    config = load_config(config_path)
    console = Console()
    if finds:
        parts = []
        for part in find(config, SystemClock(), ports):
            parts.append(part)
            if not wants_json:
                print_parts((part,), console, lang)
        if wants_json:
            click.echo(json.dumps({"parts": to_json(parts)}, indent=1))
        return
    load = None
    if current is not None:
        load = Load(voltage, current, dwell)
        require_within(config.load_source.limits, LoadPoint("check", voltage, current, 1.0))
    meter = TypicalMeter(voltage, min(5.0, imax), imax, constant)
    with ending_on_signals(nothing_to_end):
        found = check_bench(config, Wishes(seconds, load, rule_set, loopback, meter), tell, lang)
    if wants_json:
        click.echo(json.dumps({**as_record(found, config), "agrees": found.agrees}, indent=1))
    else:
        print_check(found, console, lang)
        print_advice(found.reference, console, lang)
    if writes:
        bench_card.save(config.state_dir, as_record(found, config), found.wall_time)
        tell(word("saved", lang))
    sys.exit(0 if found.agrees else EXIT_STATUS[Outcome.INVALID])


@click.command()
@click.argument("positions", metavar="[POSITION]...", nargs=-1)
@config_option
@click.option(
    "--seconds", default=20.0, show_default=True, type=click.FloatRange(1), help="How long to watch."
)
@click.option(
    "--plan",
    "plan_path",
    metavar="PLAN.toml",
    type=click.Path(path_type=Path),
    help="Take the meters' constants from this plan.",
)
@click.option(
    "--constant",
    "constants",
    multiple=True,
    metavar="[POSITION=]VALUE",
    help="Constant of the meter there (of all) in imp/kWh. Without it what a meter's port tells.",
)
@click.option("--current", type=click.FloatRange(0.01), help="Put this load on meanwhile: current in A.")
@click.option(
    "--voltage", default=220.0, show_default=True, type=click.FloatRange(1), help="Its voltage in V."
)
@lang_option
@json_option
def look(
    positions: tuple[str, ...],
    config_path: Path,
    seconds: float,
    plan_path: Path | None,
    constants: tuple[str, ...],
    current: float | None,
    voltage: float,
    lang: str,
    wants_json: bool,
) -> None:
    """Wiring help: watch the pulse lines and say in one sentence each what they show.

    Tells noise, bouncing, a wrong constant and swapped lines. Exit status 0 only if all lines give their pulses.
    """
    config = load_config(config_path)
    plan = None if plan_path is None else load_plan(plan_path, [p.name for p in config.position])
    # What is mistyped is refused before anything is energised for it.
    given, named = given_constants(config, constants), lines_of(config, positions)
    load_point = None
    if current is not None:
        load_point = LoadPoint("look", voltage, current, 1.0, direction=config.reference.direction)
        require_within(config.load_source.limits, load_point)

    def go_on(part: str, error: BenchError) -> None:
        tell(f"bench: {part}: {error}")

    with (
        ending_on_signals(nothing_to_end),
        open_bench(config, tell, lang, go_on) as process,
        ExitStack() as energised,
    ):
        lines = tuple(name for name in named if name in process.equipment.pulse_inputs)
        if not lines:
            raise InstrumentError("none of the lines can be opened, so there is nothing to watch; see above")
        if load_point is not None:
            process.equipment.source_facts.require(load_point)
            energised.enter_context(energising(process, tell, lang)).apply(load_point)
            wait_until_set(process, load_point)
        known = constants_of(config, plan, given, process.equipment.meter_ports)
        tell(word("looking", lang, seconds=f"{seconds:g}"))
        seen = _watch(process, lambda since_ns: sightings(process, lines, known, since_ns), seconds, lang)
    if wants_json:
        rows = [{**to_json(s), "says": s.sentence(lang), "is_well": s.is_well} for s in seen]
        click.echo(json.dumps({"lines": rows}, indent=1))
    else:
        click.echo(_sentences(seen, lang))
    sys.exit(0 if len(seen) == len(named) and all(s.is_well for s in seen) else EXIT_STATUS[Outcome.INVALID])


def _watch(
    process: MeasuringProcess,
    see: Callable[[int], tuple[Sighting, ...]],
    seconds: float,
    language: str,
) -> tuple[Sighting, ...]:
    """Watch for a time, or until Ctrl-C, showing on a terminal what has been seen so far."""
    console = Console(stderr=True)
    since_ns = process.clock.now_ns()
    end_ns = since_ns + round(seconds * NS_PER_S)
    with Live(console=console, transient=True) if console.is_terminal else nullcontext() as live:
        try:
            while (now_ns := process.clock.now_ns()) < end_ns:
                process.wait_idle(min(_SHOW_EVERY_S, (end_ns - now_ns) / NS_PER_S))
                if live is not None:
                    live.update(_sentences(see(since_ns), language))
        except KeyboardInterrupt:
            pass  # enough was seen
    return see(since_ns)


def _sentences(seen: tuple[Sighting, ...], language: str) -> str:
    lines = [f"{s.line}: {s.sentence(language)}" for s in seen]
    if seen and all(s.power_W is None for s in seen):
        lines.append(word("look_no_reference", language))
    return "\n".join(lines)
