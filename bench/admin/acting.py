"""Who acts: `--by PERSON`, with his password."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.clock import SystemClock
from bench.configuration.config import Config, load_config
from bench.dates import day_of
from bench.errors import OperatorError
from bench.registry.persons import authenticate, has_administrator
from bench.registry.store import reading
from bench.terminal.cli_options import config_option, lang_option
from bench.terminal.passwords import ask_password, password_option

_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What every change needs: the bench, and who does it (id or name, as given)."""

    config: Config
    lang: str
    named: str
    from_stdin: bool

    @property
    def state_dir(self) -> Path:
        return self.config.state_dir

    def by(self) -> str:
        """The id of who acts, after the password; what can be refused without is refused before this is asked.

        Errors: OperatorError.
        """
        return acting_person(self.state_dir, self.named, self.lang, from_stdin=self.from_stdin)


def changing(command: _Command) -> _Command:
    """A command that changes something: gets its `Change` instead of the options from which that is made."""

    @functools.wraps(command)
    def with_change(*, acting: str, from_stdin: bool, config_path: Path, lang: str, **given: Any) -> None:
        command(change=Change(load_config(config_path), lang, acting, from_stdin), **given)

    changed: _Command = with_change
    named = click.option("--by", "acting", metavar="PERSON", required=True, help="Who does it (id or name).")
    for option in (lang_option, config_option, password_option, named):
        changed = option(changed)
    return changed


def today() -> str:
    """Of the laboratory."""
    return day_of(now())


def now() -> str:
    """Wall time of a change, ISO 8601 UTC."""
    return SystemClock().state().wall_time


def acting_person(state_dir: Path, named: str, lang: str, *, from_stdin: bool) -> str:
    """The id of who acts, after the password. Errors: OperatorError; also where nobody is registered yet."""
    if not needs_password(state_dir):
        raise OperatorError(
            "nobody is registered yet; make the first administrator: bench admin person first"
        )
    password = ask_password(named, lang, from_stdin=from_stdin)
    return authenticate(state_dir, named, password, now()).id


def needs_password(state_dir: Path) -> bool:
    """False until there is a first administrator."""
    with reading(state_dir) as database:
        return has_administrator(database)
