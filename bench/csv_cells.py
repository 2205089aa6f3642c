"""Texts in a CSV: a spreadsheet takes a cell that begins with = + - @ for a formula, also in full width.

What somebody has typed gets an apostrophe in front of those, as it is done by hand.
"""

from __future__ import annotations

_OF_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The wide ones too: a spreadsheet with Chinese or Japanese settings takes them for the others."""


def no_formula(typed: str) -> str:
    return f"'{typed}" if typed.startswith(_OF_A_FORMULA) else typed
