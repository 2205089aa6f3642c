"""Canonical bytes of a record.

A record is one JSON object with sorted keys, no spaces, UTF-8 and no floats: what was measured is text with
a declared number of decimals, so two machines write the same bytes. What is hashed of it: `transparency/merkle.py`.
"""

from __future__ import annotations

import json
from typing import Any

JsonObject = dict[str, Any]

RESULT_DECIMALS = 6
"""Decimals of a result in the record: far below any uncertainty, far above what platforms differ by."""


def canonical_bytes(record: JsonObject) -> bytes:
    """The bytes that are stored and hashed. Errors: TypeError for a float anywhere."""
    _refuse_floats(record, "record")
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def _refuse_floats(value: Any, where: str) -> None:
    if isinstance(value, float):
        raise TypeError(f"{where} is a float; write reals as text with their decimals")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where} has the key {key!r}; keys are text")
            _refuse_floats(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_floats(item, f"{where}[{index}]")


def decimal_text(value: float | None, decimals: int = RESULT_DECIMALS) -> str | None:
    """A real with fixed decimals; no negative zero, since it is no other result."""
    if value is None:
        return None
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and float(text) == 0 else text


def exact_text(value: float) -> str:
    """The shortest text that reads back as exactly this float: for inputs that replay computes with."""
    return repr(float(value))
