"""The request of a certificate (docs/issuing.md) as TOML: what the office typed, and nothing else.

The measuring side reads it strictly, so a text in it is a text whatever is in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """Texts of one line each; an empty one is left out where the request may lack it."""

    received_on: str
    customer_name: str
    customer_address: str
    manufacturer: str
    model: str = ""
    condition: str = ""
    deviations: str = ""

    def toml(self) -> str:
        lines = [
            f"received_on = {_quoted(self.received_on)}",
            *_unless_empty("deviations", self.deviations),
            "[customer]",
            f"name = {_quoted(self.customer_name)}",
            f"address = {_quoted(self.customer_address)}",
            "[meter]",
            f"manufacturer = {_quoted(self.manufacturer)}",
            *_unless_empty("model", self.model),
            *_unless_empty("condition", self.condition),
        ]
        return "\n".join(lines) + "\n"


def _unless_empty(key: str, text: str) -> list[str]:
    return [f"{key} = {_quoted(text)}"] if text else []


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own; DEL alone must be escaped and is not by JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
