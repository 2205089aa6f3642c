"""`bench web`: the pages, in a process of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from bench.configuration.config import load_config
from bench.terminal.cli_options import config_option

_Command = TypeVar("_Command", bound=Callable[..., object])

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address the page listens on."
)
port_option = click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Its port."
)


def _file_option(option: str, said: str, *, must_exist: bool = False) -> Callable[[_Command], _Command]:
    """A file that may also be named by the variable of that name, in a unit of systemd."""
    return click.option(
        f"--{option}",
        envvar=f"BENCH_{option.upper().replace('-', '_')}",
        show_envvar=True,
        type=click.Path(path_type=Path, exists=must_exist, dir_okay=False),
        help=said,
    )


@click.command()
@config_option
@host_option
@port_option
@_file_option("casework", "File of the cases, made where there is none.  [default: the live page alone]")
@_file_option(
    "promises",
    "What the laboratory promises its customers, in the place of web/casework/promises.toml.",
    must_exist=True,
)
@_file_option(
    "metrics-token",
    "File with the token of a collector of /metrics.  [default: only this machine may collect]",
    must_exist=True,
)
@click.option(
    "--https",
    "is_https",
    is_flag=True,
    envvar="BENCH_HTTPS",
    show_envvar=True,
    help="A proxy in front serves the pages over https, and only so.",
)
@_file_option("https-certificate", "The certificate of that proxy, to say how long it lasts.")
@_file_option(
    "join-network",
    "File with name and password of the bench's own wireless network, to show customers.",
)
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
