"""What a method may know: everything in it is frozen with the run, so that a replay can carry the same method out again
on the recorded answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.methods.meter_identity import Compared
from bench.plans.forecast import Forecast
from bench.plans.plan import CheckedPlan
from bench.plans.points import PlannedPoint
from calibration.quantities import Outcome
from calibration.reference_standard import ReferenceCard
from calibration.runs import PooledRepeatability


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


def card_at(b: Briefing, point: PlannedPoint) -> ReferenceCard:
    """The reference standard's card at the load of a test point and the temperature of the bench."""
    assert point.load_point is not None
    return b.card.at(point.load_point, b.checked.plan.ambient_temperature_C)
