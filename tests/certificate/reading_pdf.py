"""A PDF read again by programs that have not made it: text, attachments, markers, fonts."""

from __future__ import annotations

import io
import re
from functools import cache

import pypdf


@cache
def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, as a reader would copy it; read once of each file."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    """Without spaces and line ends, which only the layout makes."""
    return re.sub(r"[\s\u200b\u00a0]+", "", text)


@cache
def text_of(pdf: bytes) -> str:
    return squeezed("".join(pages_of(pdf)))


def says(pdf_text: str, *parts: str) -> bool:
    """Whether the squeezed text has all parts, whatever the layout has done with their spaces."""
    return all(squeezed(part) in pdf_text for part in parts)
