"""The plan of a verification: which meters, which items, which load points, by which rules, how well.

A plan is data for the runner: generated for a meter (`plan_making.py`), edited by hand, checked here. Everything that
can be wrong with it is said before a load is applied, in one line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.errors import OperatorError
from bench.items import Item
from bench.plans.points import PlannedPoint, points_of
from bench.toml_reader import load_toml, parse_toml, read_table, setting
from calibration.conformity import DecisionRule
from calibration.evaluation import LEAST_INTERVALS
from calibration.load_points import IB_OVER_ITR
from calibration.nameplate import Connection, Direction, MeterUnderTest, Quantity, Wiring
from calibration.quantities import FALLING, RISING
from calibration.rule_files import read_rule_set, rule_set_text
from calibration.rules import RuleSet

_VOLTAGE_V: dict[str, Any] = {"low": 1e-3, "high": 1e6, "unit": "V"}
_CURRENT_A: dict[str, Any] = {"low": 1e-6, "high": 1e6, "unit": "A"}
_RATIO: dict[str, Any] = {"low": 1e-3, "high": 1e6}
"""No nameplate is beyond these; a figure that is was mistyped, and no product of them overflows."""


@dataclass(frozen=True)
class MeterSection:
    """One [[meter]] of the plan: a nameplate, and the position the meter hangs at."""

    position: str = setting("name of the position it is mounted at")
    serial: str = setting("its serial number")
    accuracy_class: str = setting("its accuracy class, such as 1, 0.5S or B")
    meter_constant_imp_per_kWh: float = setting(
        "its constant (imp/kWh, or imp/kvarh)", low=1e-3, high=1e9, unit="imp/kWh"
    )
    nominal_voltage_V: float = setting(
        "its nominal voltage (phase voltage; 3p3w: line voltage)", **_VOLTAGE_V
    )
    maximum_current_A: float = setting("its maximum current", **_CURRENT_A)
    basic_current_A: float | None = setting(
        "its basic current (direct) or rated current (ct); not needed with transitional_current_A",
        None,
        **_CURRENT_A,
    )
    transitional_current_A: float | None = setting("I_tr, where the nameplate has it", None, **_CURRENT_A)
    minimum_current_A: float | None = setting("I_min, where the nameplate has it", None, **_CURRENT_A)
    starting_current_A: float | None = setting("I_st, where the nameplate has it", None, **_CURRENT_A)
    connection: Connection = field(default=Connection.DIRECT, metadata={"doc": "direct or ct"})
    wiring: Wiring = field(default=Wiring.SINGLE_PHASE, metadata={"doc": "1p2w, 3p3w or 3p4w"})
    quantity: Quantity = field(
        default=Quantity.ACTIVE, metadata={"doc": "active, or reactive (informative: its rules are unsure)"}
    )
    direction: Direction = field(
        default=Direction.IMPORT,
        metadata={
            "doc": "import, or export: the energy that the meter feeds back, counted by its test output"
        },
    )
    ct_ratio: float = setting("ratio of the current transformers on its nameplate", 1.0, **_RATIO)
    vt_ratio: float = setting("ratio of the voltage transformers on its nameplate", 1.0, **_RATIO)
    constant_is_primary: bool = setting("whether its constant counts the primary side", False)
    register_decimals: int | None = setting(
        "decimals of its energy register; without them meter_constant is refused", None, low=0, high=6
    )
    meter_type: str = setting("its type, for the record", "")
    address: str = setting(
        "what its communication port tells as its address, where that is not its serial number", ""
    )
    test_output_edge: str = setting("which edge is the pulse", "rising", choices=("rising", "falling"))

    def as_meter(self) -> MeterUnderTest:
        nameplate = dataclasses.asdict(self)
        del nameplate["position"], nameplate["address"]
        nameplate["test_output_edge"] = RISING if self.test_output_edge == "rising" else FALLING
        if self.basic_current_A is None and self.transitional_current_A is not None:
            nameplate["basic_current_A"] = float(IB_OVER_ITR[self.connection]) * self.transitional_current_A
        return MeterUnderTest(**nameplate)


@dataclass(frozen=True)
class Plan:
    meter: tuple[MeterSection, ...] = setting("the meters, one [[meter]] table each")
    tests: tuple[str, ...] = setting(
        f"items in their order: {', '.join(Item)}",
        (Item.BASIC_ERROR.value,),
    )
    load_points: tuple[str, ...] = setting(
        "load points of basic_error as the rule set writes them, such as 'Ib 0.5L' or '0.1Ib 1.0 A' (current, power "
        "factor, the only loaded phase)",
        (),
    )
    title: str = setting("title for people", "")
    rule_set: str = setting("name of the rule set", "jjg596-2012")
    decision_rule: str = setting(
        "decision rule, chosen before the run", "simple", choices=tuple(rule.value for rule in DecisionRule)
    )
    repeats: int = setting("runs at each load point of basic_error, whose mean is judged", 1, low=1, high=20)
    remeasure: bool = setting("whether a mean near the limit gets the rule set's further runs", True)
    early_stop: bool = setting(
        "sequential rule: look at declared times, stop as soon as the error is decided (risk 2.275 % a side)",
        False,
    )
    wanted_uncertainty: float = setting("wanted U of a run as a part of the limit", 0.2, above=0, high=1)
    minimum_time_s: float = setting("shortest window", 30.0, low=1, high=86_400)
    minimum_pulses: int = setting("fewest pulse intervals of a window", 10, low=LEAST_INTERVALS)
    longest_time_s: float = setting("longest window", 600.0, low=1, high=86_400)
    stability_pct: float = setting("how far the load may move during a window", 2.0, above=0, high=50)
    repeats_of_invalid: int = setting("how often an invalid test is repeated", 1, low=0, high=5)
    warm_up_s: float = setting("warm-up: how long the load is held", 300.0, low=0, high=86_400)
    clock_warm_up_s: float | None = setting(
        "voltage before the clock test; without it as the rule set says", None, low=0, high=86_400
    )
    repeatability_load_point: str = setting(
        "load point of repeatability and power_time; empty: Ib (In) 1.0", ""
    )
    repeatability_runs: int = setting("runs of repeatability", 10, low=3, high=50)
    ambient_temperature_C: float | None = setting("temperature at the bench", None, low=-40, high=80)
    relative_humidity_pct: float | None = setting("relative humidity at the bench", None, low=0, high=100)


@dataclass(frozen=True)
class CheckedPlan:
    """A plan that can be run: everything it names exists. rules_text: the rule set's file as it was read."""

    plan: Plan
    source: str
    rules: RuleSet
    rules_text: str
    meters: dict[str, MeterUnderTest]
    points: tuple[PlannedPoint, ...]


