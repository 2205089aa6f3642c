"""`bench web`: the pages, in a process of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bench.configuration.config import load_config
from bench.terminal.cli_options import config_option
from bench.terminal.page_options import page_options

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address the page listens on."
)
port_option = click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Its port."
)


@click.command()
@config_option
@host_option
@port_option
@page_options(by_environment=True)
def web(config_path: Path, host: str, port: int, is_https: bool, **files: Path | None) -> None:
    """The web process: the pages of the bench of this configuration. It opens no device."""
    socket_path = load_config(config_path).socket_path
    # A process of its own, so that nothing of the measuring process is even imported there.
    command = [sys.executable, "-m", "web", "--socket", str(socket_path), "--host", host, "--port", str(port)]
    if is_https:
        command.append("--https")
    for name, path in files.items():
        if path is not None:
            command += [f"--{name.replace('_', '-')}", str(path)]
    sys.stdout.flush()
    os.execv(sys.executable, command)
