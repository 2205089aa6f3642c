"""What a method may know, and what it gives: everything in it is frozen with the run, so that a replay can carry the
same method out again on the recorded answers."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from bench.methods.meter_identity import Compared
from bench.methods.steps import ApplyLoad, Settle, Settled, Step, StepResult
from bench.plans.forecast import Forecast
from bench.plans.plan import CheckedPlan
from bench.plans.points import PlannedPoint
from calibration.load_points import LoadPoint
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.runs import PointResult, PooledRepeatability


@dataclass(frozen=True)
class TakenOver:
    """A verdict that an earlier run of the same plan has already given (a resumed run does not repeat it)."""

    outcome: Outcome
    mean_pct: float | None = None


@dataclass(frozen=True)
class Briefing:
    """clock_frequency_U_ppm: expanded uncertainty (k = 2) of the bench clock's rate; None where it is unknown.

    pps_U_ppm: the same of a pulse each second, by which that rate is measured; None where there is none.
    identities: positions whose meter is asked who it is, and what of it is compared with the plan.
    """

    checked: CheckedPlan
    card: ReferenceCard
    planned: Forecast
    pooled: PooledRepeatability | None = None
    clock_frequency_U_ppm: float | None = None
    taken_over: Mapping[tuple[int, str], TakenOver] = field(default_factory=dict)
    identities: Mapping[str, Compared] = field(default_factory=dict)
    pps_U_ppm: float | None = None


@dataclass(frozen=True)
class Concluded:
    """What an attempt makes of one position; the fields are those of `steps.Conclude`."""

    verdict: Verdict
    runs: tuple[ErrorResult, ...] = ()
    mean: PointResult | None = None
    figures: Mapping[str, str] = field(default_factory=dict)


Attempt = Generator[Step, StepResult, Mapping[str, Concluded]]
"""One try of a test point at some positions: yields steps, returns what it concludes of each position."""

Loaded = Generator[Step, StepResult, tuple[Finding, ...]]


def card_at(b: Briefing, point: PlannedPoint) -> ReferenceCard:
    """The reference standard's card at the load of a test point and the temperature of the bench."""
    assert point.load_point is not None
    return b.card.at(point.load_point, b.checked.plan.ambient_temperature_C)


def at_load(point: PlannedPoint, load_point: LoadPoint) -> Loaded:
    """Apply a load and wait until it stands; returns why it does not, if so. The caller removes it."""
    yield ApplyLoad(point.index, load_point)
    settled = yield Settle(point.index, load_point)
    assert isinstance(settled, Settled)
    return settled.findings


def invalid(*findings: Finding, mpe_pct: float | None = None, rule: str = "") -> Verdict:
    """INVALID with its reasons; errors: ValueError without any, because nobody could be told what to do."""
    if not findings:
        raise ValueError("an INVALID verdict needs a reason")
    return Verdict(Outcome.INVALID, rule, mpe_pct, findings=findings)


def unjudged(reason: Reason) -> Verdict:
    """Measured, or not even that, and held against nothing."""
    return Verdict(Outcome.UNJUDGED, "", None, findings=(Finding(reason),))


def passed() -> Verdict:
    """PASS of what is counted, read or looked at."""
    return Verdict(Outcome.PASS, "", None)


def failed(finding: Finding) -> Verdict:
    """FAIL of what is counted, read or looked at, and what was found."""
    return Verdict(Outcome.FAIL, "", None, findings=(finding,))


def everywhere(positions: tuple[str, ...], verdict: Verdict) -> dict[str, Concluded]:
    return {position: Concluded(verdict) for position in positions}
