"""What somebody typed is kept readable, short and in one spelling; hostile characters do not come through."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.casework.refused import Refused
from web.casework.said import one_line, words

HOSTILE = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)


def test_letters_of_all_scripts_stay() -> None:
    said = "表走得太快了！ Zähler läuft, بسرعة, नमस्ते, Điện lực, 👩\u200d🔧 ¥ 0.52"
    assert words(said, 200) == unicodedata.normalize("NFC", said)


def test_lines_stay_and_empty_ones_do_not_pile_up() -> None:
    assert words(" one \r\n\r\n\n\n\ttwo\u2028three ", 50) == "one\n\ntwo\nthree"
    assert one_line("one\r\n two", 50) == "one two"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("\u2066hidden\u2069", "hidden"),
        ("a\x00b\x1b[31mc\x07", "ab[31mc"),
        ("\ufeffx\u200b", "x"),
        ("\ud800x", "x"),
        ("e\u0301", "é"),
        ("Z" + "\u0335" * 100, "Z" + "\u0335" * 4),
        ("Z" + "\u0335\u200d" * 100, "Z" + ("\u0335\u200d" * 4 + "\u200d" * 96).rstrip("\u200d")),
    ],
)
def test_what_is_not_to_be_read_is_left_out(said: str, kept: str) -> None:
    assert words(said, 200) == kept


@pytest.mark.parametrize("said", ["", " \n\t ", "\u200b\u200d\u202e", "\x00"])
def test_nothing_is_refused(said: str) -> None:
    with pytest.raises(Refused) as refused:
        words(said, 10)
    assert refused.value.key == "text_missing"


@pytest.mark.parametrize("said", ["x" * 11, "x" + " " * 100, "表" * 11])
def test_too_much_is_refused(said: str) -> None:
    with pytest.raises(Refused) as refused:
        words(said, 10)
    assert (refused.value.key, refused.value.values["longest"]) == ("text_too_long", "10")


def test_what_is_just_short_enough_is_kept() -> None:
    assert words("表" * 10, 10) == "表" * 10


@given(HOSTILE)
def test_whatever_is_typed_is_kept_as_text_that_can_be_stored_and_read(said: str) -> None:
    try:
        kept = words(said, 100)
    except Refused:
        return
    assert kept.encode()
    assert 0 < len(kept) <= 100
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in kept if c != "\n")
    assert not any(
        unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI") for c in kept
    )
    assert words(kept, 100) == kept
