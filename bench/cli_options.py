"""Options that several commands of `bench` have, and how they speak to the technician."""

from __future__ import annotations

import os
from pathlib import Path

import click

from calibration.quantities import Outcome

EXIT_STATUS = {Outcome.PASS: 0, Outcome.UNJUDGED: 0, Outcome.FAIL: 3, Outcome.INVALID: 4}


def default_language() -> str:
    return "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


config_option = click.option(
    "--config",
    "config_path",
    default="bench.toml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Configuration of the bench (docs/configuration.md).",
)
state_dir_option = click.option(
    "--state-dir", type=click.Path(path_type=Path), help="Folder of the journal, instead of --config."
)
json_option = click.option("--json", "wants_json", is_flag=True, help="Print one JSON object on stdout.")
lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=default_language,
    help="Language of what is shown.  [default: by LANG]",
)


def tell(line: str) -> None:
    """To the technician: stderr, so that --json keeps stdout to itself."""
    click.echo(line, err=True)
