"""Long tables in parts, so that a list of some years is no page of a hundred screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

T = TypeVar("T")
ROWS = 50
"""Of a part."""
PAGE = "page"
"""The name in the address."""


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """number: of this part, from 1; count: of all parts, at least 1."""

    rows: Sequence[T]
    number: int
    count: int

    def address(self, number: int) -> str:
        """Of another part: the address of this page with all that was asked for."""
        assert request.endpoint is not None
        asked = request.args.to_dict() | {PAGE: str(number)}
        return url_for(request.endpoint, **(request.view_args or {}), **asked)  # type: ignore[arg-type]


def asked_part(rows: Sequence[T]) -> Part[T]:
    """The part that the address asks for: without a number the first, beyond the end the last."""
    count = max(1, -(-len(rows) // ROWS))
    asked = request.args.get(PAGE, "")
    number = min(max(int(asked), 1), count) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    return Part(rows[(number - 1) * ROWS : number * ROWS], number, count)
