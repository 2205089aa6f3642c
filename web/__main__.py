"""`python -m web --socket PATH`: the web process without a configuration file."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import click

from bench import logs
from bench.errors import BenchError
from bench.terminal.page_options import page_options
from web import DEFAULT_VIEWERS
from web.page_files import PageFiles
from web.serve import run


@click.command()
@click.option("--socket", "socket_path", required=True, help="The bench's Unix socket.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on.")
@page_options(by_environment=False)
@click.option("--viewers", default=DEFAULT_VIEWERS, show_default=True, help="Live viewers at one time.")
def main(socket_path: str, host: str, port: int, viewers: int, is_https: bool, **files: Path | None) -> None:
    """Show the bench's state as web pages."""
    try:
        run(socket_path, host, port, viewers, PageFiles(**files), click.echo, is_https=is_https)
    except BenchError as problem:
        logs.teller("web", partial(click.echo, err=True), logging.ERROR)(str(problem))
        raise SystemExit(problem.exit_status) from problem


if __name__ == "__main__":
    main()
