"""Options that several commands of `bench` have, and how they speak to the technician."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import click

from bench.errors import BenchError
from bench.records.frozen import to_json
from calibration.quantities import Outcome

EXIT_STATUS = {Outcome.PASS: 0, Outcome.UNJUDGED: 0, Outcome.FAIL: 3, Outcome.INVALID: 4}


def default_language() -> str:
    """zh or en, by LANG."""
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
without_keys_option = click.option(
    "--without-keys", is_flag=True, help="Leave the private keys out; no password is asked for."
)
customers_after_option = click.option(
    "--customers-after",
    "days",
    # A customer's link to the result lasts so long; held against the web's own rule by a test.
    type=click.IntRange(400, 36_500),
    metavar="DAYS",
    help="Forget customers so long after the last entry of a case that is over, 400 days at least.  [default: never]",
)


def tell(line: str) -> None:
    """To the technician: stderr, so that --json keeps stdout to itself."""
    click.echo(line, err=True)


def tell_json(value: object) -> None:
    """To a script, for `--json`: stdout, whatever `to_json` makes of it."""
    click.echo(json.dumps(to_json(value), ensure_ascii=False, indent=1))


def guarded(command: Callable[[], object]) -> int:
    """The exit status of a command: a BenchError is one line on stderr, a defect a traceback."""
    try:
        command()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("stopped")
        return 130
    except BenchError as error:
        tell(f"bench: {error}")
        return error.exit_status
    return 0
