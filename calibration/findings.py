"""What is told of many findings."""

from __future__ import annotations

from collections.abc import Iterable

from calibration.quantities import Finding


def each_reason_once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order in which the reasons came up first, each with the figures that it had last."""
    return tuple({finding.reason: finding for finding in found}.values())
