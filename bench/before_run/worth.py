"""What keeps a run from being official: everything at once, so that a lab sees the whole list and not its first line.

None of it stops the measurement; it then runs as informative, and everything that shows it says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.plan import CheckedPlan
from bench.words import item_names
from calibration.conformity import DecisionRule
from calibration.load_points import LoadPoint, parse_load_point
from calibration.quantities import Finding, Kind
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard

_UNPROVEN_DRIVERS = ("gpiozero", "file")
"""Pulse inputs that cannot prove that no pulse was lost."""


class Line(Protocol):
    """Of a pulse input, or of its configuration alone, what counts here."""

    @property
    def is_metrological(self) -> bool: ...


@dataclass(frozen=True)
class _DeclaredLine:
    """A pulse line by its configuration alone."""

    is_metrological: bool


def declared_lines(config: Config) -> dict[str, Line]:
    """The pulse lines of a bench whose devices are not open."""
    return {name: _DeclaredLine(line.driver not in _UNPROVEN_DRIVERS) for name, line in config.lines.items()}


def most_of(config: Config, inputs: Mapping[str, Line]) -> Kind:
    """The most that a result from these devices can be."""
    if "sim" in config.drivers:
        return Kind.SIMULATED
    return Kind.OFFICIAL if all(i.is_metrological for i in inputs.values()) else Kind.INFORMATIVE


def kind_of(most: Kind, because: tuple[Finding, ...]) -> Kind:
    """What a run is worth. most: by its devices; because: what keeps it from being official."""
    return Kind.INFORMATIVE if most is Kind.OFFICIAL and because else most


def expired_on(config: Config, today: str) -> str | None:
    """Last day of the reference's certificate where that is past. today: YYYY-MM-DD."""
    valid_until = config.reference.card.valid_until
    return valid_until if valid_until and valid_until < today else None  # ISO dates sort as text


def why_not_official(
    checked: CheckedPlan,
    config: Config,
    inputs: Mapping[str, Line],
    today: str,
    *,
    registered: Iterable[Finding],
) -> tuple[Finding, ...]:
    """Empty where nothing does. registered: what the registry says against it (`bench.registry.standing`)."""
    card = config.reference.card.as_card()
    found = [
        *registered,
        *_of_rules(checked),
        *_of_what_is_left_out(checked),
        *_of_reference(checked, card, None if config.reference.card_id else expired_on(config, today)),
        *_of_uncertainty(checked),
        *_of_conditions(checked, config),
    ]
    for name, pulse_input in inputs.items():
        if not pulse_input.is_metrological:
            found.append(Finding(Reason.INPUT_NOT_METROLOGICAL, {"line": name}))
    return tuple(found)


def _of_rules(checked: CheckedPlan) -> Iterator[Finding]:
    plan, rules = checked.plan, checked.rules
    if not all(rules.judges(meter) for meter in checked.meters.values()):
        yield Finding(Reason.REACTIVE_UNSURE)
    if not plan.early_stop and plan.repeats < rules.repeats:
        yield Finding(Reason.TOO_FEW_REPEATS, {"repeats": str(plan.repeats), "needed": str(rules.repeats)})
    if rules.judges_rounded and plan.decision_rule != DecisionRule.REGULATION:
        yield Finding(
            Reason.OTHER_DECISION_RULE,
            {"decision_rule": plan.decision_rule, "needed": DecisionRule.REGULATION.value},
        )


def _of_what_is_left_out(checked: CheckedPlan) -> Iterator[Finding]:
    """A verification is whole: what the rule set asks and the plan has not, is named."""
    planned = {point.item for point in checked.points}
    missing = [item for item in checked.rules.items if Item(item) not in planned]
    if missing:
        yield Finding(Reason.ITEMS_LEFT_OUT, item_names(missing))
    if Item.BASIC_ERROR in planned and (names := _missing_load_points(checked)):
        yield Finding(Reason.LOAD_POINTS_LEFT_OUT, {"load_points": ", ".join(names)})