def load_plan(path: Path, positions: Iterable[str]) -> CheckedPlan:
    table = load_toml(path)
    return check_plan(read_table(Plan, table, str(path)), path.read_text("utf-8"), positions, str(path))


def parse_plan(
    text: str, positions: Iterable[str], where: str = "plan", rules_text: str | None = None
) -> CheckedPlan:
    """rules_text: a rule set's file that stands in for the shipped one (that of a record)."""
    plan = read_table(Plan, parse_toml(text, where), where)
    return check_plan(plan, text, positions, where, rules_text)


def check_plan(
    plan: Plan, source: str, positions: Iterable[str], where: str, rules_text: str | None = None
) -> CheckedPlan:
    """Everything that no single field can tell. Errors: OperatorError, one line, says what to do."""
    known = list(positions)
    if not plan.meter:
        raise OperatorError(f"{where}: there is no [[meter]]; add one for each meter to test")
    if plan.longest_time_s < plan.minimum_time_s:
        raise OperatorError(f"{where}: longest_time_s is below minimum_time_s; raise it")
    items = tuple(_item(name, where) for name in plan.tests)
    if not items:
        raise OperatorError(f"{where}: tests is empty; give at least basic_error")
    if len(set(items)) != len(items):
        raise OperatorError(f"{where}: an item is named twice in tests; name each once")
    if plan.early_stop and plan.repeats > 1:
        raise OperatorError(f"{where}: early_stop decides by one run; set repeats = 1 or early_stop = false")
    meters: dict[str, MeterUnderTest] = {}
    for section in plan.meter:
        if section.position not in known:
            raise OperatorError(
                f"{where}: position {section.position!r} is not configured; known are {', '.join(known)}"
            )
        if section.position in meters:
            raise OperatorError(f"{where}: two meters at position {section.position!r}; use another position")
        meters[section.position] = checked_meter(section, where)
    _check_one_load_fits_all(meters, where)
    try:
        if rules_text is None:
            rules_text = rule_set_text(plan.rule_set)
        rules = read_rule_set(rules_text.encode(), plan.rule_set)
        _check_judged(plan, meters, rules)
        points = points_of(plan, items, meters, rules)
    except ValueError as error:
        raise OperatorError(f"{where}: {error}") from error
    return CheckedPlan(plan, source, rules, rules_text, meters, points)


