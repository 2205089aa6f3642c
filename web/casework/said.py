"""What somebody typed, as it is kept: the same words in one spelling, and nothing that is not to be read.

Text that turns the reading direction, hides itself, rings a bell or stacks a hundred accents on a letter can make a
page of somebody else's say something else. Letters of all scripts stay.
"""

from __future__ import annotations

import unicodedata

from web.casework.refused import Refused

_JOINERS = "\u200c\u200d"
"""Format characters that scripts and pictures need between their letters."""
_UNREADABLE = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Control, format, half a character, private, unassigned."""
_BREAKS = ("Zl", "Zp")
_MOST_MARKS = 4
"""Accents on one letter: Vietnamese and Hebrew have up to three."""
_MOST_EMPTY_LINES = 1
_FACTOR = 4
"""How much longer than what is kept of it a text may come."""


def words(text: str, most: int) -> str:
    """The text as it is kept, at most so many characters, on as many lines as it was written.

    Errors: Refused text_missing, text_too_long.
    """
    # What is too long by far is not looked at character by character.
    kept = _readable(text) if len(text) <= _FACTOR * most else None
    if kept == "":
        raise Refused("text_missing")
    if kept is None or len(kept) > most:
        raise Refused("text_too_long", longest=str(most), given=str(len(text)))
    return kept


def one_line(text: str, most: int) -> str:
    """The same on one line. Errors: as above."""
    return " ".join(words(text, most).split())


def _readable(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")):
        kind = unicodedata.category(character)
        if character == "\n" or kind in _BREAKS:
            kept.append("\n")
        elif character == "\t":
            kept.append(" ")
        elif character in _JOINERS:
            kept.append(character)
        elif kind not in _UNREADABLE:
            marks = marks + 1 if kind in ("Mn", "Me") else 0
            if marks <= _MOST_MARKS:
                kept.append(character)
    return _without_empty_lines("".join(kept)).strip(f"{_JOINERS} \n")


def _without_empty_lines(text: str) -> str:
    kept: list[str] = []
    empty = 0
    for line in text.split("\n"):
        empty = 0 if line.strip() else empty + 1
        if empty <= _MOST_EMPTY_LINES:
            kept.append(line.strip())
    return "\n".join(kept)
