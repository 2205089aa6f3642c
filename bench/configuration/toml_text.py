"""A value of a setting as it is written in a TOML file."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any


def toml_text(value: Any) -> str:
    """Of texts, numbers, truth values and lists of them."""
    if isinstance(value, StrEnum):
        return toml_text(value.value)
    if isinstance(value, str):
        # A JSON string is a TOML basic string but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml_text, value))}]"
    return repr(value)
