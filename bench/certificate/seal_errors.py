"""Why a seal is refused: a word of `seal_words.py`, said where the reader is known."""

from __future__ import annotations


class SealRefusedError(Exception):
    """why: a key of `seal_words.py`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
