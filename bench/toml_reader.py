"""From a TOML table to a frozen dataclass, strictly.

A key that nobody knows is an error that names the nearest known one: a misspelt `debounce_us` that was
ignored would change a measurement without a word. Types, ranges and choices are declared beside the field
(`setting`), so the reader, the error messages and docs/configuration.md come from one place.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import math
import tomllib
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bench.errors import OperatorError

T = TypeVar("T")
_SHOWN_CHARACTERS = 80
_WHOLE_NUMBERS = range(-(2**63), 2**63)
"""What TOML promises for a whole number."""
_MISSING = dataclasses.MISSING


def setting(
    doc: str,
    default: Any = _MISSING,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    choices: Sequence[str] = (),
    unit: str = "",
) -> Any:
    """A dataclass field with what the reader checks: low <= value <= high, value > above, or the choices.

    unit: of the bounds, for the message.
    """
    metadata = {
        "doc": doc, "low": low, "high": high, "above": above, "choices": tuple(choices), "unit": unit,
    }  # fmt: skip
    return dataclasses.field(default=default, metadata=metadata)


def load_toml(path: Path) -> dict[str, Any]:
    """Parse a file. Raises OperatorError naming the file when it is missing or is not TOML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path}: cannot be read ({error}); give the path of a TOML file") from error
    return parse_toml(text, str(path))


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Parse a text; a byte order mark, as some editors leave one, is passed over. Raises OperatorError."""
    try:
        text.encode("utf-8")  # half a surrogate pair, which JSON can carry, could not be recorded
        return tomllib.loads(text.removeprefix("\ufeff"))
    except ValueError as error:  # also what the parser's own int() refuses
        raise OperatorError(f"{where}: is not valid TOML: {error}") from error
    except RecursionError as error:
        raise OperatorError(f"{where}: is not valid here: nested too deeply") from error


@cache
def type_hints(cls: Any) -> dict[str, Any]:
    """What the fields of a dataclass may hold; not to be changed. To find it out takes longer than to read a table."""
    return typing.get_type_hints(cls)


def read_table(cls: type[T], table: Mapping[str, Any], where: str) -> T:
    """Build `cls` from `table`; `where` (file and section) opens every error message."""
    hints = type_hints(typing.cast(Any, cls))
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    _require_known(table, fields, where)
    values: dict[str, Any] = {}
    for name, spec in fields.items():
        if name in table:
            values[name] = _convert(hints[name], table[name], f"{where}: {name}", spec.metadata)
        elif spec.default is _MISSING and spec.default_factory is _MISSING:
            raise OperatorError(f"{where}: {name} is missing ({spec.metadata.get('doc', 'required')})")
    return cls(**values)


def _require_known(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise OperatorError(f"{where}: unknown key {key!r}{_nearest(key, known)}")


def _nearest(key: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(known))}"


def _convert(hint: Any, value: Any, where: str, metadata: Mapping[str, Any]) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):  # `X | None`: TOML has no null, so a value is an X
        *others, last = (h for h in typing.get_args(hint) if h is not type(None))
        for other in others:
            with contextlib.suppress(OperatorError):
                return _convert(other, value, where, metadata)
        return _convert(last, value, where, metadata)
    if origin is tuple:
        return _convert_list(typing.get_args(hint)[0], value, where, metadata)
    if origin is dict or dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise OperatorError(f"{where} must be a table")
        if origin is dict:  # of tables, under the names that are its choices
            _require_known(value, metadata["choices"], where)
            item = typing.get_args(hint)[1]
            return {name: _convert(item, table, f"{where}: {name}", {}) for name, table in value.items()}
        return read_table(typing.cast(type[Any], hint), value, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _convert_enum(hint, value, where)
    return _convert_scalar(hint, value, where, metadata)


def _convert_list(item: Any, value: Any, where: str, metadata: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise OperatorError(f"{where} must be a list")
    return tuple(_convert(item, v, f"{where} no. {i}", metadata) for i, v in enumerate(value, 1))


def _convert_enum(hint: type[Enum], value: Any, where: str) -> Enum:
    try:
        return hint(value)
    except ValueError:
        known = ", ".join(repr(m.value) for m in hint)
        raise OperatorError(f"{where} is {_shown(value)}; allowed are {known}") from None


def _convert_scalar(hint: Any, value: Any, where: str, metadata: Mapping[str, Any]) -> Any:
    if hint is Decimal and isinstance(value, str):
        value = _as_decimal(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = _as_float(value, where)
    if type(value) is not hint:
        words = {str: "a text", int: "a whole number", float: "a number", bool: "true or false",
                 Decimal: "a decimal in quotes, such as '0.01'"}  # fmt: skip
        raise OperatorError(f"{where} is {_shown(value)}; it must be {words[hint]}")
    if hint is str and "\0" in value:
        raise OperatorError(f"{where} is {_shown(value)}; a text must not contain NUL")
    if hint is int and value not in _WHOLE_NUMBERS:
        raise OperatorError(f"{where} is {_shown(value)}; a whole number has at most 64 bits")
    if hint in (float, Decimal) and not math.isfinite(value):
        raise OperatorError(f"{where} is {value!r}; it must be a finite number")
    choices, low, high = metadata.get("choices"), metadata.get("low"), metadata.get("high")
    above = metadata.get("above")
    if choices and value not in choices:
        close = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.5)
        hint_text = (
            f"; did you mean {close[0]!r}?" if close else f"; allowed are {', '.join(map(repr, choices))}"
        )
        raise OperatorError(f"{where} is {_shown(value)}{hint_text}")
    if (low is not None and value < low) or (high is not None and value > high):
        allowed = " ".join(filter(None, (_range(low, high), metadata.get("unit"))))
        raise OperatorError(f"{where} is {value!r}; allowed is {allowed}")
    if above is not None and value <= above:
        raise OperatorError(f"{where} is {value!r}; it must be above {above:g}")
    return value


def _as_decimal(value: str) -> Decimal | str:
    """Itself where it is none."""
    try:
        return Decimal(value)
    except InvalidOperation:
        return value


def _as_float(value: int, where: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise OperatorError(f"{where} is {_shown(value)}; it must be a finite number") from None


def _shown(value: object) -> str:
    """A refused value for the message: on one line, and not longer than a line."""
    try:
        text = repr(value)
    except ValueError:  # a whole number that Python refuses to write out
        return "far too long"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
