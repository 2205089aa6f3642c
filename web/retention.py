"""`python -m web.retention --casework FILE`: delete what has had its time. `bench retention` calls it."""

from __future__ import annotations

from pathlib import Path

import click

from bench.errors import BenchError, OperatorError
from calibration.texts import LANGUAGES
from web import wall_time
from web.casework.model import BENCH
from web.casework.moments import DAY_S, is_over, later
from web.casework.retention import POLICY, Swept, sweep
from web.casework.store import Casework
from web.service import requests
from web.texts import text


@click.command()
@click.option("--casework", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--customers-after", "days", type=int)
@click.option("--dry-run", "is_trial", is_flag=True)
@click.option("--clock-is-right", is_flag=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en")
def main(casework: Path, days: int | None, is_trial: bool, clock_is_right: bool, lang: str) -> None:
    """Delete what has had its time, and say what."""
    try:
        if not casework.is_file():
            raise OperatorError(f"{casework}: there is no file of cases; name another")
        opened = Casework(casework, wall_time.now)
        try:
            swept = sweep(opened, days, is_trial=is_trial, clock_is_right=clock_is_right)
            asked = () if days is None else requests_due(opened, days)
            for request_id in () if is_trial else asked:
                requests.forget(opened, request_id, BENCH)
        finally:
            opened.close()
    except BenchError as error:
        click.echo(f"bench: {error}", err=True)
        raise SystemExit(error.exit_status) from error
    for line in lines(swept, days, lang):
        click.echo(line)
    if days is not None:
        click.echo(f"{len(asked):6d}  {text('retention.requests', lang, days=days)}")


def requests_due(cw: Casework, days: int) -> tuple[str, ...]:
    """The closed requests that still name who asked, so long after their end."""
    return tuple(
        one.id
        for one in requests.requests(cw)
        if one.name is not None
        and one.closed_at is not None
        and is_over(later(one.closed_at, days * DAY_S), cw.now())
    )


def lines(swept: Swept, days: int | None, language: str) -> list[str]:
    """What went, and what is still to be done at the bench."""
    said = [
        f"{swept.deleted[kept.what]:6d}  {text(f'retention.{kept.what}', language, days=kept.days)}"
        for kept in POLICY
    ]
    of_customers = "customers" if days is not None else "customers_stay"
    said.append(f"{len(swept.forgotten):6d}  {text(f'retention.{of_customers}', language, days=days)}")
    for one in swept.forgotten:
        said.append(f"        {one.case_id}")
        # What certificates and records of a run say of a customer, the measuring side keeps.
        said += [f"        {text('retention.at_the_bench', language, run=run)}" for run in one.run_ids]
    return said


if __name__ == "__main__":
    main()
