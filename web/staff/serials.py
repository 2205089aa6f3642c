"""Serial numbers as people and barcode scanners type them. Pure.

A scanner is a keyboard: it types the characters of the barcode and Enter. What is compared is what carries meaning:
neither spaces and hyphens, which a nameplate prints for the eye, nor the full-width digits of a Chinese keyboard.
Leading zeros do carry meaning.
"""

from __future__ import annotations

import unicodedata


def bare(typed: str) -> str:
    """What is left of a serial number for comparing."""
    plain = unicodedata.normalize("NFKC", typed).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def is_same(seen: str, wanted: str) -> bool:
    """Whether two are the same serial number; an empty one is like no other."""
    return bool(bare(seen)) and bare(seen) == bare(wanted)
