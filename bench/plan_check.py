"""A plan against a bench, before the start and without a device: how long, how well, and what cannot be decided.

Everything here follows from the plan and the configuration. Durations are those of meters without error; what waits
for a person has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isclose
from typing import assert_never

from bench.config import Config, PositionSection
from bench.errors import OperatorError
from bench.forecast import Forecast, forecast
from bench.items import COMPARING, Item
from bench.limits import require_plan_within
from bench.methods.briefing import Briefing
from bench.methods.line_proof import PULSES as PULSES_OF_A_PROOF
from bench.methods.meter_constant import energy_to_pass_Wh
from bench.plan import CheckedPlan
from bench.points import PlannedPoint, rated_load
from bench.registry.approvals import why_not_approved
from bench.worth import declared_lines, kind_of, most_of, why_not_official
from calibration.load_points import LoadPoint, parse_load_point
from calibration.nameplate import MeterUnderTest, Quantity
from calibration.no_load import no_load_test
from calibration.percentage_error import nominal_time_s
from calibration.quantities import SECONDS_PER_HOUR, Finding, Kind
from calibration.reasons import Reason
from calibration.rules import RuleSet
from calibration.starting import starting_test

_COUNTING_ITEMS = COMPARING | {Item.NO_LOAD, Item.STARTING, Item.METER_CONSTANT}
_REGISTER_ITEMS = (Item.METER_CONSTANT, Item.TARIFF_SUM)


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


def review(checked: CheckedPlan, config: Config, today: str) -> PlanReview:
    """today: YYYY-MM-DD, for the reference's certificate. Errors: OperatorError where the run would be refused."""
    require_runnable(checked, config)
    card = config.reference.card.as_card()
    lines = declared_lines(config)
    unapproved = why_not_approved(config.state_dir, checked.rules)
    because = why_not_official(checked, config, lines, today, unapproved=unapproved)
    kind = kind_of(most_of(config, lines), because)
    windows = forecast(checked, card, config.reference.poll_interval_s)
    briefing = Briefing(checked, card, windows)
    points = tuple(_reviewed(point, briefing, config) for point in checked.points)
    return PlanReview(kind, points, because)


def why_undecidable(
    item: Item, position: PositionSection, meter: MeterUnderTest, rules: RuleSet, config: Config
) -> Finding | None:
    """Why this bench cannot decide an item at a position whatever the load; None where nothing speaks against it."""
    if item in _REGISTER_ITEMS:
        # A reading tells its own decimals; how much energy must pass follows from those of the plan.
        if item is Item.METER_CONSTANT and meter.register_decimals is None:
            return Finding(Reason.METER_NOT_READ, {"detail": "meter.register_decimals = ?"})
        if position.meter_port == "none":
            return Finding(Reason.METER_NOT_READ, {"detail": "position.meter_port = 'none'"})
    if item is Item.TARIFF_SUM and rules.tariff_sum_digits is None:
        return Finding(Reason.RULES_ASK_NOTHING)
    if item is Item.CLOCK:
        if rules.clock is None:
            return Finding(Reason.RULES_ASK_NOTHING)
        if position.clock_output is None:
            return Finding(Reason.CLOCK_NOT_WIRED)
        if config.clock.frequency_U_ppm is None:
            return Finding(Reason.CLOCK_NOT_TRACEABLE)
    return None


def require_runnable(checked: CheckedPlan, config: Config) -> None:
    """Errors: OperatorError, one line, where a run of this plan would be refused on this bench."""
    _require_fitting_reference(checked, config)
    require_plan_within(checked, config)


def _require_fitting_reference(checked: CheckedPlan, config: Config) -> None:
    """Errors: OperatorError where this reference standard cannot be compared with under this plan."""
    _require_same_energy(checked, config)
    if config.reference.card.temperature_coefficient_pct_per_K and checked.plan.ambient_temperature_C is None:
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
        return item in _REGISTER_ITEMS and any(
            why_undecidable(item, p, checked.meters[p.name], checked.rules, config) is None for p in typed
        )

    return tuple(item for item in items if item is Item.VISUAL or is_typed(item))


