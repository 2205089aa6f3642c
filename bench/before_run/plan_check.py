"""A plan against a bench, before the start and without a device: how long, how well, and what cannot be decided.

Everything here follows from the plan and the configuration. Durations are those of meters without error; what waits
for a person has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isclose
from typing import assert_never

from bench.before_run.briefed import briefed
from bench.before_run.countable import require_countable
from bench.before_run.limits import require_plan_within
from bench.before_run.plan_times import duration_s, require_short_enough
from bench.before_run.worth import declared_lines, kind_of, most_of, why_not_official
from bench.configuration.config import Config
from bench.configuration.positions import PositionSection
from bench.errors import OperatorError
from bench.items import Item
from bench.methods.briefing import Briefing
from bench.plans.plan import CheckedPlan
from bench.plans.points import PlannedPoint
from bench.ports import makes_any_load
from bench.registry.standing import standing
from calibration.findings import each_reason_once
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest, Quantity
from calibration.planning import PlannedWindow
from calibration.quantities import Finding, Kind
from calibration.reasons import Reason
from calibration.rules import RuleSet


@dataclass(frozen=True)
class PointReview:
    """duration_s: None where nobody can say it. U_pct: predicted expanded uncertainty of one run, by position.

    cannot: positions that cannot be decided, and why; warnings: what should be known of the load.
    """

    point: PlannedPoint
    duration_s: float | None
    U_pct: Mapping[str, float] = field(default_factory=dict)
    cannot: Mapping[str, Finding] = field(default_factory=dict)
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class PlanReview:
    """kind: the most that the run can be worth; not_official: everything that keeps it from being official."""

    kind: Kind
    points: tuple[PointReview, ...]
    not_official: tuple[Finding, ...]

    @property
    def duration_s(self) -> float:
        return sum(point.duration_s or 0.0 for point in self.points)

    @property
    def decides_all(self) -> bool:
        return not any(point.cannot for point in self.points)


def review(
    checked: CheckedPlan,
    config: Config,
    today: str,
    require: Callable[[LoadPoint], None] = makes_any_load,
    verifier: str = "",
) -> PlanReview:
    """today: YYYY-MM-DD, for certificates and authorisations. require: as of `require_runnable`.

    verifier: id of whoever will run it. Errors: OperatorError where the run would be refused.
    """
    require_runnable(checked, config, require)
    lines = declared_lines(config)
    found = standing(config, checked, today, verifier)
    because = why_not_official(checked, found.config, lines, today, registered=found.findings)
    kind = kind_of(most_of(config, lines), because)
    briefing = briefed(checked, config)
    points = tuple(_reviewed(point, briefing, config) for point in checked.points)
    return PlanReview(kind, points, because)


def why_undecidable(
    item: Item, position: PositionSection, meter: MeterUnderTest, rules: RuleSet, config: Config
) -> Finding | None:
    """Why this bench cannot decide an item at a position whatever the load; None where nothing speaks against it."""
    match item:
        case Item.METER_CONSTANT if meter.register_decimals is None:
            # A reading tells its own decimals; how much energy must pass follows from those of the plan.
            return Finding(Reason.REGISTER_DECIMALS_UNKNOWN)
        case Item.METER_CONSTANT | Item.TARIFF_SUM if position.meter_port == "none":
            return Finding(Reason.METER_NOT_READ, {"detail": "position.meter_port = 'none'"})
        case Item.TARIFF_SUM if rules.tariff_sum_digits is None:
            return Finding(Reason.RULES_ASK_NOTHING)
        case Item.CLOCK if rules.clock is None:
            return Finding(Reason.RULES_ASK_NOTHING)
        case Item.CLOCK if position.clock_output is None:
            return Finding(Reason.CLOCK_NOT_WIRED)
        case Item.CLOCK if config.clock.frequency_U_ppm is None and config.clock.pps is None:
            return Finding(Reason.CLOCK_NOT_TRACEABLE)
        case (
            Item.VISUAL | Item.WARM_UP | Item.NO_LOAD | Item.STARTING | Item.BASIC_ERROR | Item.REPEATABILITY
            | Item.METER_CONSTANT | Item.POWER_TIME | Item.CLOCK | Item.TARIFF_SUM
        ):  # fmt: skip
            return None
        case _:
            assert_never(item)


def require_runnable(
    checked: CheckedPlan, config: Config, require: Callable[[LoadPoint], None] = makes_any_load
) -> None:
    """require: what the load source makes (`SourceFacts.require`).

    Errors: OperatorError, one line, where a run of this plan would be refused on this bench.
    """
    _require_fitting_reference(checked, config)
    require_plan_within(checked, config, require)
    require_countable(checked, config)
    if config.load_source.limits.longest_at_high_current_s is not None:
        b = briefed(checked, config)
        for point in checked.points:
            cannot = _cannot(point, b, config)
            require_short_enough(point, tuple(p for p in point.positions if p not in cannot), b, config)


def _require_fitting_reference(checked: CheckedPlan, config: Config) -> None:
    """Errors: OperatorError where this reference standard cannot be compared with under this plan."""
    _require_same_energy(checked, config)
    is_typed = config.environment.driver == "typed"
    depends = config.reference.card.temperature_coefficient_pct_per_K > 0.0
    if is_typed and depends and checked.plan.ambient_temperature_C is None:
        raise OperatorError(
            "the reference standard's error depends on the temperature (reference.card."
            "temperature_coefficient_pct_per_K); give the plan's ambient_temperature_C"
        )


def _require_same_energy(checked: CheckedPlan, config: Config) -> None:
    """The reference must read the energy that the meters count: W for var would be wrong by the power factor, and the
    register of the other direction does not move.

    Errors: OperatorError where it does not.
    """
    reads = Quantity.REACTIVE if config.reference.energy == "reactive" else Quantity.ACTIVE
    way = config.reference.direction
    for position, meter in checked.meters.items():
        if meter.quantity is not reads:
            raise OperatorError(
                f"position {position}: the meter counts {meter.quantity} energy and the reference reads "
                f"{reads} energy; set reference.energy, or the meter's quantity"
            )
        if meter.direction is not way:
            raise OperatorError(
                f"position {position}: the meter is tested for {meter.direction} and the reference reads {way}; "
                "set reference.energy, or the meter's direction"
            )


def asks_people(checked: CheckedPlan, config: Config) -> tuple[Item, ...]:
    """The items of a plan that wait for an answer of a person on this bench."""
    typed = [p for p in config.position if p.name in checked.meters and p.meter_port == "ask"]
    items = dict.fromkeys(point.item for point in checked.points)

    def is_typed(item: Item) -> bool:
        """A position that the item cannot decide is not asked."""
        return bool(item.facts.registers) and any(
            why_undecidable(item, p, checked.meters[p.name], checked.rules, config) is None for p in typed
        )

    return tuple(item for item in items if item.facts.is_inspection or is_typed(item))


def steps_s(b: Briefing, config: Config) -> dict[int, float]:
    """Index of each test point without a comparison -> how long it takes (s), where nobody has to be waited for."""
    asked = asks_people(b.checked, config)
    found = {}
    for point in b.checked.points:
        able = tuple(p for p in point.positions if p not in _cannot(point, b, config))
        if point.item.facts.compares or point.item in asked or not able:
            continue
        if (needed_s := duration_s(point, able, b, config)) is not None:
            found[point.index] = needed_s
    return found


def _reviewed(point: PlannedPoint, b: Briefing, config: Config) -> PointReview:
    cannot = _cannot(point, b, config)
    windows = b.planned.get(point.index, {})
    told = [w.warning for w in windows.values() if w.warning is not None]
    if point.item is not Item.BASIC_ERROR:
        told += _refused(windows).values()
    U_pct = {p: w.expanded_uncertainty_pct for p, w in windows.items()}
    able = tuple(p for p in point.positions if p not in cannot)
    needed_s = duration_s(point, able, b, config) if able else 0.0
    return PointReview(point, needed_s, U_pct, cannot, each_reason_once(told))


def _cannot(point: PlannedPoint, b: Briefing, config: Config) -> dict[str, Finding]:
    """Positions that the test point cannot decide, and why."""
    sections = {p.name: p for p in config.position}
    meters, rules = b.checked.meters, b.checked.rules
    cannot = {
        p: found
        for p in point.positions
        if (found := why_undecidable(point.item, sections[p], meters[p], rules, config)) is not None
        or (found := _simulated_otherwise(point.item, sections[p], meters[p])) is not None
    }
    return cannot | (_refused(b.planned[point.index]) if point.item is Item.BASIC_ERROR else {})


def _refused(windows: Mapping[str, PlannedWindow]) -> dict[str, Finding]:
    return {p: w.refusal for p, w in windows.items() if w.refusal is not None}


def _simulated_otherwise(item: Item, position: PositionSection, meter: MeterUnderTest) -> Finding | None:
    """A simulated meter hangs there before there is a plan; one of another constant cannot stand in for the plan's."""
    have, wanted = position.simulated_constant_imp_per_kWh, meter.constant_at_terminals_imp_per_kWh
    if position.driver != "sim" or not item.facts.counts_pulses or isclose(have, wanted):
        return None
    return Finding(Reason.SIMULATED_CONSTANT_DIFFERS, {"have": f"{have:g}", "wanted": f"{wanted:g}"})
