"""`bench check`: the whole bench, or what is connected."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from bench.before_run.limits import require_within
from bench.clock import SystemClock
from bench.commissioning.check import Wishes, as_record, check_bench
from bench.commissioning.devices import Load
from bench.commissioning.finding import find, is_found
from bench.commissioning.suitability import TypicalMeter
from bench.commissioning.table import print_advice, print_check, print_parts
from bench.commissioning.words import word
from bench.configuration.config import Config, load_config
from bench.registry import commissioning as bench_card
from bench.service import ending_on_signals, nothing_to_end
from bench.terminal.cli_options import EXIT_STATUS, config_option, json_option, lang_option, tell, tell_json
from calibration.load_points import LoadPoint
from calibration.quantities import Outcome


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

    Goes on where a part is missing or broken, and says what to do. Exit status 0 only if all is well; with --find, if a
    reference standard of the configured model was found.
    """
    config = load_config(config_path)
    if finds:
        sys.exit(_exit_status(_found(config, ports, lang, wants_json)))
    load = None if current is None else _load(config, Load(voltage, current, dwell))
    meter = TypicalMeter(voltage, min(5.0, imax), imax, constant)
    with ending_on_signals(nothing_to_end):
        found = check_bench(config, Wishes(seconds, load, rule_set, loopback, meter), tell, lang)
    if wants_json:
        tell_json({**as_record(found, config), "agrees": found.agrees})
    else:
        console = Console()
        print_check(found, console, lang)
        print_advice(found.reference, console, lang)
    if writes:
        bench_card.save(config.state_dir, as_record(found, config), found.wall_time)
        tell(word("saved", lang))
    sys.exit(_exit_status(found.agrees))


def _found(config: Config, ports: tuple[str, ...], lang: str, wants_json: bool) -> bool:
    """Tell what is connected, each part as it is found. Whether the reference standard is among it."""
    console, parts = Console(), []
    for part in find(config, SystemClock(), ports):
        parts.append(part)
        if not wants_json:
            print_parts((part,), console, lang)
    if wants_json:
        tell_json({"parts": parts})
    return any(is_found(part) for part in parts)


def _load(config: Config, load: Load) -> Load:
    """Errors: OperatorError for one that this bench does not allow."""
    require_within(config.load_source.limits, LoadPoint("check", load.voltage_V, load.current_A, 1.0))
    return load


def _exit_status(is_well: bool) -> int:
    return EXIT_STATUS[Outcome.PASS if is_well else Outcome.INVALID]
