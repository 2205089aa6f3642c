"""What a method can conclude of a position, whatever the test is."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

from bench.methods.steps import Step, StepResult
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.runs import PointResult


@dataclass(frozen=True)
class Concluded:
    """What an attempt makes of one position; the fields are those of `steps.Conclude`."""

    verdict: Verdict
    runs: tuple[ErrorResult, ...] = ()
    mean: PointResult | None = None
    figures: Mapping[str, str] = field(default_factory=dict)


Attempt = Generator[Step, StepResult, Mapping[str, Concluded]]
"""One try of a test point at some positions: yields steps, returns what it concludes of each position."""


def invalid(*findings: Finding, mpe_pct: float | None = None, rule: str = "") -> Verdict:
    """INVALID with its reasons; errors: ValueError without any, because nobody could be told what to do."""
    if not findings:
        raise ValueError("an INVALID verdict needs a reason")
    return Verdict(Outcome.INVALID, rule, mpe_pct, findings=findings)


def unjudged(reason: Reason, *beside: Finding) -> Verdict:
    """Measured, or not even that, and held against nothing. beside: what was found all the same."""
    return Verdict(Outcome.UNJUDGED, "", None, findings=(Finding(reason), *beside))


def passed() -> Verdict:
    """PASS of what is counted, read or looked at."""
    return Verdict(Outcome.PASS, "", None)


def failed(finding: Finding) -> Verdict:
    """FAIL of what is counted, read or looked at, and what was found."""
    return Verdict(Outcome.FAIL, "", None, findings=(finding,))


def everywhere(positions: Iterable[str], verdict: Verdict) -> dict[str, Concluded]:
    return {position: Concluded(verdict) for position in positions}
