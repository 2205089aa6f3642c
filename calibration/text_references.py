"""Free texts in records: only a reference stands there, `text:` and the 64 hexadecimal digits of a salted SHA-256.

The text itself is kept where it can be deleted (`bench/registry/kept_texts.py`). Where it is not, or no longer, a
person reads a word in its place.
"""

from __future__ import annotations

import re

REFERENCE = re.compile(r"text:[0-9a-f]{64}")
_GONE = {"zh": "（已删除）", "en": "(deleted)"}


def readable(text: str, language: str) -> str:
    """For people, in zh or en: with a word for each reference that is left in the text."""
    return REFERENCE.sub(_GONE[language], text)
