"""Base64 that has one spelling only: of the four that decode to the same bytes, the one that an encoder writes.

A lenient decoder ignores the last bits before the padding, and so a changed character would go unseen.
"""

from __future__ import annotations

import base64
import binascii


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """Errors: ValueError for anything that `encoded` does not write."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{text[:40]!r} is no base64: {error}") from error
    if encoded(data) != text:
        raise ValueError(f"{text[:40]!r} is not how these bytes are written in base64")
    return data