def _missing_load_points(checked: CheckedPlan) -> tuple[str, ...]:
    """Load points that the rule set asks of a meter and the plan does not measure at it, however they are written.

    Errors: OperatorError where the rule set asks for a current that the plan does not give the nameplate.
    """
    missing: dict[str, None] = {}
    for position, meter in checked.meters.items():
        planned = {
            _load(point.load_point)
            for point in checked.points
            if point.item is Item.BASIC_ERROR and position in point.positions and point.load_point is not None
        }
        try:
            names = checked.rules.load_points_for(meter)
        except ValueError as error:
            raise OperatorError(f"meter {meter.serial}: {error}") from error
        missing |= {n: None for n in names if _load(parse_load_point(n, meter)) not in planned}
    return tuple(missing)


def _load(load_point: LoadPoint) -> LoadPoint:
    """Without its name: 10Itr may be Ib."""
    return dataclasses.replace(load_point, name="")


def _of_reference(checked: CheckedPlan, card: ReferenceCard, expired_on: str | None) -> Iterator[Finding]:
    if expired_on is not None:
        yield Finding(Reason.CERTIFICATE_EXPIRED, {"day": expired_on})
    if not card.lag_known:
        yield Finding(Reason.LAG_UNKNOWN)
    for meter_class in dict.fromkeys(meter.accuracy_class for meter in checked.meters.values()):
        yield from _of_reference_class(checked, card, meter_class)
    for point in checked.points:
        if point.item.facts.compares and point.load_point is not None and not card.covers(point.load_point):
            yield Finding(Reason.OUTSIDE_CERTIFICATE, {"load_point": point.load_point.name})


def _of_reference_class(checked: CheckedPlan, card: ReferenceCard, meter_class: str) -> Iterator[Finding]:
    rules = checked.rules
    bound, limit_pct = rules.reference_bound(meter_class), rules.smallest_limit_pct(meter_class)
    if bound is None or limit_pct is None or card.accuracy_class_pct <= bound.class_pct:
        return
    values = {
        "have": f"{card.accuracy_class_pct:g}",
        "needed": f"{bound.class_pct:g}",
        "meter_class": meter_class,
        "ratio": f"{limit_pct / card.accuracy_class_pct:.1f}",
    }
    yield Finding(Reason.REFERENCE_TOO_WEAK_BY_OURS if bound.is_ours else Reason.REFERENCE_TOO_WEAK, values)


def _of_uncertainty(checked: CheckedPlan) -> Iterator[Finding]:
    """A plan that lets U be a larger part of the limit than may be."""
    have = checked.plan.wanted_uncertainty
    for meter in checked.meters.values():
        bound = checked.rules.reference_bound(meter.accuracy_class)
        if bound is None or have <= bound.uncertainty_part:
            continue
        values = {
            "have": f"{have:g}",
            "ratio": f"{1.0 / have:.1f}",
            "needed": f"{bound.wanted_uncertainty:g}",
            "needed_ratio": f"{1.0 / bound.uncertainty_part:.1f}",
        }
        yield Finding(
            Reason.UNCERTAINTY_PART_TOO_LARGE_BY_OURS if bound.is_ours else Reason.UNCERTAINTY_PART_TOO_LARGE,
            values,
        )
        return


def _of_conditions(checked: CheckedPlan, config: Config) -> Iterator[Finding]:
    """By what was typed; what a sensor reads is told with the run (`bench.measurement.environment`)."""
    conditions, plan = checked.rules.conditions, checked.plan
    if conditions is None or config.environment.driver != "typed":
        return
    have = plan.ambient_temperature_C
    low_C, high_C = conditions.temperature_C
    wanted = f"{low_C:g} … {high_C:g} °C"
    if have is None:
        yield Finding(Reason.CONDITIONS_UNKNOWN, {"wanted": wanted})
    elif not low_C <= have <= high_C:
        yield Finding(Reason.CONDITIONS_UNMET, {"have": f"{have:g} °C", "wanted": wanted})
