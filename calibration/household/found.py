"""The three words in which a check at home ends. None of them is a verdict about the meter."""

from __future__ import annotations

from enum import StrEnum


class Found(StrEnum):
    """CONSISTENT: nothing speaks against the meter. INCONSISTENT: something does not fit, so ask for a verification."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    CANNOT_TELL = "cannot_tell"
