"""What keeps a run from being official: everything at once, so that a lab sees the whole list and not its first line.

None of it stops the measurement; it then runs as informative, and everything that shows it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from bench.config import Config
from bench.items import COMPARING
from bench.plan import CheckedPlan
from calibration.equipment import ReferenceCard
from calibration.quantities import Finding
from calibration.reasons import Reason


class Line(Protocol):
    """Of a pulse input, or of its configuration alone, what counts here."""

    @property
    def is_metrological(self) -> bool: ...


def why_not_official(
    checked: CheckedPlan,
    config: Config,
    inputs: Mapping[str, Line],
    expired_on: str | None,
    *,
    is_approved: bool,
) -> tuple[Finding, ...]:
    """Empty where nothing does. is_approved: a named person has approved the rule set as it is now."""
    card = config.reference.card.as_card()
    found = [
        *_of_rules(checked, is_approved),
        *_of_reference(checked, card, expired_on),
        *_of_conditions(checked),
    ]
    for name, pulse_input in inputs.items():
        if not pulse_input.is_metrological:
            found.append(Finding(Reason.INPUT_NOT_METROLOGICAL, {"line": name}))
    return tuple(found)


def _of_rules(checked: CheckedPlan, is_approved: bool) -> Iterator[Finding]:
    plan, rules = checked.plan, checked.rules
    if not is_approved:
        yield Finding(Reason.RULES_PROVISIONAL, {"name": rules.name})
    if not all(rules.judges(meter) for meter in checked.meters.values()):
        yield Finding(Reason.REACTIVE_UNSURE)
    if not plan.early_stop and plan.repeats < rules.repeats:
        yield Finding(Reason.TOO_FEW_REPEATS, {"repeats": str(plan.repeats), "needed": str(rules.repeats)})


def _of_reference(checked: CheckedPlan, card: ReferenceCard, expired_on: str | None) -> Iterator[Finding]:
    if expired_on is not None:
        yield Finding(Reason.CERTIFICATE_EXPIRED, {"day": expired_on})
    if not card.lag_known:
        yield Finding(Reason.LAG_UNKNOWN)
    rules = checked.rules
    for meter_class in dict.fromkeys(meter.accuracy_class for meter in checked.meters.values()):
        needed = rules.reference_class_pct(meter_class)
        if needed is not None and card.accuracy_class_pct > needed:
            ratio = needed_ratio(checked, meter_class) / card.accuracy_class_pct
            values = {
                "have": f"{card.accuracy_class_pct:g}",
                "needed": f"{needed:g}",
                "meter_class": meter_class,
                "ratio": f"{ratio:.1f}",
            }
            yield Finding(Reason.REFERENCE_TOO_WEAK, values)
    part = rules.largest_uncertainty_part
    for point in checked.points:
        if point.item not in COMPARING or point.load_point is None:
            continue
        if not card.covers(point.load_point):
            yield Finding(Reason.OUTSIDE_CERTIFICATE, {"load_point": point.load_point.name})
        if part is not None and point.mpe_pct:
            yield from _of_uncertainty(point.load_point.name, min(point.mpe_pct.values()), part, checked)


def needed_ratio(checked: CheckedPlan, meter_class: str) -> float:
    """The smallest limit (%) of the plan for this class."""
    limits = [
        limit
        for point in checked.points
        for position, limit in point.mpe_pct.items()
        if checked.meters[position].accuracy_class == meter_class
    ]
    return min(limits, default=float("nan"))


def _of_uncertainty(load_point: str, mpe_pct: float, part: float, checked: CheckedPlan) -> Iterator[Finding]:
    """A plan that wants less than the rule set demands would let too large a U pass."""
    wanted_pct = checked.plan.wanted_uncertainty * mpe_pct
    if wanted_pct > part * mpe_pct:
        values = {
            "load_point": load_point,
            "U": f"{wanted_pct:.3g}",
            "limit": f"{mpe_pct:g}",
            "ratio": f"{mpe_pct / wanted_pct:.1f}",
            "needed": f"{part * mpe_pct:.3g}",
        }
        yield Finding(Reason.UNCERTAINTY_PART_TOO_LARGE, values)


def _of_conditions(checked: CheckedPlan) -> Iterator[Finding]:
    conditions, plan = checked.rules.conditions, checked.plan
    if conditions is None:
        return
    have = plan.ambient_temperature_C
    low_C, high_C = conditions.temperature_C
    wanted = f"{low_C:g} … {high_C:g} °C"
    if have is None:
        yield Finding(Reason.CONDITIONS_UNKNOWN, {"wanted": wanted})
    elif not low_C <= have <= high_C:
        yield Finding(Reason.CONDITIONS_UNMET, {"have": f"{have:g} °C", "wanted": wanted})
