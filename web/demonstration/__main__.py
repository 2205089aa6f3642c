"""`python -m web.demonstration --casework FILE`: the made-up year, into a new file of cases.

Prints one line of JSON for each case that is planned, for whoever tells the bench of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.errors import BenchError
from web import wall_time
from web.demonstration.filling import fill


@click.command()
@click.option(
    "--casework", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The new file."
)
@click.option("--seed", default=1, show_default=True, help="Another one makes other people.")
def main(casework: Path, seed: int) -> None:
    """Fill a new file of cases with a year that nobody has lived."""
    try:
        planned = fill(casework, wall_time.now(), seed)
    except BenchError as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(problem.exit_status) from problem
    for case in planned:
        click.echo(
            json.dumps(
                {"case": case.id, "serial": case.serial, "verifier": case.verifier, "checker": case.checker,
                 "retest_of": case.retest_of or ""}
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
