"""How `bench calc` prints: fields by name, figures as text without an invented digit; and its `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import click

from bench.errors import OperatorError

F = TypeVar("F", bound=Callable[..., Any])
Value = str | bool | int | float | Decimal | None | list[str]
_JSON_KEY = "bench.calc.json"


def json_anywhere(command: F) -> F:
    """The option `--json` of a command; it counts wherever among `bench calc NAME` it stands."""

    def remember(context: click.Context, parameter: click.Parameter, wants: bool) -> None:
        if wants:
            context.meta[_JSON_KEY] = True

    return click.option(
        "--json", is_flag=True, expose_value=False, callback=remember, help="Print one JSON object."
    )(command)


def print_fields(fields: Mapping[str, Value]) -> None:
    """One object of text on stdout with --json, else a line a field."""
    shown = {name: _text(value) for name, value in fields.items()}
    if click.get_current_context().meta.get(_JSON_KEY, False):
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        click.echo(f"{name}: {_plain(value)}")


def refuse(error: ValueError) -> OperatorError:
    """Bad input as the one line that the user sees (exit status 2)."""
    return OperatorError(str(error))


def _text(value: Value) -> str | bool | list[str] | None:
    if value is None or isinstance(value, str | bool | list):
        return value
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def _plain(value: str | bool | list[str] | None) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "—" if value is None else str(value)
