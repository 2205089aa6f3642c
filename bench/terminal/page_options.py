"""What `bench web` takes of the pages and hands on to their process (`python -m web`), which has the same options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])

_FILES = {
    "casework": "File of the cases, made where there is none.  [default: the live page alone]",
    "promises": "What the laboratory promises its customers, in the place of web/casework/promises.toml.",
    "metrics-token": "File with the token of a collector of /metrics.  [default: only this machine may collect]",
    "https-certificate": "The certificate of that proxy, to say how long it lasts.",
    "join-network": "File with name and password of the bench's own wireless network, to show customers.",
}
"""By their options; the pages have them as `web.page_files.PageFiles`."""
_MUST_EXIST = frozenset({"promises", "metrics-token"})


def page_options(*, by_environment: bool) -> Callable[[_Command], _Command]:
    """is_https and a file by each option. by_environment: by variables such as BENCH_CASEWORK, too, as in a unit."""

    def variable(option: str) -> str | None:
        return f"BENCH_{option.upper().replace('-', '_')}" if by_environment else None

    def add(command: _Command) -> _Command:
        for option, said in reversed(_FILES.items()):
            file = click.Path(path_type=Path, exists=option in _MUST_EXIST, dir_okay=False)
            command = click.option(
                f"--{option}", envvar=variable(option), show_envvar=True, type=file, help=said
            )(command)
        return click.option(
            "--https",
            "is_https",
            is_flag=True,
            envvar=variable("https"),
            show_envvar=True,
            help="A proxy in front serves the pages over https, and only so.",
        )(command)

    return add
