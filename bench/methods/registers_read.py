"""Registers read with voltage and no current, so that nothing moves while they are read."""

from __future__ import annotations

from collections.abc import Generator

from bench.methods.briefing import Briefing
from bench.methods.loads import Loaded, at_load
from bench.methods.steps import MetersRead, ReadMeters, Step, StepResult, do
from bench.plans.points import PlannedPoint, voltage_alone
from calibration.quantities import Finding

_Read = Generator[Step, StepResult, MetersRead | tuple[Finding, ...]]


def registers_read(
    b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...], stage: str
) -> _Read:
    """What the meters told, or why the voltage was not reached."""
    read: list[MetersRead] = []

    def reading() -> Loaded:
        read.append((yield from do(ReadMeters(point.index, attempt, stage, positions))))
        return ()

    findings = yield from at_load(point, voltage_alone(b.checked.meters), reading())
    return findings or read[0]
