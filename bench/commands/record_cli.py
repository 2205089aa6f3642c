"""`bench record`: one pulse line to a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from bench.app_lines import open_line
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.measurement.line_recording import record_line
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json


@click.command()
@click.argument("line")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--for",
    "duration_s",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.1, 86_400),
    help="Seconds to record.",
)
@config_option
@lang_option
@json_option
def record(line: str, path: Path, duration_s: float, config_path: Path, lang: str, wants_json: bool) -> None:
    """Save the edges of one pulse LINE (a position, such as 1, or 1.clock, reference, pps) to FILE.

    The bench must not be running: a line has one reader. Of a run, its raw files are the same format. A position with
    driver = "file" and path = FILE plays it again.
    """
    clock, pulse_input = open_line(load_config(config_path), line)
    try:
        found = record_line(pulse_input, clock, path, duration_s)
    finally:
        pulse_input.close()
    if wants_json:
        tell_json({**asdict(found), "seconds": f"{found.seconds:.3f}"})
    else:
        seconds = f"{found.seconds:.0f}"
        tell(word("recorded", lang, path=path, edges=found.edges, seconds=seconds, lost=found.lost))
