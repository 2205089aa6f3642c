"""What the commands that set up the computer of a bench share: for root, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bench.appliance.machine import ROOT, Machine
from bench.appliance.words import NotDoneError
from bench.errors import OperatorError

root_option = click.option(
    "--root",
    default=ROOT,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Prepare the file system under DIR instead, such as a card that is mounted; nothing is started.",
)


@contextmanager
def machine_at(root: Path, lang: str) -> Iterator[Machine]:
    """The computer, for whoever may change it; what it refuses is said in that language."""
    machine = Machine(root.resolve())
    try:
        machine.require_root()
        machine.require_bench()
        yield machine
    except NotDoneError as refused:
        raise OperatorError(refused.said(lang)) from refused
