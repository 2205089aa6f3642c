"""`python -m web.retention --casework FILE`: delete what has had its time. `bench retention` calls it."""

from __future__ import annotations

from pathlib import Path

import click

from bench.errors import BenchError, OperatorError
from web import wall_time
from web.casework.retention import POLICY, Swept, sweep
from web.casework.store import Casework


@click.command()
@click.option("--casework", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--customers-after", "days", type=int)
@click.option("--dry-run", "is_trial", is_flag=True)
@click.option("--clock-is-right", is_flag=True)
def main(casework: Path, days: int | None, is_trial: bool, clock_is_right: bool) -> None:
    """Delete what has had its time, and say what."""
    try:
        if not casework.is_file():
            raise OperatorError(f"{casework}: there is no file of cases; name another")
        opened = Casework(casework, wall_time.now)
        try:
            swept = sweep(opened, days, is_trial=is_trial, clock_is_right=clock_is_right)
        finally:
            opened.close()
    except BenchError as error:
        click.echo(f"bench: {error}", err=True)
        raise SystemExit(error.exit_status) from error
    for line in lines(swept, days):
        click.echo(line)


def lines(swept: Swept, days: int | None) -> list[str]:
    """What went, and what is still to be done at the bench."""
    said = [f"{swept.deleted[kept.what]:6d}  {kept.what}: after {kept.days} days" for kept in POLICY]
    after = "never by itself" if days is None else f"after {days} days"
    said.append(f"{len(swept.forgotten):6d}  customers of cases that are over: {after}")
    for one in swept.forgotten:
        said.append(f"        {one.case_id}")
        # What certificates and records of a run say of a customer, the measuring side keeps.
        said += [
            f"        certificates and texts of {run}: forget them at the bench, too" for run in one.run_ids
        ]
    return said


if __name__ == "__main__":
    main()
