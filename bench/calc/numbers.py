"""Figures on the command line of `bench calc`: what is no usable number is refused in one line (exit status 2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click

from bench.errors import OperatorError

LARGEST = 1e15
"""No figure of metering comes near it or near its inverse; so no product of them overflows."""


NEGATIVE_VALUES = {"ignore_unknown_options": True}
"""Settings of a command, so that -0.9 is a value also where it does not follow `--`."""
_LONGEST, _SHOWN = 100, 40


class Number(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A finite number of ordinary size; `above`: the bound that it must exceed, `least`: that it must reach."""

    name = "number"

    def __init__(self, *, above: float | None = None, least: float | None = None) -> None:
        self._above, self._least = above, least

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> float | int | Decimal:
        try:
            number = self._read(_plain(str(value)))
            usable = number == 0 or 1.0 / LARGEST <= abs(float(number)) <= LARGEST
        except (ValueError, ArithmeticError):  # also Decimal's own, and an integer that no float can hold
            usable = False
        if not usable:
            raise OperatorError(
                f"{_title(param)}: {_shown(value)} is no {self.name}; give one such as {self._example}"
            )
        if self._above is not None and not number > self._above:
            raise OperatorError(f"{_title(param)}: {value} must be above {self._above:g}")
        if self._least is not None and not number >= self._least:
            raise OperatorError(f"{_title(param)}: {value} must be at least {self._least:g}")
        return number

    _example = "1.5"

    def _read(self, text: str) -> float | int | Decimal:
        return float(text)


class Whole(Number):
    """A whole number."""

    name = "whole number"
    _example = "10"

    def _read(self, text: str) -> int:
        return int(text)


class Digits(Number):
    """A number whose digits count as they are written, such as a register's."""

    def _read(self, text: str) -> Decimal:
        return Decimal(text)


NUMBER = Number()
POSITIVE = Number(above=0.0)
COUNT = Whole(least=1)
REGISTER = Digits(least=0.0)


def _plain(text: str) -> str:
    """Python also reads 1_000 and the digits of every script; a figure is written in plain ones. Errors: ValueError."""
    if not text.isascii() or "_" in text or len(text) > _LONGEST:
        raise ValueError(text)
    return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_SHOWN]}…"


def _title(param: click.Parameter | None) -> str:
    return "a value" if param is None else (param.opts[0] if param.param_type_name == "option" else "VALUE")
