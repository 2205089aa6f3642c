"""The plan of a verification: which meters, which load points, by which rule, how well.

A plan is data for the runner, written by hand (later: by the office). Everything that can be wrong with it
is said before a load is applied, in one line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.errors import OperatorError
from bench.toml_reader import load_toml, parse_toml, read_table, setting
from calibration.load_points import LoadPoint
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.quantities import FALLING, RISING
from calibration.rules import RuleSet, load_rule_set, parse_load_point


@dataclass(frozen=True)
class MeterSection:
    """One [[meter]] of the plan: a nameplate, and the position the meter hangs at."""

    position: str = setting("name of the position it is mounted at")
    serial: str = setting("its serial number")
    accuracy_class: str = setting("its accuracy class, such as 1 or 0.5S")
    meter_constant_imp_per_kWh: float = setting("its constant", above=0)
    nominal_voltage_V: float = setting("its nominal voltage (phase voltage; 3p3w: line voltage)", above=0)
    basic_current_A: float = setting("its basic current (direct) or rated current (ct)", above=0)
    maximum_current_A: float = setting("its maximum current", above=0)
    connection: Connection = field(default=Connection.DIRECT, metadata={"doc": "direct or ct"})
    wiring: Wiring = field(default=Wiring.SINGLE_PHASE, metadata={"doc": "1p2w, 3p3w or 3p4w"})
    meter_type: str = setting("its type, for the record", "")
    test_output_edge: str = setting("which edge is the pulse", "rising", choices=("rising", "falling"))

    def as_meter(self) -> MeterUnderTest:
        nameplate = dataclasses.asdict(self)
        del nameplate["position"]
        nameplate["test_output_edge"] = RISING if self.test_output_edge == "rising" else FALLING
        return MeterUnderTest(**nameplate)


@dataclass(frozen=True)
class Plan:
    meter: tuple[MeterSection, ...] = setting("the meters, one [[meter]] table each")
    load_points: tuple[str, ...] = setting(
        "load points as the rule set writes them, such as 'Ib 0.5L' or '0.1Ib 1.0' (current, power factor)"
    )
    title: str = setting("title for people", "")
    rule_set: str = setting("name of the rule set", "jjg596-2012")
    decision_rule: str = setting("decision rule, chosen before the run", "simple", choices=("simple",))
    wanted_uncertainty: float = setting("wanted U as a part of the limit", 0.2, above=0, high=1)
    minimum_time_s: float = setting("shortest window", 30.0, low=1, high=86_400)
    minimum_pulses: int = setting("fewest pulse intervals of a window", 10, low=1)
    longest_time_s: float = setting("longest window", 600.0, low=1, high=86_400)
    stability_pct: float = setting("how far the load may move during a window", 2.0, above=0, high=50)
    repeats_of_invalid: int = setting("how often an invalid window is repeated", 1, low=0, high=5)


@dataclass(frozen=True)
class PlannedPoint:
    """A load point of a checked plan, with its limit for each position."""

    index: int
    load_point: LoadPoint
    mpe_pct: dict[str, float]


@dataclass(frozen=True)
class CheckedPlan:
    """A plan that can be run: everything it names exists."""

    plan: Plan
    source: str
    rules: RuleSet
    meters: dict[str, MeterUnderTest]
    points: tuple[PlannedPoint, ...]


def load_plan(path: Path, positions: Iterable[str]) -> CheckedPlan:
    table = load_toml(path)
    return check_plan(read_table(Plan, table, str(path)), path.read_text("utf-8"), positions, str(path))


def parse_plan(text: str, positions: Iterable[str], where: str = "plan") -> CheckedPlan:
    return check_plan(read_table(Plan, parse_toml(text, where), where), text, positions, where)


def check_plan(plan: Plan, source: str, positions: Iterable[str], where: str) -> CheckedPlan:
    """Everything that no single field can tell. Errors: OperatorError, one line, says what to do."""
    known = list(positions)
    if not plan.meter:
        raise OperatorError(f"{where}: there is no [[meter]]; add one for each meter to test")
    if not plan.load_points:
        raise OperatorError(f"{where}: load_points is empty; give at least one, such as 'Ib 1.0'")
    if plan.longest_time_s < plan.minimum_time_s:
        raise OperatorError(f"{where}: longest_time_s is below minimum_time_s; raise it")
    meters: dict[str, MeterUnderTest] = {}
    for section in plan.meter:
        if section.position not in known:
            raise OperatorError(
                f"{where}: position {section.position!r} is not configured; known are {', '.join(known)}"
            )
        if section.position in meters:
            raise OperatorError(f"{where}: two meters at position {section.position!r}; use another position")
        if section.maximum_current_A < section.basic_current_A:
            raise OperatorError(
                f"{where}: meter {section.serial}: maximum_current_A is below basic_current_A"
            )
        meters[section.position] = section.as_meter()
    _check_one_load_fits_all(meters, where)
    try:
        rules = load_rule_set(plan.rule_set)
    except ValueError as error:
        raise OperatorError(f"{where}: {error}") from error
    points = tuple(_point(i, name, meters, rules, where) for i, name in enumerate(plan.load_points))
    return CheckedPlan(plan, source, rules, meters, points)


def _check_one_load_fits_all(meters: dict[str, MeterUnderTest], where: str) -> None:
    """All positions carry the same voltage and current, so `Imax` must mean one thing."""

    def loads(m: MeterUnderTest) -> tuple[float, float, float, Wiring]:
        return m.nominal_voltage_V, m.basic_current_A, m.maximum_current_A, m.wiring

    first, *others = meters.values()
    for other in others:
        if loads(other) != loads(first):
            raise OperatorError(
                f"{where}: meters {first.serial} and {other.serial} differ in voltage, currents or wiring; "
                "test them in separate runs"
            )


def _point(
    index: int, name: str, meters: dict[str, MeterUnderTest], rules: RuleSet, where: str
) -> PlannedPoint:
    limits: dict[str, float] = {}
    try:
        load_point = parse_load_point(name, next(iter(meters.values())))
        found = {position: rules.limit_at(load_point, meter) for position, meter in meters.items()}
    except ValueError as error:
        raise OperatorError(f"{where}: load point {name!r}: {error}") from error
    for position, limit in found.items():
        if limit is None:
            meter = meters[position]
            usual = ", ".join(rules.load_points(meter.accuracy_class, meter.connection))
            raise OperatorError(
                f"{where}: {rules.name} states no limit for class {meter.accuracy_class} at {name!r}; "
                f"its load points are {usual}"
            )
        limits[position] = limit.mpe_pct
    return PlannedPoint(index, load_point, limits)