def _item(name: str, where: str) -> Item:
    try:
        return Item(name)
    except ValueError as error:
        known = ", ".join(item.value for item in Item)
        raise OperatorError(f"{where}: there is no test {name!r}; known are {known}") from error


def checked_meter(section: MeterSection, where: str) -> MeterUnderTest:
    """Errors: OperatorError where the nameplate contradicts itself."""
    if section.basic_current_A is None and section.transitional_current_A is None:
        raise OperatorError(
            f"{where}: meter {section.serial}: give basic_current_A (or transitional_current_A) from its nameplate"
        )
    _check_order_of_currents(section, f"{where}: meter {section.serial}")
    return section.as_meter()


def _check_order_of_currents(section: MeterSection, where: str) -> None:
    """I_st < I_min <= I_tr <= I_b (I_n) <= I_max, of those that the nameplate has."""
    names = ("starting_current_A", "minimum_current_A", "transitional_current_A", "basic_current_A",
             "maximum_current_A")  # fmt: skip
    given = [(name, value) for name in names if (value := getattr(section, name)) is not None]
    for (low_name, low), (high_name, high) in pairwise(given):
        if low > high or (low == high and low_name == names[0]):
            raise OperatorError(
                f"{where}: {high_name} is {'not above' if low == high else 'below'} {low_name} "
                f"({high:g} A, {low:g} A); a nameplate has Ist < Imin <= Itr <= Ib (In) <= Imax"
            )


def _check_judged(plan: Plan, meters: dict[str, MeterUnderTest], rules: RuleSet) -> None:
    """Errors: ValueError where the rule set knows a meter's class not at all, or not as the decision rule needs."""
    for meter in meters.values():
        rules.require_class(meter.accuracy_class)
        is_rounded = rules.judged_step_pct(meter.accuracy_class) is not None
        if plan.decision_rule == DecisionRule.REGULATION and not is_rounded:
            raise ValueError(
                f"the decision rule regulation judges a rounded error, and {rules.name} judges none for class "
                f"{meter.accuracy_class}; choose simple, guarded or four-way"
            )


def _check_one_load_fits_all(meters: dict[str, MeterUnderTest], where: str) -> None:
    """All positions carry the same voltage and current, so `Imax` must mean one thing."""

    def loads(m: MeterUnderTest) -> tuple[object, ...]:
        return (
            m.nominal_voltage_V, m.basic_current_A, m.maximum_current_A, m.minimum_current_A,
            m.transitional_current_A, m.wiring, m.connection, m.quantity,
            m.direction,
        )  # fmt: skip

    first, *others = meters.values()
    for other in others:
        if loads(other) != loads(first):
            raise OperatorError(
                f"{where}: meters {first.serial} and {other.serial} differ in voltage, currents, wiring, "
                "connection, quantity or direction; test them in separate runs"
            )
