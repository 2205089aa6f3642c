"""`python -m web --socket PATH`: the web process without a configuration file."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import click

from bench import logs
from bench.errors import BenchError
from web import DEFAULT_VIEWERS
from web.serve import run


@click.command()
@click.option("--socket", "socket_path", required=True, help="The bench's Unix socket.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on.")
@click.option(
    "--casework",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the cases, made where there is none.  [default: the live page alone]",
)
@click.option(
    "--promises",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the laboratory promises its customers, in the place of web/casework/promises.toml.",
)
@click.option(
    "--metrics-token",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with the token of a collector of /metrics.  [default: only this machine may collect]",
)
@click.option(
    "--https", "is_https", is_flag=True, help="A proxy in front serves the pages over https, and only so."
)
@click.option(
    "--https-certificate",
    "certificate",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The certificate of that proxy, to say how long it lasts.",
)
@click.option(
    "--join-network",
    "network",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with name and password of the bench's own wireless network, to show customers.",
)
@click.option("--viewers", default=DEFAULT_VIEWERS, show_default=True, help="Live viewers at one time.")
def main(
    socket_path: str,
    host: str,
    port: int,
    casework: Path | None,
    promises: Path | None,
    metrics_token: Path | None,
    is_https: bool,
    certificate: Path | None,
    network: Path | None,
    viewers: int,
) -> None:
    """Show the bench's state as web pages."""
    try:
        run(
            socket_path,
            host,
            port,
            viewers,
            casework,
            click.echo,
            promises,
            metrics_token,
            certificate,
            network,
            is_https=is_https,
        )
    except BenchError as problem:
        logs.teller("web", partial(click.echo, err=True), logging.ERROR)(str(problem))
        raise SystemExit(problem.exit_status) from problem


if __name__ == "__main__":
    main()