def _reviewed(point: PlannedPoint, b: Briefing, config: Config) -> PointReview:
    sections = {p.name: p for p in config.position}
    meters, rules = b.checked.meters, b.checked.rules
    cannot = {
        p: found
        for p in point.positions
        if (found := why_undecidable(point.item, sections[p], meters[p], rules, config)) is not None
        or (found := _simulated_otherwise(point.item, sections[p], meters[p])) is not None
    }
    windows = b.planned.get(point.index, {})
    refused = {p: w.refusal for p, w in windows.items() if w.refusal is not None}
    told = [w.warning for w in windows.values() if w.warning is not None]
    if point.item is Item.BASIC_ERROR:
        cannot |= refused
    else:
        told += refused.values()
    U_pct = {p: w.expanded_uncertainty_pct for p, w in windows.items()}
    able = tuple(p for p in point.positions if p not in cannot)
    duration_s = _duration_s(point, able, b, config) if able else 0.0
    return PointReview(point, duration_s, U_pct, cannot, _once(told))


def _simulated_otherwise(item: Item, position: PositionSection, meter: MeterUnderTest) -> Finding | None:
    """A simulated meter hangs there before there is a plan; one of another constant cannot stand in for the plan's."""
    have, wanted = position.simulated_constant_imp_per_kWh, meter.constant_at_terminals_imp_per_kWh
    if position.driver != "sim" or item not in _COUNTING_ITEMS or isclose(have, wanted):
        return None
    return Finding(Reason.SIMULATED_CONSTANT_DIFFERS, {"have": f"{have:g}", "wanted": f"{wanted:g}"})


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """All positions carry one load: what is said of it is said once."""
    return tuple({finding.reason: finding for finding in findings}.values())


def _duration_s(point: PlannedPoint, positions: tuple[str, ...], b: Briefing, config: Config) -> float | None:
    """Of a test point with its loads, at those positions that it can decide."""
    if point.item is Item.VISUAL:
        return None
    settle_s = max(config.load_source.steady_for_s, 3 * b.card.refresh_s + b.card.power_lag_s)
    loads = {Item.NO_LOAD: 3, Item.STARTING: 3, Item.METER_CONSTANT: 3}.get(point.item, 1)
    return loads * settle_s + sum(_parts_s(point, positions, b))


def _parts_s(point: PlannedPoint, positions: tuple[str, ...], b: Briefing) -> Iterator[float]:
    """What a test point measures, waits and counts, without the settling of its loads (s)."""
    plan, rules = b.checked.plan, b.checked.rules
    meters = [b.checked.meters[p] for p in positions]
    match point.item:
        case Item.NO_LOAD:
            yield 2 * _proof_s(meters, b)
            yield max(no_load_test(rules, meter).duration_s for meter in meters)
        case Item.STARTING:
            tests = [starting_test(rules, meter) for meter in meters]
            yield 2 * _proof_s(meters, b)
            # The load meets a meter somewhere between two pulses.
            yield max((test.pulses - 0.5) * test.pulse_period_s for test in tests)
        case Item.BASIC_ERROR:
            yield plan.repeats * _run_s(point, positions, b.planned, meters)
        case Item.REPEATABILITY:
            yield plan.repeatability_runs * _run_s(point, positions, b.planned, meters)
        case Item.POWER_TIME:
            yield _run_s(point, positions, b.planned, meters)
        case Item.METER_CONSTANT:
            energy_Wh = energy_to_pass_Wh(b, point, positions)
            yield energy_Wh / _load(point).compared_power * SECONDS_PER_HOUR
        case Item.WARM_UP:
            yield plan.warm_up_s
        case Item.CLOCK if rules.clock is not None:
            yield rules.clock.warm_up_s if plan.clock_warm_up_s is None else plan.clock_warm_up_s
            yield rules.clock.windows * rules.clock.window_s
        case Item.VISUAL | Item.CLOCK | Item.TARIFF_SUM:
            pass
        case _:
            assert_never(point.item)


def _run_s(
    point: PlannedPoint, positions: tuple[str, ...], windows: Forecast, meters: list[MeterUnderTest]
) -> float:
    """The longest window, which begins with a pulse that has to be waited for."""
    power_W = _load(point).compared_power
    first_s = max(nominal_time_s(1, m.constant_at_terminals_imp_per_kWh, power_W) for m in meters)
    return max(windows[point.index][p].duration_s for p in positions) + first_s


def _proof_s(meters: list[MeterUnderTest], b: Briefing) -> float:
    load = parse_load_point(rated_load(b.checked.meters), meters[0])
    constants = [m.constant_at_terminals_imp_per_kWh for m in meters]
    return max(nominal_time_s(PULSES_OF_A_PROOF, c, load.compared_power) for c in constants)


def _load(point: PlannedPoint) -> LoadPoint:
    assert point.load_point is not None
    return point.load_point
