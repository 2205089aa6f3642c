"""How `bench calc` prints: fields by name, figures as text without an invented digit; and its `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import click

from bench.calc.words import WORDED, field_label, word
from bench.errors import OperatorError
from bench.terminal.cli_options import default_language

F = TypeVar("F", bound=Callable[..., Any])
Value = str | bool | int | float | Decimal | None | list[str]
_SIGNED = frozenset({"percentage_error_pct", "difference_pct", "mean_pct"})
"""Errors: on the terminal with their sign, and not with more digits than anybody measures."""


def output_options(command: F) -> F:
    """`--json` and `--lang` of a command; they count wherever among `bench calc NAME` they stand."""

    def remember(context: click.Context, parameter: click.Parameter, given: bool | str | None) -> None:
        if given:
            context.meta[f"bench.calc.{parameter.name}"] = given

    json_option = click.option(
        "--json", is_flag=True, expose_value=False, callback=remember, help="Print one JSON object."
    )
    lang_option = click.option(
        "--lang", type=click.Choice(["zh", "en"]), expose_value=False, callback=remember,
        help="Language of the names and verdicts, not of JSON.  [default: by LANG]",
    )  # fmt: skip
    return json_option(lang_option(command))


def language() -> str:
    """Of what is printed; an object of JSON is the same everywhere."""
    if click.get_current_context().meta.get("bench.calc.json", False):
        return "en"
    return str(click.get_current_context().meta.get("bench.calc.lang") or default_language())


def print_fields(fields: Mapping[str, Value], nothing: str = "none", remark: str = "") -> None:
    """One object of text on stdout with --json, else a line a field.

    nothing: the word for a field without a value. remark: a word for a line after them; neither is in the object.
    """
    if click.get_current_context().meta.get("bench.calc.json", False):
        shown = {name: _text(value) for name, value in fields.items()}
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    said = language()
    for name, value in fields.items():
        click.echo(f"{field_label(name, said)}: {_plain(name, value, nothing, said)}")
    if remark:
        click.echo(word(remark, said))


def refuse(error: ValueError) -> OperatorError:
    """Bad input as the one line that the user sees (exit status 2)."""
    return OperatorError(str(error))


def _text(value: Value) -> str | bool | list[str] | None:
    if value is None or isinstance(value, str | bool | list):
        return value
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def _plain(name: str, value: Value, nothing: str, said: str) -> str:
    if value is None:
        return word(nothing, said)
    if isinstance(value, list):
        return ", ".join(value)
    if name in _SIGNED and isinstance(value, float | Decimal):
        return f"{value:+.4f}"
    text = _text(value)
    return word(str(text), said) if name in WORDED else str(text)
