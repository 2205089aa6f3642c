"""`bench look`: what the pulse lines show while a bench is wired."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from bench.app import open_bench
from bench.before_run.limits import require_within
from bench.commissioning.looking import Sighting, constants_of, given_constants, lines_of, sightings
from bench.commissioning.reference import wait_until_set
from bench.commissioning.words import word
from bench.configuration.config import Config, load_config
from bench.errors import BenchError, InstrumentError
from bench.plans.plan import load_plan
from bench.process import MeasuringProcess
from bench.records.frozen import to_json
from bench.service import ending_on_signals, nothing_to_end
from bench.terminal.answering import energising
from bench.terminal.cli_options import EXIT_STATUS, config_option, json_option, lang_option, tell, tell_json
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Outcome

_SHOW_EVERY_S = 1.0


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
    load_point = None if current is None else _load_point(config, voltage, current)
    with (
        ending_on_signals(nothing_to_end),
        open_bench(config, tell, lang, _go_on) as process,
        ExitStack() as energised,
    ):
        lines = tuple(name for name in named if name in process.equipment.pulse_inputs)
        if not lines:
            raise InstrumentError("none of the lines can be opened, so there is nothing to watch; see above")
        if load_point is not None:
            _apply(load_point, process, energised, lang)
        known = constants_of(config, plan, given, process.equipment.meter_ports)
        tell(word("looking", lang, seconds=f"{seconds:g}"))
        seen = _watch(process, lambda since_ns: sightings(process, lines, known, since_ns), seconds, lang)
    if wants_json:
        rows = [{**to_json(s), "says": s.sentence(lang), "is_well": s.is_well} for s in seen]
        tell_json({"lines": rows})
    else:
        click.echo(_sentences(seen, lang))
    sys.exit(0 if len(seen) == len(named) and all(s.is_well for s in seen) else EXIT_STATUS[Outcome.INVALID])


def _load_point(config: Config, voltage_V: float, current_A: float) -> LoadPoint:
    """Errors: OperatorError for one that this bench does not allow."""
    load_point = LoadPoint("look", voltage_V, current_A, 1.0, direction=config.reference.direction)
    require_within(config.load_source.limits, load_point)
    return load_point


def _apply(load_point: LoadPoint, process: MeasuringProcess, energised: ExitStack, language: str) -> None:
    """Until `energised` is closed. Errors: OperatorError, InstrumentError."""
    process.equipment.source_facts.require(load_point)
    energised.enter_context(energising(process, tell, language)).apply(load_point)
    wait_until_set(process, load_point)


def _go_on(part: str, error: BenchError) -> None:
    """Without a part that cannot be opened."""
    tell(f"bench: {part}: {error}")


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
