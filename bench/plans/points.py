"""From the items of a plan to its test points: each item at the loads that it needs, in the order of the plan.

All meters of a run carry one load, but meters of different classes may have different starting currents, and a rule
set may ask a load point of some classes only. So a test point names the positions that it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from bench.items import Item
from calibration.load_points import LoadPoint, parse_load_point
from calibration.nameplate import Connection, MeterUnderTest
from calibration.no_load import no_load_point, no_load_test
from calibration.rules import RuleSet
from calibration.starting import starting_point, starting_test


@dataclass(frozen=True)
class PlannedPoint:
    """One test point. load_point: its load, None where the item needs none; mpe_pct: the limits (+-, %) of the
    positions where the rule set states one."""

    index: int
    item: Item
    load_point: LoadPoint | None
    positions: tuple[str, ...]
    mpe_pct: dict[str, float] = field(default_factory=dict)

    def wanted_uncertainty_pct(self, position: str, part: float) -> float:
        """U (%) that a run should have: so much of the limit, and of 1 % where there is none."""
        return part * self.mpe_pct.get(position, 1.0)


class Wishes(Protocol):
    """Of a plan what its test points depend on."""

    @property
    def load_points(self) -> tuple[str, ...]: ...
    @property
    def repeatability_load_point(self) -> str: ...


def points_of(
    plan: Wishes, items: Sequence[Item], meters: Mapping[str, MeterUnderTest], rules: RuleSet
) -> tuple[PlannedPoint, ...]:
    """Errors: ValueError, one line, where the rule set or a meter cannot have such a point."""
    made = [made for item in items for made in _of_item(item, plan, meters, rules)]
    return tuple(
        PlannedPoint(index, item, load_point, positions, limits)
        for index, (item, load_point, positions, limits) in enumerate(made)
    )


_Made = tuple[Item, LoadPoint | None, tuple[str, ...], dict[str, float]]


def _of_item(
    item: Item, plan: Wishes, meters: Mapping[str, MeterUnderTest], rules: RuleSet
) -> Iterator[_Made]:
    everywhere = tuple(meters)
    match item:
        case Item.VISUAL:
            yield item, None, everywhere, {}
        case Item.BASIC_ERROR:
            yield from _basic_error(plan, meters, rules)
        case Item.NO_LOAD | Item.STARTING:
            make, test = (
                (no_load_point, no_load_test) if item is Item.NO_LOAD else (starting_point, starting_test)
            )
            for meter in meters.values():
                test(rules, meter)  # said now where the rule set has none, and not after the load
            loads = {position: make(meter, rules) for position, meter in meters.items()}
            for load_point in dict.fromkeys(loads.values()):
                yield item, load_point, tuple(p for p in meters if loads[p] == load_point), {}
        case Item.METER_CONSTANT:
            yield _one_load(item, "Imax 1.0", meters, rules)
        case Item.CLOCK | Item.TARIFF_SUM:
            yield item, voltage_alone(meters), everywhere, {}
        case Item.WARM_UP:
            yield _one_load(item, rated_load(meters), meters, rules)
        case Item.REPEATABILITY | Item.POWER_TIME:
            yield _one_load(item, plan.repeatability_load_point or rated_load(meters), meters, rules)
        case _:
            assert_never(item)


def _basic_error(plan: Wishes, meters: Mapping[str, MeterUnderTest], rules: RuleSet) -> Iterator[_Made]:
    names = plan.load_points or tuple(
        dict.fromkeys(name for meter in meters.values() for name in rules.load_points_for(meter))
    )
    if not names:
        raise ValueError(f"{rules.name} names no load points; give load_points, such as 'Ib 1.0'")
    for name in names:
        item, load_point, positions, limits = _one_load(Item.BASIC_ERROR, name, meters, rules)
        is_judged = rules.judges(next(iter(meters.values())))
        judged = tuple(limits) or (() if is_judged else positions)
        if not judged or (plan.load_points and len(judged) < len(positions)):
            missing = meters[next(p for p in positions if p not in judged)]
            usual = ", ".join(rules.load_points_for(missing))
            raise ValueError(
                f"load point {name!r}: {rules.name} states no limit for class {missing.accuracy_class}; "
                f"its load points are {usual}"
            )
        yield item, load_point, judged, limits


def _one_load(item: Item, name: str, meters: Mapping[str, MeterUnderTest], rules: RuleSet) -> _Made:
    try:
        load_point = parse_load_point(name, next(iter(meters.values())))
    except ValueError as error:
        raise ValueError(f"load point {name!r}: {error}") from error
    limits = {}
    for position, meter in meters.items():
        if rules.judges(meter) and (limit := rules.limit_at(load_point, meter)) is not None:
            limits[position] = limit.mpe_pct
    return item, load_point, tuple(meters), limits


def rated_load(meters: Mapping[str, MeterUnderTest]) -> str:
    """`Ib 1.0`, or `In 1.0` of a transformer operated meter."""
    meter = next(iter(meters.values()))
    return "In 1.0" if meter.connection is Connection.CT else "Ib 1.0"


def rated_load_point(meters: Mapping[str, MeterUnderTest]) -> LoadPoint:
    """The same as a load, at which a meter must count."""
    return parse_load_point(rated_load(meters), next(iter(meters.values())))


def voltage_alone(meters: Mapping[str, MeterUnderTest]) -> LoadPoint:
    """Nominal voltage and no current."""
    meter = next(iter(meters.values()))
    return LoadPoint(
        "Un", meter.nominal_voltage_V, 0.0, 1.0,
        wiring=meter.wiring, quantity=meter.quantity, direction=meter.direction,
    )  # fmt: skip
