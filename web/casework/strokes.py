"""A signature as it was drawn: strokes of points on a field of 1000 by 1000, kept as numbers.

Numbers, not a picture: there is nothing in them to decode, to run or to hide, and they print at any size.
"""

from __future__ import annotations

import json
from itertools import chain

from web.casework.refused import Refused

FIELD = 1000
"""Both sides; x to the right, y down."""
MOST_STROKES = 60
MOST_POINTS = 2000
"""Of all strokes together."""
MOST_CHARACTERS = 40_000
"""Of what a page hands in: all points with their brackets, and spaces between them."""
_LEAST_POINTS = 8
_LEAST_EXTENT = 60
"""Units on the longer side: a slip of the pen is no signature."""

Strokes = tuple[tuple[tuple[int, int], ...], ...]


def read_strokes(handed_in: str) -> Strokes:
    """The strokes of `[[[x,y],...],...]`, whole numbers from 0 to FIELD.

    Errors: Refused signature_unreadable, signature_too_large, signature_too_small.
    """
    if len(handed_in) > MOST_CHARACTERS:
        raise Refused("signature_too_large")
    try:
        drawn = json.loads(handed_in)
    except (ValueError, RecursionError) as error:
        raise Refused("signature_unreadable") from error
    return checked(drawn)


def checked(drawn: object) -> Strokes:
    """The strokes in whatever was handed in. Errors: as above."""
    if not isinstance(drawn, list | tuple):
        raise Refused("signature_unreadable")
    if len(drawn) > MOST_STROKES or sum(len(s) for s in drawn if isinstance(s, list | tuple)) > MOST_POINTS:
        raise Refused("signature_too_large")
    strokes = tuple(_stroke(stroke) for stroke in drawn)
    _require_ink(strokes)
    return strokes


def _stroke(drawn: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(drawn, list | tuple) or not drawn:
        raise Refused("signature_unreadable")
    return tuple(_point(point) for point in drawn)


def _point(drawn: object) -> tuple[int, int]:
    match drawn:
        case [int(x), int(y)] if not isinstance(x, bool) and not isinstance(y, bool):
            if 0 <= x <= FIELD and 0 <= y <= FIELD:
                return x, y
    raise Refused("signature_unreadable")


def _require_ink(strokes: Strokes) -> None:
    points = list(chain.from_iterable(strokes))
    if (
        len(points) < _LEAST_POINTS
        or max(_extent([p[axis] for p in points]) for axis in (0, 1)) < _LEAST_EXTENT
    ):
        raise Refused("signature_too_small")


def _extent(values: list[int]) -> int:
    return max(values) - min(values)


def as_text(strokes: Strokes) -> str:
    """The one spelling in which strokes are kept and hashed."""
    return json.dumps(strokes, separators=(",", ":"))


def from_text(kept: str) -> Strokes:
    """What `as_text` wrote."""
    return tuple(tuple((x, y) for x, y in stroke) for stroke in json.loads(kept))


def svg_path(strokes: Strokes) -> str:
    """The `d` of one SVG path in a view box `0 0 1000 1000`; a dot is a line of no length (round caps show it)."""
    return "".join(
        f"M{stroke[0][0]} {stroke[0][1]}" + "".join(f"L{x} {y}" for x, y in stroke[1:] or stroke)
        for stroke in strokes
    )
