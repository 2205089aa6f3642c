"""Texts that people give for the registry: on one line, not too long, and shown as they were meant."""

from __future__ import annotations

import unicodedata

from bench.errors import OperatorError

_LONGEST = 200


def require_text(given: str, what: str, longest: int = _LONGEST) -> str:
    """The text in normal form C with single spaces.

    Errors: OperatorError where it is empty, too long, or has control characters or half a surrogate pair.
    """
    if any(unicodedata.category(character)[0] == "C" for character in given):
        raise OperatorError(f"{what} has a character that cannot be shown; type it anew, on one line")
    text = " ".join(unicodedata.normalize("NFC", given).split())
    if not text:
        raise OperatorError(f"{what} is empty; give it")
    if len(text) > longest:
        raise OperatorError(f"{what} has {len(text)} characters; at most {longest} are kept")
    return text


def folded(text: str) -> str:
    """What texts are compared by: the same letters, however they were typed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
