"""Value types to canonical JSON and back, digit by digit: the frozen inputs of a run.

Reals become the shortest text that reads back as the same float, enumerations their value, tuples lists.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from bench.canonical import exact_text
from bench.toml_reader import type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """A frozen dataclass (or what is in one) as JSON without floats."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return exact_text(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json(cls: type[T], fields: Mapping[str, Any]) -> T:
    """The dataclass that `to_json` wrote. A field that the record does not have keeps its default."""
    hints = type_hints(typing.cast(Any, cls))
    values = {name: _value(hint, fields[name]) for name, hint in hints.items() if name in fields}
    return cls(**values)


def completed(cls: type[Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A record's fields with the defaults of those that the type got after it was written."""
    return {**to_json(from_json(cls, fields)), **fields}


def _value(hint: Any, value: Any) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        (hint,) = [h for h in inner if h is not type(None)]
        return _value(hint, value)
    if origin is tuple and isinstance(value, list | tuple):
        kinds = inner[:1] * len(value) if len(inner) == 2 and inner[1] is Ellipsis else inner
        return tuple(_value(kind, item) for kind, item in zip(kinds, value, strict=True))
    if origin is not None and isinstance(value, Mapping):
        return {key: _value(inner[1], item) for key, item in value.items()}
    if hint is float or hint is Decimal:
        return hint(value)
    if hint is bytes:
        return bytes.fromhex(value)
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return from_json(typing.cast(type[Any], hint), value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
