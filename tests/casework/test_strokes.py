"""A signature is numbers on a field, within limits, or it is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.casework.refused import Refused
from web.casework.strokes import (
    FIELD,
    MOST_CHARACTERS,
    MOST_POINTS,
    MOST_STROKES,
    as_text,
    from_text,
    read_strokes,
    svg_path,
)

DRAWN = [
    [[100, 500], [150, 300], [200, 500], [250, 300]],
    [[300, 500], [350, 300], [400, 500], [450, 300]],
    [[500, 500]],
]


def test_strokes_are_read_kept_and_drawn() -> None:
    strokes = read_strokes(json.dumps(DRAWN))
    assert strokes == tuple(tuple((x, y) for x, y in stroke) for stroke in DRAWN)
    assert from_text(as_text(strokes)) == strokes
    assert svg_path(strokes) == (
        "M100 500L150 300L200 500L250 300M300 500L350 300L400 500L450 300M500 500L500 500"
    )


LINE = [[x, x] for x in range(100)]


def points(count: int) -> list[list[int]]:
    return [[x % FIELD, 10] for x in range(count)]


@pytest.mark.parametrize(
    ("handed_in", "key"),
    [
        ("", "signature_unreadable"),
        ("{}", "signature_unreadable"),
        ("null", "signature_unreadable"),
        ("[[[1,2],[3]]]", "signature_unreadable"),
        ("[[[1,2],[3,4,5]]]", "signature_unreadable"),
        ("[[]]", "signature_unreadable"),
        ('["ab"]', "signature_unreadable"),
        ('[["ab","cd"]]', "signature_unreadable"),
        (json.dumps([[*LINE, [1.5, 2]]]), "signature_unreadable"),
        (json.dumps([[*LINE, [True, 2]]]), "signature_unreadable"),
        (json.dumps([[*LINE, [-1, 2]]]), "signature_unreadable"),
        (json.dumps([[*LINE, [0, FIELD + 1]]]), "signature_unreadable"),
        (json.dumps([[*LINE, ["<script>", 2]]]), "signature_unreadable"),
        ("[[[NaN,Infinity]]]", "signature_unreadable"),
        ("[[[1e999,1]]]", "signature_unreadable"),
        ("[" * 20_000, "signature_unreadable"),
        ("[" * 15_000 + "]" * 15_000, "signature_unreadable"),
        ("[[[" + "9" * 30_000 + ",1]]]", "signature_unreadable"),
        (json.dumps([[[1, 1]]] * (MOST_STROKES + 1)), "signature_too_large"),
        (json.dumps([points(MOST_POINTS + 1)]), "signature_too_large"),
        (" " * (MOST_CHARACTERS + 1), "signature_too_large"),
        ("[]", "signature_too_small"),
        ("[[[5,5]]]", "signature_too_small"),
        ("[[[0,0],[900,900]]]", "signature_too_small"),
        (json.dumps([[[500 + x, 500] for x in range(50)]]), "signature_too_small"),
    ],
)
def test_what_is_no_signature_is_refused(handed_in: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        read_strokes(handed_in)
    assert refused.value.key == key


def test_the_largest_signature_is_read() -> None:
    assert sum(map(len, read_strokes(json.dumps([points(MOST_POINTS)])))) == MOST_POINTS
    widest = [[[FIELD, FIELD]] * (MOST_POINTS - 10) + points(10) + [[0, 0]]][0][:MOST_POINTS]
    assert read_strokes(json.dumps([widest]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, FIELD + 5) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=60,
)
DRAWINGS = st.lists(
    st.lists(st.tuples(st.integers(0, FIELD), st.integers(0, FIELD)), min_size=1, max_size=30), max_size=8
)


@given(JSON | DRAWINGS)
def test_whatever_is_handed_in_is_numbers_on_the_field_or_refused(drawn: Any) -> None:
    try:
        strokes = read_strokes(json.dumps(drawn))
    except Refused:
        return
    assert all(type(v) is int and 0 <= v <= FIELD for stroke in strokes for point in stroke for v in point)
    assert re.fullmatch(r"(M\d+ \d+(L\d+ \d+)+)+", svg_path(strokes))
    assert from_text(as_text(strokes)) == strokes
