"""`bench web`: the pages, in a process of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bench.configuration.config import load_config
from bench.terminal.cli_options import config_option

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
@click.option(
    "--casework",
    envvar="BENCH_CASEWORK",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the cases, made where there is none.  [default: the live page alone]",
)
@click.option(
    "--promises",
    envvar="BENCH_PROMISES",
    show_envvar=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the laboratory promises its customers, in the place of web/casework/promises.toml.",
)
@click.option(
    "--metrics-token",
    envvar="BENCH_METRICS_TOKEN",
    show_envvar=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the token of a collector of /metrics.  [default: only this machine may collect]",
)
@click.option(
    "--https",
    "is_https",
    is_flag=True,
    envvar="BENCH_HTTPS",
    show_envvar=True,
    help="A proxy in front serves the pages over https, and only so.",
)
@click.option(
    "--https-certificate",
    "certificate",
    envvar="BENCH_HTTPS_CERTIFICATE",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The certificate of that proxy, to say how long it lasts.",
)
@click.option(
    "--join-network",
    "network",
    envvar="BENCH_JOIN_NETWORK",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with name and password of the bench's own wireless network, to show customers.",
)
def web(
    config_path: Path,
    host: str,
    port: int,
    casework: Path | None,
    promises: Path | None,
    metrics_token: Path | None,
    is_https: bool,
    certificate: Path | None,
    network: Path | None,
) -> None:
    """The web process: the pages of the bench of this configuration. It opens no device."""
    socket_path = load_config(config_path).socket_path
    # A process of its own, so that nothing of the measuring process is even imported there.
    command = [sys.executable, "-m", "web", "--socket", str(socket_path), "--host", host, "--port", str(port)]
    if casework is not None:
        command += ["--casework", str(casework)]
    if promises is not None:
        command += ["--promises", str(promises)]
    if metrics_token is not None:
        command += ["--metrics-token", str(metrics_token)]
    if is_https:
        command.append("--https")
    if certificate is not None:
        command += ["--https-certificate", str(certificate)]
    if network is not None:
        command += ["--join-network", str(network)]
    sys.stdout.flush()
    os.execv(sys.executable, command)
