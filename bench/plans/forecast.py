"""Before a load is applied: how long each window will be, what it will be worth, and which are refused."""

from __future__ import annotations

from collections.abc import Mapping

from bench.items import Item
from bench.plans.plan import CheckedPlan, Plan
from bench.plans.points import PlannedPoint
from calibration.planning import PlannedWindow, WindowConditions, planned_window
from calibration.quantities import Finding
from calibration.reference_standard import ReferenceCard

Forecast = Mapping[int, Mapping[str, PlannedWindow]]
"""Index of the load point -> position -> its window."""


def forecast(checked: CheckedPlan, card: ReferenceCard, poll_interval_s: float) -> Forecast:
    """The planned window of every position at every test point that compares with the reference."""
    plan = checked.plan
    return {
        point.index: {
            position: planned_window(
                WindowConditions(
                    point.load_point,
                    checked.meters[position].constant_at_terminals_imp_per_kWh,
                    card.at(point.load_point, plan.ambient_temperature_C),
                    poll_interval_s,
                ),
                point.wanted_uncertainty_pct(position, plan.wanted_uncertainty),
                plan.minimum_time_s,
                plan.minimum_pulses,
                plan.longest_time_s,
            )
            for position in point.positions
        }
        for point in checked.points
        if point.item.facts.compares and point.load_point is not None
    }


def window_s(windows: Mapping[str, PlannedWindow]) -> float | None:
    """The longest window of a load point (s); None where all are refused."""
    return max((w.duration_s for w in windows.values() if w.refusal is None), default=None)


def planned_runs(point: PlannedPoint, plan: Plan) -> int:
    """How many windows the plan has for each meter at a point that compares; a mean near its limit asks for more."""
    return {Item.BASIC_ERROR: plan.repeats, Item.REPEATABILITY: plan.repeatability_runs}.get(point.item, 1)


def warning_of(windows: Mapping[str, PlannedWindow]) -> Finding | None:
    """What the technician should know of a load point before it is applied: the load is the same for all."""
    return next((w.warning for w in windows.values() if w.warning is not None), None)
