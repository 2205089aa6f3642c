"""Names of the pulse lines beside the positions: in the configuration, the records and the raw files."""

from __future__ import annotations

REFERENCE_LINE = "reference"
"""The reference standard's own pulses."""
PPS_LINE = "pps"
"""A pulse each true second."""
CLOCK_SUFFIX = ".clock"


def clock_line(position: str) -> str:
    """Of a position's clock output."""
    return position + CLOCK_SUFFIX
