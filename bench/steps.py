"""What a procedure can ask the runner for. A method yields these and receives what came of them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from calibration.load_points import LoadPoint
from calibration.quantities import ErrorResult, Finding, Verdict


@dataclass(frozen=True, slots=True)
class ApplyLoad:
    """Command a load point. `point` is its index in the plan."""

    point: int
    load_point: LoadPoint


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until the reference reads the load point and stands still."""

    point: int
    load_point: LoadPoint


@dataclass(frozen=True, slots=True)
class CountPulses:
    """Count at these positions until each has its wanted uncertainty, or the longest time is over."""

    point: int
    attempt: int
    load_point: LoadPoint
    wanted_uncertainty_pct: Mapping[str, float]
    minimum_time_s: float
    minimum_pulses: int
    longest_time_s: float
    stability_pct: float


@dataclass(frozen=True, slots=True)
class RemoveLoad:
    """Take the load away."""


@dataclass(frozen=True, slots=True)
class Conclude:
    """The method's verdict on what one position showed; `will_repeat`: an INVALID that is tried again."""

    point: int
    attempt: int
    position: str
    result: ErrorResult | None
    verdict: Verdict
    will_repeat: bool


Step = ApplyLoad | Settle | CountPulses | RemoveLoad | Conclude


@dataclass(frozen=True, slots=True)
class Settled:
    """What a `Settle` gives. Without findings the load is reached and steady."""

    findings: tuple[Finding, ...] = ()


StepResult = Settled | Mapping[str, ErrorResult] | None
"""`Settle` gives Settled, `CountPulses` a result for each position, the others nothing."""

Method = Generator[Step, StepResult, None]
