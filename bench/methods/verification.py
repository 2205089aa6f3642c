"""A whole verification: the test points of the plan one after another, each by the method of its item.

Before the first load each meter that has a port says who it is (`identity.py`); another than the plan's is refused.
An INVALID (an instrument's fault, never the meter's) is tried again as often as the plan says, at the positions that
need it; every attempt stays in the record. What one position shows changes nothing for the others; one that the
operator takes out is INVALID from the test point on that is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from bench.items import Item
from bench.methods.basic_error import basic_error
from bench.methods.briefing import Briefing
from bench.methods.clock import clock
from bench.methods.conclusions import Attempt, invalid
from bench.methods.identity import Refused, identity
from bench.methods.meter_constant import meter_constant
from bench.methods.no_load import no_load
from bench.methods.power_time import power_time
from bench.methods.repeatability import repeatability
from bench.methods.repeating import as_unjudged, is_repeatable
from bench.methods.starting import starting
from bench.methods.steps import AskSkipped, Conclude, Method, Step, StepResult, do
from bench.methods.tariff_sum import tariff_sum
from bench.methods.unbalance import Unbalance
from bench.methods.visual import visual
from bench.methods.warm_up import warm_up
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding
from calibration.reasons import Reason

METHODS: dict[Item, Callable[[Briefing, PlannedPoint, int, tuple[str, ...]], Attempt]] = {
    Item.VISUAL: visual,
    Item.WARM_UP: warm_up,
    Item.NO_LOAD: no_load,
    Item.STARTING: starting,
    Item.BASIC_ERROR: basic_error,
    Item.REPEATABILITY: repeatability,
    Item.METER_CONSTANT: meter_constant,
    Item.POWER_TIME: power_time,
    Item.CLOCK: clock,
    Item.TARIFF_SUM: tariff_sum,
}

_Still = Generator[Step, StepResult, tuple[str, ...]]
"""The positions that are still in the run."""


def verification(briefing: Briefing) -> Method:
    unbalance = Unbalance(briefing)
    refused: Refused | None = None
    for point in briefing.checked.points:
        if refused is None and point.load_point is not None and briefing.identities:
            refused = yield from identity(briefing, point)
        yield from _test_point(briefing, point, unbalance, refused or {})


def _test_point(briefing: Briefing, point: PlannedPoint, unbalance: Unbalance, refused: Refused) -> Method:
    remaining = tuple(p for p in point.positions if (point.index, p) not in briefing.taken_over)
    last = briefing.checked.plan.repeats_of_invalid
    for attempt in range(1 + last):
        if remaining:
            remaining = yield from _without_skipped(point, attempt, remaining)
            remaining = yield from _without(point, attempt, remaining, refused)
        if not remaining:
            return
        concluded = yield from METHODS[point.item](briefing, point, attempt, remaining)
        remaining = yield from _without_skipped(point, attempt, remaining)
        again = [p for p in remaining if attempt < last and is_repeatable(concluded[p].verdict)]
        for p in remaining:
            c = as_unjudged(briefing, p, unbalance.judge(point, p, concluded[p]))
            yield Conclude(point.index, attempt, p, c.verdict, p in again, c.runs, c.mean, c.figures)
        remaining = tuple(again)


def _without_skipped(point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> _Still:
    skipped = yield from do(AskSkipped())
    why = {p: (Finding(Reason.SKIPPED_BY_OPERATOR, {"why": said}),) for p, said in skipped.why.items()}
    return (yield from _without(point, attempt, positions, why))


def _without(point: PlannedPoint, attempt: int, positions: tuple[str, ...], why: Refused) -> _Still:
    """The positions that go on; those that there is something against are concluded."""
    for p in positions:
        if p in why:
            yield Conclude(point.index, attempt, p, invalid(*why[p]), False)
    return tuple(p for p in positions if p not in why)
