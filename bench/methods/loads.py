"""A load around what a method does: applied, waited for, and removed on every way out of the method."""

from __future__ import annotations

from collections.abc import Generator

from bench.methods.steps import ApplyLoad, RemoveLoad, Settle, Step, StepResult, do
from bench.plans.points import PlannedPoint
from calibration.load_points import LoadPoint
from calibration.quantities import Finding

Loaded = Generator[Step, StepResult, tuple[Finding, ...]]
"""Done while a load stands; returns what makes it useless, if anything does."""


def at_load(point: PlannedPoint, load_point: LoadPoint, work: Loaded) -> Loaded:
    """Do the work while this load stands; returns why the load is not reached, or what the work returns."""
    yield ApplyLoad(point.index, load_point)
    findings = (yield from do(Settle(point.index, load_point))).findings
    if not findings:
        findings = yield from work
    yield RemoveLoad()
    return findings


def at_its_load(point: PlannedPoint, work: Loaded) -> Loaded:
    """The same at the load of the test point."""
    assert point.load_point is not None, f"{point.item.value} has a load"
    return (yield from at_load(point, point.load_point, work))
