"""`bench remove-load`, also a program of its own: what systemd runs when the measuring process has gone.

It loads little, for a load may be on while it starts, and needs nothing of what the process may have left broken: no
journal, and of the configuration only what names the load source.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bench.app_source import remove_load
from bench.terminal.cli_options import config_option, guarded, tell


@click.command("remove-load", context_settings={"help_option_names": ["-h", "--help"]})
@config_option
def remove_load_command(config_path: Path) -> None:
    """Remove the load, whatever else is wrong: opens the load source of this configuration and nothing else."""
    tell(remove_load(config_path))


def main() -> None:
    """Entry point of `bench-remove-load`."""
    sys.exit(guarded(lambda: remove_load_command(standalone_mode=False)))
